import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Daemon } from "../support/daemon.js";
import { type FlushParts, flushFrame } from "../support/flush-frames.js";
import { bridge, flushCounters, indexOf, joined } from "../support/flush-lab.js";
import { tagged } from "../support/frames.js";
import { isRoot, Lab, run } from "../support/lab.js";
import { ipIn, RawSender } from "../support/namespace.js";

const PATIENCE = { timeout: 15_000, interval: 20 };
const PORTS = ["p1", "p2", "p3"] as const;
const KEY = "a long secret";
const PASSWORD = "sesame-9";

const CONFIGURATION = `
interface p1
 smart-link flush enable control-vlan 5 auth hmac cipher "${KEY}"
interface p2
 smart-link flush receive control-vlan 5 to 6
interface p4
 smart-link flush receive control-vlan all
interface p5
 smart-link flush receive control-vlan 7 password simple ${PASSWORD}
interface Eth-Trunk2
 smart-link flush receive control-vlan all
interface p6
 eth-trunk 2
interface Eth-Trunk2.10
 vlan-type dot1q 10
 ip address 10.8.10.1 24
interface p7
 portswitch
 smart-link flush receive control-vlan all
interface Vlanif1
 ip address 10.8.1.1 24
`;

/** One dynamic entry on each port, and what nothing may touch. */
const ENTRIES: readonly (readonly [mac: string, device: string, ...how: string[]])[] = [
  ["02:00:00:00:01:01", "p1", "master", "dynamic"],
  ["02:00:00:00:02:01", "p2", "master", "dynamic"],
  ["02:00:00:00:03:01", "p3", "master", "dynamic"],
  ["02:00:00:00:04:01", "p4", "master", "dynamic"],
  ["02:00:00:00:01:02", "p1", "master", "static"],
  ["02:00:00:00:02:02", "p2", "master", "extern_learn"],
  ["02:00:00:00:02:03", "p2", "master", "sticky", "static"],
];
const ALL = ENTRIES.map(([mac]) => mac);
const without = (...gone: string[]): string[] => ALL.filter((mac) => !gone.includes(mac));

