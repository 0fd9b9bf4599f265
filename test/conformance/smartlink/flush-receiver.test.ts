import { describe, expect, test } from "vitest";
import { type Micros, millis, seconds } from "../../../src/core/base/time.js";
import type { FlushEvent, FlushPort } from "../../../src/core/smartlink/flush-receiver.js";
import { macOf } from "../../support/desired.js";
import { type FlushParts, flushFrame } from "../../support/flush-frames.js";
import { Bench, BRIDGE, keyOf, portOf } from "./receiver-bench.js";

test("a Flush empties its VLANs on every enabled port of the bridge, not on the receiving one alone", () => {
  const bench = new Bench(
    portOf("eth1"),
    portOf("eth2"),
    portOf("eth3", { controlVlans: [6] }),
    portOf("eth4", { bridge: 60 }),
    portOf("eth5", { bridge: undefined }),
    portOf("eth6", { controlVlans: undefined }),
    portOf("eth7", { device: undefined }),
  );
  bench.hear(1, { vlans: [5, 10] });
  expect(bench.events()).toEqual([
    { kind: "flush-received", name: "eth1", vlan: 5, source: macOf("02:00:00:00:0a:01") },
    { kind: "flush", bridge: BRIDGE, ports: [1, 2, 6], vlans: [5, 10] },
  ]);
});

test("an interface of no bridge empties its own", () => {
  const bench = new Bench(portOf("eth1", { bridge: undefined }), portOf("eth2", { bridge: undefined }));
  bench.hear(2);
  expect(bench.events()).toContainEqual({ kind: "flush", bridge: undefined, ports: [2], vlans: "all" });
});

test("a Flush for no VLAN empties nothing and is counted", () => {
  const bench = new Bench(portOf("eth1"));
  bench.hear(1, { vlans: [] });
  expect(bench.flushes()).toEqual([]);
  expect(bench.counters("eth1")?.received).toBe(1);
});

test("an Eth-Trunk hears Flush on each member, the one that waits too, and empties its own device", () => {
  const trunk = portOf("Eth-Trunk1", {
    heardOn: new Map([
      [11, "eth11"],
      [12, "eth12"],
    ]),
    device: 40,
  });
  const bench = new Bench(trunk, portOf("eth2"));
  bench.hear(12);
  expect(bench.flushes()).toEqual([{ ports: [40, 2], vlans: "all" }]);
  expect(bench.counters("Eth-Trunk1")).toMatchObject({ received: 1, lastInterface: "eth12", lastControlVlan: 5 });
});

interface Case {
  readonly port?: Partial<FlushPort>;
  readonly frame?: Partial<FlushParts>;
  readonly tag?: number | null;
}

const TAKEN: readonly [what: string, given: Case][] = [
  ["of its control VLAN", {}],
  ["of any control VLAN where all are taken", { port: { controlVlans: undefined }, frame: { controlVlan: 77 } }],
  ["of one of several control VLANs", { port: { controlVlans: [4, 6] }, frame: { controlVlan: 6 } }],
  ["that is untagged, where the port's VLAN is not known", { tag: null }],
  ["that is untagged, in the port's own VLAN", { tag: null, port: { pvid: 5 } }],
  [
    "with the right plain password",
    { port: { key: keyOf("simple", "abc") }, frame: { mode: "simple", password: "abc" } },
  ],
  ["with the right hash", { port: { key: keyOf("sha", "abcdef") }, frame: { mode: "sha", password: "abcdef" } }],
  ["with the right HMAC", { port: { key: keyOf("hmac", "abcdef") }, frame: { mode: "hmac", password: "abcdef" } }],
];

test.for(TAKEN)("a Flush %s is taken", ([, { port, frame, tag }]) => {
  const bench = new Bench(portOf("eth1", port));
  bench.hear(1, frame, tag === undefined ? (frame?.controlVlan ?? 5) : tag);
  expect(bench.flushes()).toEqual([{ ports: [1], vlans: "all" }]);
  expect(bench.counters("eth1")).toMatchObject({ received: 1, dropped: 0, lastSource: macOf("02:00:00:00:0a:01") });
});

const HMAC = { port: { key: keyOf("hmac", "abcdef") }, frame: { mode: "hmac", password: "abcdef" } } as const;

