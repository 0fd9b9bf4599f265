import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { NO_VLAN } from "../../../src/core/base/protocol.js";
import type { FrameLink } from "../../../src/linux/capture/frame-link.js";
import { openPcapLink } from "../../../src/linux/capture/pcap.js";
import { openRingLink } from "../../../src/linux/capture/ring.js";
import { isRoot, Lab } from "../../support/lab.js";
import {
  enter,
  inside,
  ipIn,
  makeVeth,
  numberOf,
  RawSender,
  SOURCE,
  slowFrame,
  sourceOf,
} from "../../support/namespace.js";

const CHILD = new URL("../../../dist/linux/capture/pcap-child.js", import.meta.url);

/** The process that holds `cap` for us: our child of that name. */
function childOf(parent: number): number | undefined {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return all.map(Number).find((pid) => {
    try {
      const parentOf = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
      return parentOf === parent && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("pcap-child");
    } catch {
      return false;
    }
  });
}

describe.runIf(isRoot)("the pcap link", () => {
  let lab: Lab;
  let near: string;
  let far: string;
  let leave: () => void;
  let sender: RawSender;
  let link: FrameLink;
  let heard: { port: number; vlan: number; source: number; length: number; number: number; type: number }[];

  const veth = (n: number): Promise<void> =>
    makeVeth({ namespace: near, name: `a${n}`, index: 10 + n }, { namespace: far, name: `b${n}`, index: 50 + n });
  const port = (n: number) => ({ index: 10 + n, name: `a${n}` });
  const send = (n: number, number: number): void => sender.send(50 + n, slowFrame({ number }));

  /** Sends frames of this number until one comes in: until then the child may be deaf. */
  const untilHeard = (n: number, number: number): Promise<void> =>
    vi.waitFor(
      () => {
        send(n, number);
        expect(heard.some((frame) => frame.port === 10 + n && frame.number === number)).toBe(true);
      },
      { timeout: 10_000, interval: 20 },
    );

  beforeAll(async () => {
    lab = new Lab();
    near = await lab.namespace("n");
    far = await lab.namespace("f");
    for (const n of [1, 2]) await veth(n);
    sender = new RawSender(far);
    // For the whole file, so that a child that is started anew is in there too.
    leave = enter(near);
    link = openPcapLink({
      refused: () => {},
      child: CHILD,
      readable: () => link.drain(),
      deliver: ({ bytes, start, length, from: port, vlan }) =>
        heard.push({
          port,
          vlan,
          source: sourceOf(bytes, start),
          length,
          number: numberOf(bytes, start),
          type: bytes.getUint16(start + 12),
        }),
    });
    link.setPorts([port(1), port(2)]);
  });
  afterAll(async () => {
    link?.close();
    sender?.close();
    leave?.();
    await lab?.close();
  });
  beforeEach(() => {
    heard = [];
  });

  test("hears every interface it is told of as the ring does", async () => {
    await untilHeard(1, 1);
    await untilHeard(2, 2);
    expect(heard.find(({ port }) => port === 11)).toEqual({
      port: 11,
      vlan: NO_VLAN,
      source: SOURCE,
      length: 124,
      number: 1,
      type: 0x8809,
    });
  });

  test("takes out the tag that libpcap puts back, and says its VLAN", async () => {
    sender.send(51, slowFrame({ number: 11, tag: 0x6064 }));
    sender.send(51, slowFrame({ number: 12, tag: 0xe000 }));
    send(1, 13);
    await vi.waitFor(() => expect(heard.some(({ number }) => number === 13)).toBe(true));
    const frames = heard.filter(({ number }) => number > 10);
    expect(frames.map(({ number, vlan, length, type, source }) => [number, vlan, length, type, source])).toEqual([
      [11, 100, 124, 0x8809, SOURCE],
      [12, NO_VLAN, 124, 0x8809, SOURCE],
      [13, NO_VLAN, 124, 0x8809, SOURCE],
    ]);
  });

  test("does not hear what it sends itself, nor what is for another address", async () => {
    const own = 0x020000000a11;
    link.send({ bytes: slowFrame({ number: 21, source: own }), start: 0, length: 124, to: 11 });
    sender.send(51, slowFrame({ number: 22, destination: 0x020000000bad }));
    sender.send(51, slowFrame({ number: 23, destination: own }));
    send(1, 24);
    await vi.waitFor(() => expect(heard.some(({ number }) => number === 24)).toBe(true));
    expect(heard.map(({ number }) => number).filter((number) => number > 20)).toEqual([23, 24]);
    expect(link.counters.sendErrors).toBe(0);
  });

  test("keeps what arrives while JavaScript is busy, since the child is not", async () => {
    await untilHeard(1, 31);
    heard = [];
    const start = performance.now();
    for (let number = 0; number < 2_000; number++) {
      send(1, 1_000 + number);
      // A pace the child can follow: it has 32 slots on a veth with GSO.
      while (performance.now() - start < number * 0.2);
    }
    await vi.waitFor(() => expect(heard.at(-1)?.number).toBeGreaterThan(2_900), { timeout: 5_000 });
    expect(heard.length).toBeGreaterThan(500);
    expect(link.counters.dropped).toBe(0);
  });

  test("hears again after its child was killed", async () => {
    await untilHeard(1, 41);
    const before = link.counters.restarts;
    const child = childOf(process.pid);
    expect(child).toBeDefined();
    process.kill(child ?? Number.NaN, "SIGKILL");
    await vi.waitFor(() => expect(link.counters.restarts).toBe(before + 1));
    await untilHeard(1, 42);
    await untilHeard(2, 43);
    expect(childOf(process.pid)).not.toBe(child);
  });

  test("sends while its child is gone", async () => {
    const arrived: number[] = [];
    const end = inside(far, () =>
      openRingLink({
        refused: () => {},
        deliver: ({ bytes, start }) => arrived.push(numberOf(bytes, start)),
        readable: () => end.drain(),
      }),
    );
    end.setPorts([{ index: 51, name: "b1" }]);
    process.kill(childOf(process.pid) ?? Number.NaN, "SIGKILL");
    link.send({ bytes: slowFrame({ number: 51, source: 0x020000000a11 }), start: 0, length: 124, to: 11 });
    await vi.waitFor(() => expect(arrived).toEqual([51]));
    end.close();
    await untilHeard(1, 52);
  });

  test("hears again after an interface was down, and the others too", async () => {
    for (let round = 1; round <= 3; round++) {
      await ipIn(near, "link", "set", "a1", "down");
      await untilHeard(2, 60 + round);
      await ipIn(near, "link", "set", "a1", "up");
      await untilHeard(1, 70 + round);
      await untilHeard(2, 80 + round);
    }
  });

  test("hears an interface that was down when it was told of it, once that is up", async () => {
    await veth(3);
    await ipIn(near, "link", "set", "a3", "down");
    link.setPorts([port(1), port(2), port(3)]);
    await untilHeard(1, 91);
    await ipIn(near, "link", "set", "a3", "up");
    await untilHeard(3, 92);
  });

  test("survives the deletion of an interface, and hears the one made anew", async () => {
    await ipIn(near, "link", "del", "a3");
    await untilHeard(1, 101);
    await makeVeth({ namespace: near, name: "a3", index: 23 }, { namespace: far, name: "b3", index: 53 });
    link.setPorts([port(1), port(2), { index: 23, name: "a3" }]);
    await vi.waitFor(
      () => {
        send(3, 102);
        expect(heard.some((frame) => frame.port === 23 && frame.number === 102)).toBe(true);
      },
      { timeout: 10_000, interval: 20 },
    );
  });

  test("lets go of an interface it is no longer told of", async () => {
    await untilHeard(2, 111);
    expect(await ipIn(near, "-d", "link", "show", "a2")).toContain("promiscuity 1");
    link.setPorts([port(1)]);
    await vi.waitFor(async () => expect(await ipIn(near, "-d", "link", "show", "a2")).toContain("promiscuity 0"));
    heard = [];
    send(2, 112);
    await untilHeard(1, 113);
    expect(heard.some(({ port }) => port === 12)).toBe(false);
  });

  test("leaves no process behind when it is closed", async () => {
    expect(childOf(process.pid)).toBeDefined();
    link.close();
    await vi.waitFor(() => expect(childOf(process.pid)).toBeUndefined());
  });
});
