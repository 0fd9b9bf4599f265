import { describe, expect, test, vi } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { alarmsOf } from "../../support/ask.js";
import { type EndParts, FAST, Pair, selected } from "../pair.js";

// Seconds of work at most; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const limited = (maxLinks: number, preemptDelay?: number, systemPriority = 32768): EndParts => ({
  lacp: {
    fast: true,
    maxLinks,
    systemPriority,
    preemptDelay: preemptDelay === undefined ? undefined : seconds(preemptDelay),
  },
});

const started = (pair: Pair): Pair => {
  pair.world.startAll();
  return pair;
};

describe("max active-linknumber", () => {
  test("on both ends leaves exactly one of three links carrying, the best", () => {
    const pair = started(
      new Pair(
        3,
        { ...limited(1), members: { eth3: { priority: 1 } } },
        { ...limited(1), members: { eth3: { priority: 1 } } },
      ),
    );
    pair.world.until("the best carries", () => pair.agrees([3]), seconds(10));
    pair.world.run(seconds(100));
    expect(pair.carrying()).toEqual([3]);
  });

  test("on one end only is followed by the other", () => {
    for (const limit of [0, 1]) {
      const pair = started(new Pair(3, limit === 0 ? limited(1) : FAST, limit === 1 ? limited(1) : FAST));
      pair.world.until("one carries", () => pair.agrees([1]), seconds(10));
      pair.world.run(seconds(100));
      expect(pair.carrying()).toEqual([1]);
    }
  });

  test("of 1 here and 2 there leaves one", () => {
    for (const [pe, ce] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const pair = started(new Pair(3, limited(pe), limited(ce)));
      pair.world.run(seconds(60));
      expect(pair.carrying()).toHaveLength(1);
    }
  });

  test("the better system's priorities decide, wherever they are", () => {
    const pe: EndParts = { ...limited(1), members: { eth2: { priority: 1 } } };
    const ce: EndParts = { ...limited(1, undefined, 1), members: { eth3: { priority: 1 } } };
    const pair = started(new Pair(3, pe, ce));
    pair.world.until("the CE's best carries", () => pair.agrees([3]), seconds(10));
  });

  test("ends that began at different times agree on the same links", () => {
    for (const late of [1, 2, 3]) {
      const pair = new Pair(3, limited(2), limited(2));
      pair.world.cut(pair.cable(late));
      started(pair);
      pair.world.run(seconds(20));
      pair.world.cut(pair.cable(late), false);
      pair.world.run(seconds(60));
      expect(pair.carrying()).toHaveLength(2);
    }
  });

  test("a link in reserve takes over: at once when carrier goes, after the timeout when the cut is silent", () => {
    const pair = started(new Pair(2, limited(1), limited(1)));
    pair.world.until("the first carries", () => pair.agrees([1]), seconds(10));
    pair.world.run(seconds(5));
    pair.world.pull(pair.cable(1));
    expect(pair.world.until("the second carries", () => pair.agrees([2]))).toBeLessThan(millis(10));
    pair.world.pull(pair.cable(1), false);
    pair.world.run(seconds(20));
    expect(pair.carrying()).toEqual([2]);
    pair.world.cut(pair.cable(2));
    expect(pair.world.until("the first carries", () => pair.agrees([1]))).toBeLessThan(millis(3_100));
  });
});

describe("lacp preempt", () => {
  /** The best link fails and heals; how long the other one keeps the traffic from then on. */
  function reign(peDelay: number | undefined, ceDelay: number | undefined): [Pair, number | undefined] {
    const pair = started(new Pair(2, limited(1, peDelay), limited(1, ceDelay)));
    pair.world.until("the best carries", () => pair.agrees([1]), seconds(200));
    pair.world.run(seconds(5));
    pair.world.cut(pair.cable(1));
    pair.world.until("the other carries", () => pair.agrees([2]), seconds(10));
    pair.world.cut(pair.cable(1), false);
    const healed = pair.world.now;
    // From here on one of the two always carries on both ends: nothing is broken before it is made.
    for (let tenths = 0; tenths < 1_000; tenths++) {
      pair.world.run(millis(100));
      for (const node of pair.ends) expect(selected(node)).toHaveLength(1);
      if (pair.agrees([1])) return [pair, (pair.world.now - healed) / 1e6];
    }
    return [pair, undefined];
  }

  test("gives the traffic back to the better link when the greater of both delays is over", () => {
    for (const [pe, ce] of [
      [5, 20],
      [20, 5],
      [20, 20],
    ] as const) {
      const [, time] = reign(pe, ce);
      expect(time).toBeGreaterThanOrEqual(20);
      expect(time).toBeLessThan(25);
    }
  });

  test("on one end only does not preempt", () => {
    expect(reign(5, undefined)[1]).toBeUndefined();
    expect(reign(undefined, 5)[1]).toBeUndefined();
  });

  test("with a delay of 0 on both ends takes only as long as the negotiation", () => {
    expect(reign(0, 0)[1]).toBeLessThan(5);
  });

  test("never happens without it", () => {
    expect(reign(undefined, undefined)[1]).toBeUndefined();
  });
});

