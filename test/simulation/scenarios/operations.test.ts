import { describe, expect, test, vi } from "vitest";
import { micros, millis, seconds } from "../../../src/core/base/time.js";
import { type EndParts, FAST, Pair } from "../pair.js";
import type { World } from "../world.js";

// Seconds of work at most; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const INDEPENDENT: EndParts = { lacp: { fast: true, independentControl: true } };

/** Everything the data planes of both ends do, as text: a difference is traffic that may be lost. */
const forwarding = (pair: Pair): string =>
  JSON.stringify(
    pair.ends.map(({ dataPlane }) =>
      [...dataPlane.planes].map(([id, { carrier, collecting, distributing }]) => [
        id,
        carrier,
        [...collecting].sort(),
        distributing,
      ]),
    ),
  );

/** Changes of ports and trunks told by a node since a moment. */
const changes = (world: World, node: string, since: number): number =>
  world.events.filter(({ time, node: name, event }) => time >= since && name === node && event.event.endsWith("-state"))
    .length;

describe("C11 a restart from the checkpoint", () => {
  const KINDS: readonly [what: string, parts: EndParts][] = [
    ["slow", {}],
    ["fast", FAST],
    ["passive", { lacp: { fast: true }, each: { active: false } }],
    ["independent", INDEPENDENT],
    ["extended port numbers", { lacp: { fast: true, portIdExtension: true } }],
  ];

  test.for(KINDS)("within a second moves no port of the partner and no traffic (%s)", ([, parts]) => {
    const pair = new Pair(2, parts, FAST).up();
    pair.world.run(millis(12_300));
    const before = forwarding(pair);
    const start = pair.world.now;
    pair.pe.crash();
    pair.world.run(millis(990));
    pair.world.start(pair.pe, "checkpoint");
    expect(forwarding(pair)).toBe(before);
    for (let n = 0; n < 200; n++) {
      pair.world.run(seconds(1));
      expect(forwarding(pair)).toBe(before);
    }
    expect(changes(pair.world, "ce", start)).toBe(0);
    expect(pair.carrying()).toEqual([1, 2]);
  });

  test("sends its first PDU at once, for a fast partner has waited already", () => {
    const pair = new Pair(1, FAST, FAST).up();
    pair.world.run(millis(5_999));
    pair.pe.crash();
    pair.world.run(millis(1_500));
    const start = pair.world.now;
    pair.world.start(pair.pe, "checkpoint");
    const first = pair.world.sent.find(({ time, node }) => time >= start && node === "pe");
    expect(first?.time).toBe(start);
  });

  test("ten times in a row moves nothing", () => {
    const pair = new Pair(3, FAST, FAST).up();
    pair.world.run(seconds(5));
    const before = forwarding(pair);
    for (let n = 0; n < 10; n++) {
      pair.pe.crash();
      pair.world.run(millis(700));
      pair.world.start(pair.pe, "checkpoint");
      pair.world.run(millis(1_900));
      expect(forwarding(pair)).toBe(before);
    }
  });

  test("keeps ports in reserve in reserve", () => {
    const one: EndParts = { lacp: { fast: true, maxLinks: 1 } };
    const pair = new Pair(3, one, one);
    pair.world.startAll();
    pair.world.until("one carries", () => pair.agrees([1]));
    pair.world.run(seconds(10));
    const before = forwarding(pair);
    const start = pair.world.now;
    pair.pe.crash();
    pair.world.run(millis(900));
    pair.world.start(pair.pe, "checkpoint");
    pair.world.run(seconds(20));
    expect(forwarding(pair)).toBe(before);
    expect(changes(pair.world, "ce", start)).toBe(0);
  });

  test("finds a partner that went meanwhile: the port falls when its timeout is over, the others stay", () => {
    const pair = new Pair(2, FAST, FAST).up();
    pair.world.run(seconds(5));
    pair.pe.crash();
    pair.world.cut(pair.cable(1));
    pair.world.run(millis(900));
    pair.world.start(pair.pe, "checkpoint");
    pair.world.until("gone", () => pair.agrees([2]), millis(3_100));
  });

  test("finds a link that lost its carrier meanwhile", () => {
    const pair = new Pair(2, FAST, FAST).up();
    pair.pe.crash();
    pair.world.pull(pair.cable(1));
    pair.world.run(millis(900));
    pair.world.start(pair.pe, "checkpoint");
    expect(pair.carrying()).toEqual([2]);
  });

  test("begins anew when the checkpoint is older than three seconds, and converges", () => {
    const pair = new Pair(2, FAST, FAST).up();
    pair.pe.crash();
    pair.world.run(millis(4_100));
    pair.world.start(pair.pe, "checkpoint");
    expect(pair.pe.port("eth1").receiveState).toBe("EXPIRED");
    pair.world.until("back", () => pair.agrees([1, 2]), seconds(10));
  });
});