const REFUSED: readonly [what: string, reason: string, given: Case][] = [
  ["of another control VLAN", "vlan", { frame: { controlVlan: 6 } }],
  ["whose tag is another than its field", "vlan", { tag: 6 }],
  ["whose field is another than its tag", "vlan", { frame: { controlVlan: 6 }, tag: 5 }],
  ["that is untagged, where the port's VLAN is another", "vlan", { tag: null, port: { pvid: 1 } }],
  ["without password where one is wanted", "auth", { port: { key: keyOf("simple", "abc") } }],
  ["with a password where none is wanted", "auth", { frame: { mode: "simple", password: "abc" } }],
  [
    "with another plain password",
    "auth",
    { port: { key: keyOf("simple", "abc") }, frame: { mode: "simple", password: "abd" } },
  ],
  [
    "with the beginning of the plain password",
    "auth",
    { port: { key: keyOf("simple", "abc") }, frame: { mode: "simple", password: "ab" } },
  ],
  ["with another hash", "auth", { port: { key: keyOf("sha", "abcdef") }, frame: { mode: "sha", password: "abcdeg" } }],
  ["with another HMAC", "auth", { port: HMAC.port, frame: { mode: "hmac", password: "abcdeg" } }],
  [
    "in a weaker mode with the right password",
    "auth",
    { port: HMAC.port, frame: { mode: "simple", password: "abcdef" } },
  ],
  [
    "where the key of this host cannot be opened",
    "auth",
    { port: { key: { mode: "simple", octets: undefined } }, frame: { mode: "simple", password: "" } },
  ],
  ["of our own device", "own", { frame: { device: "02:00:00:00:0b:00" } }],
  ["of an unknown version", "version", { frame: { version: 1 } }],
  ["of an unknown type", "type", { frame: { type: 2 } }],
];

test.for(REFUSED)("a Flush %s is dropped and counted as %s", ([, reason, { port, frame, tag }]) => {
  const bench = new Bench(portOf("eth1", port));
  bench.hear(1, frame, tag === undefined ? (frame?.controlVlan ?? 5) : tag);
  expect(bench.events()).toEqual([]);
  expect(bench.counters("eth1")).toMatchObject({
    received: 0,
    dropped: 1,
    reasons: { [reason]: 1 },
    lastReason: reason,
    lastTime: undefined,
  });
});

test.for([
  ["truncated", flushFrame({ tag: null }).slice(0, -1)],
  ["oversized", new Uint8Array([...flushFrame({ tag: null }), 0, 0])],
  ["without a PDU", flushFrame({ tag: null }).slice(0, 14)],
] as const)("a Flush that is %s is dropped and counted", ([, frame]) => {
  const bench = new Bench(portOf("eth1"));
  bench.hearOctets(1, frame);
  expect(bench.events()).toEqual([]);
  expect(bench.counters("eth1")).toMatchObject({ dropped: 1, lastReason: "length" });
});

test("a HMAC covers every octet but its own", () => {
  const whole = flushFrame({ tag: null, mode: "hmac", password: "abcdef", vlans: [7] });
  const bench = new Bench(portOf("eth1", { key: keyOf("hmac", "abcdef"), controlVlans: undefined }));
  for (let at = 22; at < whole.length; at++) {
    const changed = whole.slice();
    changed[at] = (changed[at] as number) ^ 0x10;
    bench.hearOctets(1, changed, null);
  }
  expect(bench.flushes()).toEqual([]);
  expect(bench.counters("eth1")?.received).toBe(0);
  bench.hearOctets(1, whole, null);
  expect(bench.flushes()).toEqual([{ ports: [1], vlans: [7] }]);
});

test("a Flush on an interface that is not enabled is nobody's", () => {
  const bench = new Bench(portOf("eth1"));
  bench.hear(2);
  expect(bench.events()).toEqual([]);
  expect([...bench.receiver.counters()]).toHaveLength(1);
});