describe.runIf(isRoot)("a device with bridges that heeds Flush", () => {
  let lab: Lab;
  let inside: string;
  let sender: RawSender;
  let daemon: Daemon;
  const indexes = new Map<string, number>();
  let sequence = 100;

  beforeAll(async () => {
    lab = new Lab();
    inside = await lab.namespace("x");
    const outside = await lab.namespace("o");
    for (const port of [...PORTS, "p4", "p5", "p6", "p7"]) {
      await joined(inside, port, outside, port);
      indexes.set(port, await indexOf(outside, port));
    }
    await bridge(inside, PORTS);
    await ipIn(inside, "link", "add", "br1", "type", "bridge");
    await ipIn(inside, "link", "set", "dev", "br1", "up");
    await ipIn(inside, "link", "set", "dev", "p4", "master", "br1");
    sender = new RawSender(outside);
    const folder = join(lab.folder, "daemon");
    daemon = await Daemon.start({ namespace: inside, folder, configuration: CONFIGURATION });
  });
  afterAll(async () => {
    sender?.close();
    await daemon?.stop();
    await lab.close();
  });
  beforeEach(async () => {
    const lines = ENTRIES.map(([mac, device, ...how]) => `fdb replace ${mac} dev ${device} ${how.join(" ")}\n`);
    await run("bridge", ["-n", inside, "-batch", "-"], lines.join(""));
    expect(await entries()).toEqual(ALL);
  });

  async function entries(): Promise<string[]> {
    const text = await run("bridge", ["-n", inside, "fdb", "show"]);
    return ALL.filter((mac) => text.includes(mac));
  }

  /** On the wire: a tag unless it is null. */
  function put(port: string, frame: Uint8Array, tag: number | null = 5): void {
    const bytes = tag === null ? frame : tagged(frame, tag);
    sender.send(indexes.get(port) ?? 0, new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  }
  const flush = (parts: Partial<FlushParts> = {}): Uint8Array =>
    flushFrame({ tag: null, sequence: sequence++, epoch: 9, ...parts });
  const signed = (parts: Partial<FlushParts> = {}): Uint8Array => flush({ mode: "hmac", password: KEY, ...parts });

  /** What the counters of a port show more than before. */
  async function counted(port: string, act: () => void): Promise<{ received: number; dropped: number; why: unknown }> {
    const before = (await flushCounters(daemon))[port];
    act();
    const sum = (one: typeof before) => (one?.received ?? 0) + (one?.dropped ?? 0);
    await vi.waitUntil(async () => sum((await flushCounters(daemon))[port]) > sum(before), PATIENCE);
    const after = (await flushCounters(daemon))[port];
    return {
      received: (after?.received ?? 0) - (before?.received ?? 0),
      dropped: (after?.dropped ?? 0) - (before?.dropped ?? 0),
      why: after?.lastReason,
    };
  }

  test("a good one empties both enabled ports of its bridge and leaves the rest alone", async () => {
    expect(await counted("p1", () => put("p1", signed()))).toMatchObject({ received: 1, dropped: 0 });
    await vi.waitUntil(async () => !(await entries()).includes("02:00:00:00:01:01"), PATIENCE);
    // p3 is not enabled, p4 is a port of another bridge.
    expect(await entries()).toEqual(without("02:00:00:00:01:01", "02:00:00:00:02:01"));
  });

  test("one for a control VLAN of a single port empties that port", async () => {
    expect(await counted("p2", () => put("p2", flush({ controlVlan: 6 }), 6))).toMatchObject({ received: 1 });
    await vi.waitUntil(async () => (await entries()).length < ALL.length, PATIENCE);
    expect(await entries()).toEqual(without("02:00:00:00:02:01"));
  });

  test("one on another bridge empties that one, whatever its control VLAN", async () => {
    expect(await counted("p4", () => put("p4", flush({ controlVlan: 4000 }), 4000))).toMatchObject({ received: 1 });
    await vi.waitUntil(async () => (await entries()).length < ALL.length, PATIENCE);
    expect(await entries()).toEqual(without("02:00:00:00:04:01"));
  });

  test("an untagged one is taken where nobody knows what untagged frames belong to", async () => {
    expect(await counted("p2", () => put("p2", flush(), null))).toMatchObject({ received: 1 });
    await vi.waitUntil(async () => (await entries()).length < ALL.length, PATIENCE);
  });

  const old = signed({ sequence: 1 });
  test.for([
    ["of another VLAN", "p1", "vlan", () => signed({ controlVlan: 6 }), 6],
    ["whose tag is another than its field", "p1", "vlan", () => signed(), 6],
    ["without a password", "p1", "auth", () => flush(), 5],
    ["with a wrong password", "p1", "auth", () => signed({ password: "another secret" }), 5],
    ["with a wrong plain password", "p5", "auth", () => flush({ controlVlan: 7, mode: "simple", password: "no" }), 7],
    ["with a password where none is wanted", "p2", "auth", () => signed(), 5],
    ["played again", "p1", "replay", () => old, 5],
    ["cut short", "p1", "length", () => signed().slice(0, 400), 5],
    ["with octets behind it", "p1", "length", () => new Uint8Array([...signed(), ...new Uint8Array(900)]), 5],
    ["of an unknown version", "p1", "version", () => signed({ version: 7 }), 5],
    ["of an unknown type", "p1", "type", () => signed({ type: 9 }), 5],
  ] as const)("one %s is dropped on %s as %s and empties nothing", async ([, port, reason, frame, tag]) => {
    const outcome = await counted(port, () => put(port, frame(), tag));
    expect(outcome).toEqual({ received: 0, dropped: 1, why: reason });
    expect(await entries()).toEqual(ALL);
  });

  test("one that bears our own device ID is ours come back", async () => {
    const { stdout } = await daemon.control("--json", "display", "version");
    const { systemMac: device } = JSON.parse(stdout) as { systemMac: string };
    expect(await counted("p2", () => put("p2", flush({ device })))).toEqual({ received: 0, dropped: 1, why: "own" });
    expect(await entries()).toEqual(ALL);
  });

  test("the plain password opens its port", async () => {
    const frame = flush({ controlVlan: 7, mode: "simple", password: PASSWORD });
    expect(await counted("p5", () => put("p5", frame, 7))).toMatchObject({ received: 1 });
  });

  test("one on a port that is not enabled is nobody's", async () => {
    const before = await flushCounters(daemon);
    put("p3", flush());
    // What comes after it has been judged, so has it.
    await counted("p2", () => put("p2", flush({ version: 3 })));
    const after = await flushCounters(daemon);
    expect(after.p3).toBeUndefined();
    expect(after.p1).toEqual(before.p1);
    expect(await entries()).toEqual(ALL);
  });

  const neighbour = (device: string, address: string, ...how: string[]) =>
    ipIn(inside, "neigh", "replace", address, "lladdr", "02:00:00:00:02:01", "dev", device, ...how);
  /** By address: state, and whether it is a router. */
  const neighbours = async (device: string): Promise<{ [address: string]: string }> => {
    const list = JSON.parse(await ipIn(inside, "-j", "neigh", "show", "nud", "all", "dev", device)) as {
      dst: string;
      state: string[];
      lladdr?: string;
      router?: null;
    }[];
    const known = list.filter(({ lladdr }) => lladdr === "02:00:00:00:02:01");
    return Object.fromEntries(
      known.map(({ dst, state, ...more }) => [dst, `${state}${"router" in more ? " router" : ""}`]),
    );
  };

  test("what is known over the bridge is probed, not forgotten; what is ours or another's is not touched", async () => {
    await ipIn(inside, "addr", "add", "10.8.0.1/24", "dev", "br0");
    await run("ip", ["netns", "exec", inside, "sysctl", "-qw", "net.ipv6.conf.br0.disable_ipv6=0"]);
    await ipIn(inside, "addr", "add", "fd00:8::1/64", "dev", "br0", "nodad");
    await neighbour("br0", "10.8.0.2", "nud", "reachable");
    await neighbour("br0", "10.8.0.3", "nud", "permanent");
    await neighbour("br0", "10.8.0.4", "nud", "stale", "extern_learn");
    await neighbour("br0", "fd00:8::2", "nud", "reachable", "router");
    await neighbour("br0", "fd00:8::3", "nud", "noarp");
    await counted("p2", () => put("p2", flush()));
    await vi.waitUntil(async () => (await neighbours("br0"))["10.8.0.2"] === "PROBE", PATIENCE);
    expect(await neighbours("br0")).toEqual({
      "10.8.0.2": "PROBE",
      "10.8.0.3": "PERMANENT",
      "10.8.0.4": "STALE",
      "fd00:8::2": "PROBE router",
      "fd00:8::3": "NOARP",
    });
  });

  test.for([
    [
      "a sub-interface of an Eth-Trunk that is no port of a bridge",
      "p6",
      "Eth-Trunk2",
      "eth-trunk2.10",
      "10.8.10.2",
      10,
    ],
    ["a Vlanif of our own bridge", "p7", "p7", "vlanif1", "10.8.1.2", 1],
  ] as const)("what is known over %s is probed in its VLAN", async ([, port, name, device, address, vlan]) => {
    await vi.waitUntil(async () => (await ipIn(inside, "link", "show")).includes(`${device}@`), PATIENCE);
    await neighbour(device, address, "nud", "permanent");
    await neighbour(device, address, "nud", "reachable");
    await counted(name, () => put(port, flush({ vlans: [vlan + 1] })));
    expect(await neighbours(device)).toEqual({ [address]: "REACHABLE" });
    await counted(name, () => put(port, flush({ vlans: [vlan] })));
    await vi.waitUntil(async () => (await neighbours(device))[address] === "PROBE", PATIENCE);
  });

  test("neither key nor password is shown, logged or kept in plain text", async () => {
    const words = ["display current-configuration", "display smart-link flush", "display smart-link flush interface"];
    const shown = await Promise.all(
      words.flatMap((line) => [[], ["--json"]].map((flags) => daemon.control(...flags, ...line.split(" ")))),
    );
    expect(shown.map(({ code }) => code)).toEqual(shown.map(() => 0));
    expect(shown[0]?.stdout).toMatch(/^ smart-link flush enable control-vlan 5 auth hmac cipher %\^%#1:\S+%\^%#$/m);
    const kept = readdirSync(daemon.stateDirectory).map((file) =>
      readFileSync(join(daemon.stateDirectory, file), "latin1"),
    );
    for (const text of [...shown.map(({ stdout }) => stdout), ...kept, daemon.log])
      for (const secret of [KEY, PASSWORD]) expect(text).not.toContain(secret);
  });

  test("ten thousand a second are counted, told and survived", async () => {
    const before = (await flushCounters(daemon)).p1;
    const monitor = await daemon.monitor("alarm", "alarm-cleared", "flush-received");
    const frames = Array.from({ length: 100 }, () => signed());
    const start = performance.now();
    for (let n = 0; n < 10_000; ) {
      const due = Math.min(10_000, (performance.now() - start) * 10);
      // The first hundred are new, the rest are played again.
      for (; n < due; n++) put("p1", frames[n % frames.length] ?? frames[0]!);
      await turn();
    }
    const total = async () => {
      const after = (await flushCounters(daemon)).p1;
      return (after?.received ?? 0) + (after?.dropped ?? 0) - (before?.received ?? 0) - (before?.dropped ?? 0);
    };
    // What the ring could not hold while this machine was busy is lost, as on any wire.
    await vi.waitUntil(async () => (await total()) > 5_000, PATIENCE);
    await vi.waitUntil(() => monitor.lines().some(({ event }) => event === "alarm"), PATIENCE);
    const told = monitor.lines().slice(1);
    expect(told.filter(({ event }) => event === "alarm")).toMatchObject([
      { name: "smartLinkFlushStorm", text: expect.stringMatching(/^p1: more than 50 Flush frames a second/) },
    ]);
    expect(told.filter(({ event }) => event === "flush-received").length).toBeLessThanOrEqual(20);
    await vi.waitUntil(() => monitor.lines().some(({ event }) => event === "alarm-cleared"), {
      timeout: 30_000,
      interval: 100,
    });
    await monitor.stop();
    // It still does its work.
    await counted("p1", () => put("p1", signed()));
    await vi.waitUntil(async () => !(await entries()).includes("02:00:00:00:01:01"), PATIENCE);
  });
});