test("a restart without a checkpoint negotiates anew and ends where it began", () => {
  for (const parts of [FAST, {}, INDEPENDENT]) {
    const pair = new Pair(2, parts, parts).up();
    pair.pe.crash();
    pair.world.run(millis(500));
    pair.world.start(pair.pe);
    expect(pair.pe.trunk().operState).toBe("down");
    pair.world.until("back", () => pair.agrees([1, 2]), seconds(35));
  }
});

test("a device that leaves for good tells its partner, which moves its traffic at once, not after a timeout", () => {
  const pair = new Pair(2).up();
  pair.pe.leave();
  pair.world.run(millis(1));
  expect(pair.ce.trunk()).toMatchObject({ operState: "down", upPorts: 0 });
  pair.world.run(seconds(10));
  pair.world.start(pair.pe);
  pair.world.until("back", () => pair.agrees([1, 2]), seconds(10));
});

describe("C11 a stall of the process", () => {
  test.for([1, 2, 4, 60])(
    "of %i seconds is not taken for the partner's silence: what waits is read before timers run",
    (stall) => {
      const pair = new Pair(2, FAST, {}).up();
      pair.world.run(seconds(10));
      const start = pair.world.now;
      pair.pe.freeze();
      pair.world.run(seconds(stall));
      pair.pe.thaw();
      pair.world.run(seconds(40));
      expect(changes(pair.world, "pe", start)).toBe(0);
      expect(changes(pair.world, "ce", start)).toBe(0);
    },
  );

  test.for([1, 2])("of %i seconds goes unnoticed by a fast partner", (stall) => {
    const pair = new Pair(2, FAST, FAST).up();
    pair.world.run(millis(10_500));
    const start = pair.world.now;
    pair.pe.freeze();
    pair.world.run(millis(stall * 1_000 - 100));
    pair.pe.thaw();
    pair.world.run(seconds(40));
    expect(changes(pair.world, "ce", start)).toBe(0);
  });

  test("of 4 seconds makes a fast partner drop the ports, and they are back within seconds", () => {
    const pair = new Pair(2, FAST, FAST).up();
    pair.world.run(seconds(10));
    pair.pe.freeze();
    pair.world.run(seconds(4));
    expect(pair.ce.trunk().operState).toBe("down");
    pair.pe.thaw();
    pair.world.until("back", () => pair.agrees([1, 2]), seconds(5));
  });
});