describe("replay", () => {
  const signed = (epoch: number, sequence: number, device = "02:00:00:00:0a:00") => ({
    ...HMAC.frame,
    epoch,
    sequence,
    device,
  });

  /** How many of these, one after the other, are taken. */
  function taken(frames: readonly Partial<FlushParts>[], pause: Micros = seconds(1)): number[] {
    const bench = new Bench(portOf("eth1", HMAC.port));
    return frames.flatMap((frame, n) => {
      bench.hear(1, frame);
      const isTaken = bench.flushes().length > 0;
      bench.pass(pause);
      return isTaken ? [n] : [];
    });
  }

  test("the same frame is taken once", () => expect(taken([signed(3, 7), signed(3, 7)])).toEqual([0]));
  test("an older sequence of the same epoch is not taken", () =>
    expect(taken([signed(3, 7), signed(3, 6), signed(3, 8)])).toEqual([0, 2]));
  test("an older epoch is not taken, whatever its sequence", () =>
    expect(taken([signed(3, 7), signed(2, 9)])).toEqual([0]));
  test("a newer epoch begins anew", () => expect(taken([signed(3, 7), signed(4, 1)])).toEqual([0, 1]));
  test("each sender has its own", () =>
    expect(taken([signed(3, 7), signed(1, 1, "02:00:00:00:0c:00")])).toEqual([0, 1]));
  test("a sender that lost clock and disk is heard again after ten minutes without a good frame", () => {
    expect(taken([signed(3, 7), signed(2, 1)], seconds(599))).toEqual([0]);
    expect(taken([signed(3, 7), signed(2, 1)], seconds(600))).toEqual([0, 1]);
  });
  test("the next process goes on with what was remembered, by the same clock", () => {
    const bench = new Bench(portOf("eth1", HMAC.port));
    bench.hear(1, signed(3, 7));
    bench.pass(seconds(599));
    const next = bench.next(portOf("eth1", HMAC.port));
    next.hear(1, signed(3, 7));
    next.hear(1, signed(3, 6));
    expect(next.flushes()).toEqual([]);
    next.hear(1, signed(3, 8));
    expect(next.flushes()).toHaveLength(1);
    const later = bench.next(portOf("eth1", HMAC.port));
    later.pass(seconds(1));
    later.hear(1, signed(2, 1));
    expect(later.flushes()).toHaveLength(1);
  });
  test("without HMAC anybody could forge what is remembered, so nothing is", () => {
    const bench = new Bench(portOf("eth1"));
    for (let n = 0; n < 3; n++) {
      bench.hear(1, { epoch: 9, sequence: 9 });
      expect(bench.flushes()).toHaveLength(1);
      bench.pass(seconds(1));
    }
  });
  test("each bridge hears the same frame once, on whichever of its ports", () => {
    const key = HMAC.port;
    const bench = new Bench(portOf("eth1", key), portOf("eth2", key), portOf("eth3", { ...key, bridge: 60 }));
    for (const index of [1, 2, 3]) bench.hear(index, signed(3, 7));
    expect(bench.flushes()).toEqual([
      { ports: [1, 2], vlans: "all" },
      { ports: [3], vlans: "all" },
    ]);
    expect(bench.counters("eth2")).toMatchObject({ received: 0, reasons: { replay: 1 } });
  });
  test("a replay is counted", () => {
    const bench = new Bench(portOf("eth1", HMAC.port));
    bench.hear(1, signed(3, 7));
    bench.hear(1, signed(3, 7));
    expect(bench.counters("eth1")).toMatchObject({ received: 1, dropped: 1, reasons: { replay: 1 } });
  });
});

