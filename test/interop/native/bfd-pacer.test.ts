import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { micros, NEVER } from "../../../src/core/base/time.js";
import { addon } from "../../../src/linux/native/addon.js";
import { type BfdPacer, bfdPacerAddon } from "../../../src/linux/native/bfd-pacer.js";
import type { BfdParts } from "../../support/bfd-packets.js";
import { isRoot, Lab, run } from "../../support/lab.js";
import { inside, ipIn, twoHosts } from "../../support/namespace.js";
import { block, End, ip, MIRROR, PATIENT, until } from "./bfd-end.js";

describe.runIf(isRoot)("the BFD pacer", () => {
  let lab: Lab;
  let near: string;
  let far: string;
  let ours: End;
  let theirs: End;

  beforeAll(async () => {
    lab = new Lab();
    ({ near, far } = await twoHosts(lab));
  });
  afterAll(() => lab?.close());
  beforeEach(() => {
    ours = new End(near, "10.8.0.1");
    theirs = new End(far, "10.8.0.2");
  });
  afterEach(() => {
    ours.sockets.end();
    theirs.sockets.end();
  });

  test.for([
    ["IPv4", "10.8.0.1", "10.8.0.2"],
    ["IPv6", "fd08::1", "fd08::2"],
  ] as const)(
    "%s: what JavaScript sends goes out by its sockets, and what it may not decide comes in",
    async ([, here, there]) => {
      ours.listen(4784, here);
      theirs.listen(4784, there);
      theirs.listen(3784, there);
      ours.send(there, { state: "Down", myDiscriminator: 9 }, { source: here });
      ours.listen(3784, here);
      ours.send(there, { state: "Init", myDiscriminator: 9 }, { source: here, port: 3784, ttl: 3, to: 11 });
      await until(() => expect(theirs.heard).toHaveLength(2));
      const common = { source: here, destination: there, sourcePort: 50_001, from: 51, length: 24 };
      expect(theirs.heard.sort((a, b) => b.destinationPort - a.destinationPort)).toMatchObject([
        { ...common, destinationPort: 4784, ttl: 255, packet: { state: "Down", myDiscriminator: 9 } },
        { ...common, destinationPort: 3784, ttl: 3, packet: { state: "Init", myDiscriminator: 9 } },
      ]);
    },
  );

  test("without a source the kernel chooses", async () => {
    ours.listen();
    theirs.listen();
    ours.send("10.8.0.2", { state: "Down" }, { source: "0.0.0.0" });
    await until(() => expect(theirs.heard.map(({ source }) => source)).toEqual(["10.8.0.1"]));
  });

  test("a group is heard on the interface where it was joined", async () => {
    ours.listen(3784);
    theirs.listen(3784, "224.0.0.184", 51);
    ours.send("224.0.0.184", { state: "Down" }, { port: 3784, to: 11 });
    await until(() => expect(theirs.heard).toMatchObject([{ destination: "224.0.0.184", ttl: 255, from: 51 }]));
    theirs.listen(3784);
    theirs.sockets.close({ source: ip("224.0.0.184"), port: 3784, vrf: undefined, group: 51 });
    ours.send("224.0.0.184", { state: "Down" }, { port: 3784, to: 11 });
    ours.send("10.8.0.2", { state: "Init" }, { port: 3784 });
    await until(() => expect(theirs.heard.map(({ packet }) => packet.state)).toEqual(["Down", "Init"]));
  });

  test("a group that the kernel refuses to join is told, and tried again", async () => {
    const mostGroups = (most: number) =>
      run("ip", ["netns", "exec", far, "sysctl", "-qw", `net.ipv4.igmp_max_memberships=${most}`]);
    await mostGroups(0);
    try {
      theirs.listen(3784, "224.0.0.184", 51);
      expect(theirs.failures).toEqual(["BFD in 224.0.0.184: ENOBUFS"]);
      await mostGroups(20);
      theirs.sockets.retry();
      expect(theirs.failures.at(-1)).toBe("224.0.0.184 works");
    } finally {
      await mostGroups(20);
    }
  });

  test("sends what it was given, 75 to 100 percent of the interval apart", async () => {
    ours.listen();
    const capture = run("ip", [
      "netns",
      "exec",
      far,
      "timeout",
      "10",
      "tcpdump",
      "-n",
      "-tt",
      "-v",
      "-c",
      "200",
      "-i",
      "b1",
      "udp",
    ]);
    await vi.waitFor(
      async () =>
        expect((await run("ip", ["netns", "exec", far, "cat", "/proc/net/packet"])).split("\n").length).toBeGreaterThan(
          2,
        ),
      { timeout: 5_000, interval: 20 },
    );
    ours.pace("10.8.0.2", { detection: micros(20_000_000) });
    const text = await capture;
    expect(text.match(/tos 0xe0, ttl 255/g)?.length).toBe(200);
    expect(text.match(/10\.8\.0\.1\.50001 > 10\.8\.0\.2\.4784/g)?.length).toBe(200);
    const times = [...text.matchAll(/^(\d+\.\d+) IP/gm)].map(([, time]) => Number(time));
    const gaps = times.slice(1).map((time, n) => (time - (times[n] as number)) * 1_000);
    // What is late stays within what the machine was late; early is never right, but for the clock of the capture.
    expect(Math.min(...gaps)).toBeGreaterThan(7);
    const sorted = gaps.sort((a, b) => a - b);
    expect(sorted[Math.floor(gaps.length / 2)]).toBeLessThan(10);
    expect(new Set(gaps.map((gap) => Math.round(gap * 10))).size).toBeGreaterThan(8);
  });

  test("two ends keep each other up while JavaScript of both stands still, and tell it nothing that is not new", async () => {
    for (const [end, to, mirror] of [
      [ours, "10.8.0.2", undefined],
      [theirs, "10.8.0.1", MIRROR],
    ] as const) {
      end.listen();
      end.pace(to, { ...mirror?.steady, detection: micros(500_000) }, mirror?.parts);
    }
    await until(() => expect([ours.heard.length, theirs.heard.length]).toEqual([1, 1]));
    block(1_500);
    expect(ours.sockets.drain()).toBe(0);
    expect([ours.expired, theirs.expired, ours.heard.length]).toEqual([[], [], 1]);
    const counted = ours.sockets.counts(1);
    expect(counted?.received).toBeGreaterThan(100);
    expect(counted?.sent).toBeGreaterThan(100);
    expect(ours.sockets.counts(3)).toBeUndefined();
  });

  test("silence is reported once, with the number of the hand-over, and the sending stops with a Down", async () => {
    ours.listen();
    theirs.listen();
    const start = performance.now();
    ours.pace("10.8.0.2");
    await until(() => expect(ours.expired).toEqual([{ session: 1, handover: 7 }]));
    expect(performance.now() - start).toBeGreaterThan(29);
    const { sent } = ours.sockets.counts(1) ?? { sent: 0 };
    expect(sent).toBeGreaterThan(1);
    block(50);
    expect(ours.sockets.drain()).toBe(0);
    expect(ours.expired).toHaveLength(1);
    await until(() => expect(theirs.heard).toHaveLength(sent));
    expect(theirs.heard.map(({ packet }) => packet.state)).toEqual([...Array(sent - 1).fill("Up"), "Down"]);
    expect(theirs.heard.at(-1)?.packet).toMatchObject({ diagnostic: 1, yourDiscriminator: 0, desiredMinTx: 1_000_000 });
    expect(ours.sockets.release(1)).toMatchObject({ sent, received: 0 });
    expect(ours.sockets.release(1)).toBeUndefined();
  });

  test("a packet that differs keeps the session alive and is told once, a Poll or Final each time", async () => {
    ours.listen();
    theirs.listen();
    ours.pace("10.8.0.2", PATIENT);
    const say = (parts: Partial<BfdParts>) => theirs.send("10.8.0.1", { state: "Up", ...MIRROR.parts, ...parts });
    for (const parts of [
      {},
      {},
      { multiplier: 5 },
      { multiplier: 5 },
      { flags: "P" },
      { flags: "P" },
      { flags: "F" },
      {},
    ])
      say(parts);
    const told = () => ours.heard.map(({ packet }) => `${packet.multiplier}${packet.flags}`);
    await until(() => expect(told()).toEqual(["3", "5", "3P", "3P", "3F", "3"]));
    expect(ours.sockets.counts(1)?.received).toBe(2);
  });

  test.for([
    ["another state", { state: "Init" }, {}],
    ["Down", { state: "Down" }, {}],
    ["another discriminator of its own", { myDiscriminator: 3 }, {}],
    ["another version", { version: 2 }, {}],
    ["the A bit", { flags: "A" }, {}],
    ["the M bit", { flags: "M" }, {}],
    ["multiplier 0", { multiplier: 0 }, {}],
    ["another length", { length: 25 }, {}],
    ["a lower TTL", {}, { ttl: 254 }],
    ["another source", {}, { source: "10.8.0.3" }],
  ] as const)("a packet with %s is told and does not keep the session alive", async ([, parts, more]) => {
    await ipIn(far, "address", "replace", "10.8.0.3/24", "dev", "b1");
    ours.listen();
    theirs.listen();
    ours.pace("10.8.0.2", { detection: micros(400_000), leastTtl: 255, interface: 11 });
    const sending = setInterval(() => theirs.send("10.8.0.1", { state: "Up", ...MIRROR.parts, ...parts }, more), 10);
    try {
      await until(() => expect(ours.expired).toHaveLength(1));
      expect(ours.heard.length).toBeGreaterThan(3);
      expect(ours.sockets.counts(1)?.received).toBe(0);
    } finally {
      clearInterval(sending);
    }
  });

  test("one on another interface than the session's does not count", async () => {
    ours.listen();
    theirs.listen();
    ours.pace("10.8.0.2", { detection: micros(300_000), interface: 12 });
    for (let n = 0; n < 3; n++) theirs.send("10.8.0.1", { state: "Up", ...MIRROR.parts });
    await until(() => expect(ours.expired).toHaveLength(1));
    expect(ours.heard).toHaveLength(3);
  });

  test("another hand-over goes on from the last packet; new content leaves at once, a Poll with the next packet", async () => {
    ours.listen();
    theirs.listen();
    const slow = { ...PATIENT, interval: micros(3_000_000) };
    ours.pace("10.8.0.2", slow);
    await until(() => expect(theirs.heard).toHaveLength(1));
    ours.pace("10.8.0.2", { ...slow, handover: 8 }, { flags: "P" });
    ours.pace("10.8.0.2", { ...slow, handover: 9 }, { multiplier: 9 });
    await until(() =>
      expect(theirs.heard.map(({ packet }) => [packet.multiplier, packet.flags])).toEqual([
        [3, ""],
        [9, ""],
      ]),
    );
    ours.pace("10.8.0.2", { ...slow, handover: 10, interval: NEVER }, { multiplier: 9 });
    ours.pace("10.8.0.2", { ...slow, handover: 11, detection: micros(1_000), interval: NEVER }, { multiplier: 9 });
    await until(() => expect(ours.expired).toEqual([{ session: 1, handover: 11 }]));
    expect(ours.sockets.counts(1)?.sent).toBe(2);
  });

  test("a session handed over again after it expired begins anew", async () => {
    ours.listen();
    theirs.listen();
    ours.pace("10.8.0.2");
    await until(() => expect(ours.expired).toHaveLength(1));
    ours.pace("10.8.0.2", { handover: 8, ...PATIENT });
    theirs.send("10.8.0.1", { state: "Up", ...MIRROR.parts });
    theirs.send("10.8.0.1", { state: "Up", ...MIRROR.parts });
    await until(() => expect(ours.sockets.counts(1)?.received).toBe(1));
    expect(ours.expired).toHaveLength(1);
  });

  test("a port that another holds is told once, and opened when it is free", async () => {
    const other = new End(near, "10.8.0.9");
    other.listen();
    ours.listen();
    inside(near, () => ours.sockets.retry());
    expect(ours.failures).toEqual(["BFD over IPv4, UDP port 4784: EADDRINUSE"]);
    ours.send("10.8.0.2", {});
    expect(ours.sockets.counters.sendErrors).toBe(1);
    other.sockets.end();
    inside(near, () => ours.sockets.retry());
    expect(ours.failures.slice(1)).toEqual(["0.0.0.0 works"]);
    theirs.listen();
    theirs.send("10.8.0.1", { state: "Down" });
    await until(() => expect(ours.heard).toHaveLength(1));
  });

  test("sockets are open as long as somebody listens", async () => {
    const open = async () =>
      (await run("ip", ["netns", "exec", near, "cat", "/proc/net/udp"])).match(/:12B0 /g)?.length ?? 0;
    expect(await open()).toBe(0);
    ours.listen();
    ours.listen(4784, "10.8.0.77");
    expect(await open()).toBe(1);
    ours.sockets.close({ source: ip("10.8.0.1"), port: 4784, vrf: undefined });
    expect(await open()).toBe(1);
    ours.sockets.close({ source: ip("10.8.0.77"), port: 4784, vrf: undefined });
    expect(await open()).toBe(0);
    ours.listen();
    expect(await open()).toBe(1);
  });

  test("a flood that nobody reads is bounded and counted, and a session lives on beside it", async () => {
    for (const [end, to, mirror] of [
      [ours, "10.8.0.2", undefined],
      [theirs, "10.8.0.1", MIRROR],
    ] as const) {
      end.listen();
      end.pace(to, { ...mirror?.steady, detection: micros(1_000_000) }, mirror?.parts);
    }
    await until(() => expect(ours.heard.length).toBe(1));
    for (let n = 0; n < 20_000; n++) theirs.send("10.8.0.1", { state: "Down", myDiscriminator: n + 10 });
    const { lost, dropped } = ours.sockets.counters;
    expect(lost + dropped).toBeGreaterThan(10_000);
    while (ours.sockets.drain() > 0);
    expect(ours.heard.length).toBeLessThan(2_000);
    const before = ours.sockets.counts(1)?.received ?? 0;
    await until(() => expect(ours.sockets.counts(1)?.received).toBeGreaterThan(before + 10));
    expect(ours.expired).toEqual([]);
  });

  test("whatever JavaScript passes is refused or done, and breaks nothing", () => {
    const native = addon<Record<string, (pacer: BfdPacer, ...values: unknown[]) => unknown>>();
    const pacer = bfdPacerAddon().pacerOpen(() => {});
    if (typeof pacer === "number") throw new Error(`errno ${-pacer}`);
    const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, 1, 255, 4784, 2 ** 32, 1e13, 1e300, -1));
    const numbers = fc.array(number, { maxLength: 20 }).map((all) => Float64Array.from(all));
    const good = fc.array(fc.nat(255), { minLength: 19, maxLength: 19 }).map((all) => Float64Array.from(all));
    const outgoing = fc.array(fc.nat(260), { maxLength: 9 }).map((all) => Uint32Array.from(all));
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.uint8Array({ minLength: 24, maxLength: 24 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    const address = fc.oneof(octets, fc.constantFrom(ip("10.8.0.1").octets, ip("::1").octets, ip("0.0.0.0").octets));
    const calls: [string, ...fc.Arbitrary<unknown>[]][] = [
      [
        "pacerListen",
        fc.oneof(number, fc.integer({ min: 40_000, max: 40_020 })),
        fc.boolean(),
        fc.constantFrom("", "lo", "nowhere"),
      ],
      ["pacerUnlisten", fc.oneof(number, fc.nat(40))],
      ["pacerJoin", fc.nat(40), address, fc.nat(3), fc.boolean()],
      [
        "pacerPace",
        fc.oneof(numbers, good),
        octets,
        address,
        address,
        fc.oneof(octets, fc.uint8Array({ minLength: 20, maxLength: 20 })),
      ],
      ["pacerSign", number],
      ["pacerCounts", number, fc.constantFrom(new Float64Array(6), new Float64Array(0))],
      ["pacerRelease", fc.nat(300), fc.constant(new Float64Array(6))],
      ["pacerStats", fc.constantFrom(new Float64Array(6), new Float64Array(5))],
      ["pacerSend", octets, outgoing, address, address],
      [
        "pacerNext",
        fc.constantFrom(new Uint8Array(0), new Uint8Array(600)),
        fc.constantFrom(new Uint32Array(0), new Uint32Array(40)),
      ],
    ];
    const call = fc.oneof(...calls.map(([name, ...given]) => fc.tuple(fc.constant(name), fc.tuple(...given))));
    const tried = () =>
      fc.assert(
        fc.property(call, ([name, given]) => {
          try {
            native[name]?.(pacer, ...given);
          } catch (error) {
            expect(error).toSatisfy((thrown) => thrown instanceof TypeError || thrown instanceof RangeError);
          }
        }),
        { numRuns: 5_000 },
      );
    inside(near, tried);
    bfdPacerAddon().pacerClose(pacer);
    // Closed it refuses the same without a crash.
    tried();
    bfdPacerAddon().pacerClose(pacer);
  });

  test("a process and a worker that end with sessions paced end as they should", async () => {
    const url = new URL("../../../native/build/Release/etrunkd.node", import.meta.url).pathname;
    const script = `const { Worker, isMainThread } = require("node:worker_threads");
      const native = require(${JSON.stringify(url)});
      const pacer = native.pacerOpen(() => {});
      const endpoint = native.pacerListen(pacer, 4784 + (isMainThread ? 0 : 1), true, "");
      const address = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1]);
      const numbers = Float64Array.from([1, 1, endpoint, 50000, 4784, 255, 0, 0, 10000, 750, 1000, 1e9, 10000, 2, 0, 0, 0, 0, 0]);
      const paced = native.pacerPace(pacer, numbers, new Uint8Array(24), address, address, new Uint8Array(0));
      if (isMainThread) new Worker(process.env.SELF, { eval: true }).on("exit", (code) => {
        console.log(paced, code);
        process.exit();
      });
      else setTimeout(() => process.exit(paced), 30);`;
    await ipIn(near, "link", "set", "lo", "up");
    const told = await run("ip", ["netns", "exec", near, "env", `SELF=${script}`, process.execPath, "--eval", script]);
    expect(told).toBe("0 0\n");
  });
});