describe("C11 a change while everything is up", () => {
  /** What may be changed, and whether traffic may stop for it. */
  const CHANGES: readonly [what: string, parts: EndParts, hitless: boolean][] = [
    ["a port priority", { ...FAST, members: { eth1: { priority: 7 } } }, false],
    ["a weight", { ...FAST, members: { eth1: { weight: 3 } } }, true],
    ["the timeout", { lacp: { fast: false } }, true],
    ["the preemption delay", { lacp: { fast: true, preemptDelay: seconds(5) } }, true],
    ["the collector delay", { lacp: { fast: true, collectorMaxDelay: 9 } }, true],
    ["a description", { ...FAST, description: "to the CE" }, true],
    ["the hash", { ...FAST, hash: "src-dst-mac" }, true],
    ["the system priority", { lacp: { fast: true, systemPriority: 7 } }, false],
    ["the system ID", { lacp: { fast: true, systemId: 0x020000abcdef as never } }, false],
    ["the key", { lacp: { fast: true, portKey: 9 } }, false],
    ["the extension of port numbers", { lacp: { fast: true, portIdExtension: true } }, false],
    ["the mux control", INDEPENDENT, false],
    ["passive members", { ...FAST, each: { active: false } }, true],
  ];

  test.for(CHANGES)("of %s is taken over by both ends", ([, parts, hitless]) => {
    const pair = new Pair(2, FAST, FAST).up();
    pair.world.run(seconds(5));
    const start = pair.world.now;
    pair.reconfigure(pair.pe, parts);
    pair.world.run(seconds(40));
    pair.world.until("back", () => pair.agrees([1, 2]), micros(1));
    if (hitless) expect(changes(pair.world, "pe", start) + changes(pair.world, "ce", start)).toBe(0);
  });

  test("of one port's priority does not disturb the other port", () => {
    const pair = new Pair(2, FAST, FAST).up();
    pair.world.run(seconds(5));
    const start = pair.world.now;
    pair.reconfigure(pair.pe, { ...FAST, members: { eth1: { priority: 7 } } });
    pair.world.run(seconds(10));
    const touched = pair.world.events.flatMap(({ time, event }) =>
      time >= start && event.event === "port-state" ? [event.port] : [],
    );
    expect(new Set(touched)).not.toContain("eth2");
    expect(pair.ce.port("eth1").partner?.portPriority).toBe(7);
  });

  test("the same configuration again does nothing", () => {
    const pair = new Pair(2, FAST, FAST).up();
    pair.world.run(millis(10_500));
    const before = pair.world.sent.length;
    pair.reconfigure(pair.pe, FAST);
    pair.world.run(millis(1));
    expect(pair.world.sent.length).toBe(before);
  });

  test("of the mode to manual and back to static ends where it began", () => {
    const pair = new Pair(2, FAST, FAST).up();
    pair.reconfigure(pair.pe, { ...FAST, mode: "manual" });
    pair.world.run(seconds(10));
    expect(pair.pe.trunk().ports.map(({ status }) => status)).toEqual(["Up", "Up"]);
    expect(pair.ce.trunk().operState).toBe("down");
    pair.reconfigure(pair.pe, FAST);
    pair.world.until("back", () => pair.agrees([1, 2]), seconds(15));
  });

  test("a member that joins and one that leaves disturb nobody else", () => {
    const pair = new Pair(3, FAST, FAST).up();
    const start = pair.world.now;
    const { desired } = pair.pe;
    pair.world.configure(pair.pe, { ...desired, interfaces: desired.interfaces.slice(0, 2) });
    pair.world.run(seconds(10));
    expect(pair.pe.trunk().ports.map(({ name, status }) => [name, status])).toEqual([
      ["eth1", "Selected"],
      ["eth2", "Selected"],
    ]);
    expect(pair.ce.port("eth3").status).toBe("Unselect");
    pair.world.configure(pair.pe, desired);
    pair.world.until("back", () => pair.agrees([1, 2, 3]), seconds(10));
    const touched = pair.world.events.flatMap(({ time, event }) =>
      time >= start && event.event === "port-state" ? [event.port] : [],
    );
    expect(new Set(touched)).toEqual(new Set(["eth3"]));
  });
});

test("C11 clocks that show anything and drift apart do not matter", () => {
  for (const seed of [1, 2, 3]) {
    const pair = new Pair(2, FAST, FAST, { seed, lag: millis(10) }).up();
    pair.world.run(seconds(1_000));
    expect(pair.carrying()).toEqual([1, 2]);
    expect(pair.world.events.filter(({ event }) => event.event === "trunk-state")).toHaveLength(2);
  }
});