describe("many at once", () => {
  test("a batch is one action over all its VLANs", () => {
    const bench = new Bench(portOf("eth1"), portOf("eth2"));
    for (let vlan = 10; vlan < 40; vlan++) bench.hear(1 + (vlan % 2), { vlans: [vlan], sequence: vlan });
    const vlans = Array.from({ length: 30 }, (_, n) => n + 10);
    expect(bench.flushes()).toEqual([{ ports: [1, 2], vlans }]);
  });

  test("control VLANs stay apart", () => {
    const bench = new Bench(
      portOf("eth1"),
      portOf("eth2", { controlVlans: [6] }),
      portOf("eth3", { controlVlans: [5, 6] }),
    );
    bench.hear(3, { vlans: [10] });
    bench.hear(3, { vlans: [11], controlVlan: 6 });
    expect(bench.flushes()).toEqual([
      { ports: [1, 3], vlans: [10] },
      { ports: [2, 3], vlans: [11] },
    ]);
  });

  test("what comes within a tenth of a second of an action waits for its end", () => {
    const bench = new Bench(portOf("eth1"));
    bench.hear(1, { vlans: [10] });
    expect(bench.flushes()).toHaveLength(1);
    bench.pass(millis(40));
    bench.hear(1, { vlans: [11] });
    bench.hear(1, { vlans: [12] });
    expect(bench.flushes()).toEqual([]);
    const later = bench.pass(millis(60));
    expect(later).toEqual([{ kind: "flush", bridge: BRIDGE, ports: [1], vlans: [11, 12] }]);
  });

  test("bridges do not wait for each other", () => {
    const bench = new Bench(portOf("eth1"), portOf("eth2", { bridge: 60 }));
    bench.hear(1);
    bench.hear(2);
    expect(bench.flushes()).toEqual([
      { ports: [1], vlans: "all" },
      { ports: [2], vlans: "all" },
    ]);
  });

  test("ten thousand a second are counted, acted on ten times, and told as a storm until it is over", () => {
    const bench = new Bench(portOf("eth1"));
    const events: FlushEvent[] = [];
    const frame = flushFrame({ tag: null });
    for (let n = 0; n < 10_000; n++) {
      bench.hearOctets(1, frame);
      events.push(...bench.pass(millis(0.1)));
    }
    const count = (kind: FlushEvent["kind"]) => events.filter((event) => event.kind === kind).length;
    expect(bench.counters("eth1")?.received).toBe(10_000);
    expect(count("flush")).toBeGreaterThanOrEqual(10);
    expect(count("flush")).toBeLessThanOrEqual(11);
    expect(count("flush-received")).toBe(10);
    expect(events.filter(({ kind }) => kind === "flush-storm")).toEqual([{ kind: "flush-storm", name: "eth1" }]);
    expect([...bench.receiver.storms()]).toEqual(["eth1"]);
    expect(bench.pass(seconds(9)).some(({ kind }) => kind === "flush-storm")).toBe(false);
    expect(bench.pass(seconds(1))).toEqual([{ kind: "flush-storm", name: "eth1" }]);
    expect([...bench.receiver.storms()]).toEqual([]);
    expect(bench.receiver.nextDeadline()).toBe(Number.POSITIVE_INFINITY as Micros);
  });

  test("a storm of frames that are refused is told too and empties nothing", () => {
    const bench = new Bench(portOf("eth1", HMAC.port));
    for (let n = 0; n < 60; n++) bench.hear(1, { sequence: n });
    expect(bench.events()).toEqual([{ kind: "flush-storm", name: "eth1" }]);
    expect([...bench.receiver.storms()]).toEqual(["eth1"]);
    expect(bench.counters("eth1")).toMatchObject({ received: 0, dropped: 60 });
  });
});

test("what is configured anew keeps its counters, what is not goes", () => {
  const bench = new Bench(portOf("eth1"), portOf("eth2"));
  bench.hear(1);
  bench.hear(2);
  bench.events();
  bench.receiver.configure([portOf("eth2", { controlVlans: [6] }), portOf("eth3")]);
  expect([...bench.receiver.counters()].map(([name, { received }]) => [name, received])).toEqual([
    ["eth2", 1],
    ["eth3", 0],
  ]);
  expect(bench.receiver.heardOn).toEqual([2, 3]);
});

test("an interface that is enabled no more takes the storm it told along", () => {
  const bench = new Bench(portOf("eth1"));
  for (let n = 0; n < 60; n++) bench.hear(1);
  bench.events();
  bench.receiver.configure([]);
  expect(bench.events()).toEqual([{ kind: "flush-storm", name: "eth1" }]);
  expect([...bench.receiver.storms()]).toEqual([]);
});

test("reset begins the counters anew", () => {
  const bench = new Bench(portOf("eth1"));
  bench.hear(1);
  bench.hear(1, { version: 3 });
  bench.receiver.reset();
  expect(bench.counters("eth1")).toMatchObject({ received: 0, dropped: 0, reasons: {}, lastInterface: undefined });
});