describe("least active-linknumber", () => {
  test("of 2 on one end and 3 on the other: the larger takes effect", () => {
    const pair = new Pair(3, { ...FAST, leastLinks: 2 }, { ...FAST, leastLinks: 3 }).up();
    pair.world.pull(pair.cable(1));
    pair.world.run(seconds(1));
    expect(pair.ends.map((node) => node.trunk().operState)).toEqual(["down", "down"]);
    pair.world.pull(pair.cable(1), false);
    pair.world.until("back", () => pair.agrees([1, 2, 3]), seconds(10));
  });

  test("a trunk that is down and comes up is told once each, on both ends", () => {
    const pair = new Pair(2, { ...FAST, leastLinks: 2 }, FAST).up();
    const start = pair.world.now;
    pair.world.pull(pair.cable(1));
    pair.world.run(seconds(1));
    pair.world.pull(pair.cable(1), false);
    pair.world.run(seconds(10));
    const told = pair.world.events.flatMap(({ time, node, event }) =>
      time >= start && event.event === "trunk-state" ? [`${node} ${event.from} ${event.to}`] : [],
    );
    expect(told.sort()).toEqual(["ce down up", "ce up down", "pe down up", "pe up down"]);
  });
});

describe("two trunks between the same systems", () => {
  test("do not mix", () => {
    const pair = new Pair(4);
    const [first, second] = [
      ["eth1", "eth2"],
      ["eth3", "eth4"],
    ] as const;
    for (const node of pair.ends) {
      const [trunk] = node.desired.trunks;
      if (!trunk) throw new Error("no trunk");
      node.configure({
        ...node.desired,
        trunks: [trunk, { ...trunk, id: 2 }],
        interfaces: node.desired.interfaces.map((one) =>
          second.some((name) => name === one.name) && one.member
            ? { ...one, member: { ...one.member, trunk: 2 } }
            : one,
        ),
      });
    }
    pair.world.startAll();
    pair.world.run(seconds(10));
    for (const node of pair.ends)
      for (const [id, names] of [
        [1, first],
        [2, second],
      ] as const) {
        expect(node.trunk(id).operState).toBe("up");
        expect(node.trunk(id).ports.map(({ name, status }) => [name, status])).toEqual(
          names.map((name) => [name, "Selected"]),
        );
      }
  });

  test("a link plugged into the wrong trunk stays out, and says why", () => {
    const pair = new Pair(3);
    const { desired } = pair.ce;
    const [trunk] = desired.trunks;
    if (!trunk) throw new Error("no trunk");
    pair.ce.configure({
      ...desired,
      trunks: [trunk, { ...trunk, id: 2 }],
      interfaces: desired.interfaces.map((one) =>
        one.name === "eth3" && one.member ? { ...one, member: { ...one.member, trunk: 2 } } : one,
      ),
    });
    pair.world.startAll();
    pair.world.run(seconds(100));
    expect(selected(pair.pe)).toEqual(["eth1", "eth2"]);
    expect(pair.pe.port("eth3").reason).toBe("partner system ID or key differs from the reference port's");
  });
});

describe("own frames", () => {
  test("two ports of one device cabled together carry nothing, and others do", () => {
    const pair = new Pair(1, FAST, FAST);
    const { pe, world } = pair;
    world.connect({ node: pe, device: "eth2" }, { node: pe, device: "eth3" });
    const [one] = pe.desired.interfaces;
    if (!one) throw new Error("no interface");
    const more = ["eth2", "eth3"].map((name) => ({ ...one, name, device: name }));
    pe.configure({ ...pe.desired, interfaces: [one, ...more] });
    world.startAll();
    world.run(seconds(60));
    expect(selected(pe)).toEqual(["eth1"]);
    expect(alarmsOf(pe.engine).map(({ name }) => name)).toContain("lacpOwnSystemIdReceived");
  });

  test("two devices with one system ID say so on both ends and carry nothing", () => {
    const pair = new Pair(1, { lacp: { systemId: 1 as never } }, { lacp: { systemId: 1 as never } });
    pair.world.startAll();
    pair.world.run(seconds(60));
    expect(pair.carrying()).toEqual([]);
    for (const node of pair.ends) expect(alarmsOf(node.engine)[0]?.text).toContain("cloned");
  });
});
