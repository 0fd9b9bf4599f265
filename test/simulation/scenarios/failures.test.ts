import { describe, expect, test, vi } from "vitest";
import { type Micros, micros, millis, seconds } from "../../../src/core/base/time.js";
import { FAST, Pair, selected } from "../pair.js";

// Seconds of work at most; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

/** Changes of a member's status on a node since a time, as text. */
const edges = (pair: Pair, node: string, since: Micros): string[] =>
  pair.world.events.flatMap(({ time, node: name, event }) =>
    name === node && time >= since && event.event === "port-state" ? [`${event.port} ${event.from} ${event.to}`] : [],
  );

describe("a silent cut", () => {
  test("takes only that port away on both ends when the timeout is over, then forgets the partner, then heals", () => {
    const pair = new Pair(2, FAST, FAST).up();
    pair.world.run(seconds(10));
    pair.world.cut(pair.cable(1));
    pair.world.run(millis(4_100));
    expect(pair.carrying()).toEqual([2]);
    for (const node of pair.ends) {
      expect(node.port("eth1")).toMatchObject({ receiveState: "EXPIRED", linkUp: true, distributing: false });
      expect(node.port("eth1").partner?.portState.slice(1, 4)).toBe("110");
      expect(node.port("eth2")).toMatchObject({ receiveState: "CURRENT", portState: "11111100" });
    }
    pair.world.run(millis(4_100));
    for (const node of pair.ends)
      expect(node.port("eth1")).toMatchObject({
        receiveState: "DEFAULTED",
        muxState: "DETACHED",
        partner: null,
        portState: "11100010",
      });
    pair.world.cut(pair.cable(1), false);
    expect(pair.world.until("healed", () => pair.agrees([1, 2]), millis(30_100))).toBeLessThan(seconds(5));
  });

  test("with slow timers it takes 60 to 90 seconds", () => {
    const pair = new Pair(2).up();
    pair.world.run(seconds(40));
    pair.world.cut(pair.cable(1));
    const outage = pair.world.until("gone", () => pair.agrees([2]), seconds(120));
    expect(outage).toBeGreaterThanOrEqual(seconds(60));
    expect(outage).toBeLessThanOrEqual(seconds(90));
  });

  test("with a user-defined timeout it takes that long", () => {
    const seventeen = { lacp: { fast: true, timeout: seconds(17) } };
    const pair = new Pair(2, seventeen, seventeen).up();
    pair.world.run(seconds(40));
    pair.world.cut(pair.cable(1));
    const outage = pair.world.until("gone", () => pair.agrees([2]), seconds(30));
    expect(outage).toBeGreaterThanOrEqual(seconds(16));
    expect(outage).toBeLessThanOrEqual(seconds(17.1));
  });

  test("in one direction only takes the port away on both ends: who does not hear falls out of sync in six seconds", () => {
    for (const end of [0, 1] as const) {
      const pair = new Pair(2, FAST, FAST).up();
      pair.world.run(seconds(10));
      pair.world.mute(pair.cable(1), end);
      pair.world.until("gone", () => pair.agrees([2]), millis(6_100));
      expect(pair.ends[end].port("eth1")).toMatchObject({ receiveState: "CURRENT", status: "Unselect" });
      pair.world.mute(pair.cable(1), end, false);
      pair.world.until("healed", () => pair.agrees([1, 2]), seconds(10));
    }
  });

  test("in one direction only is over in three seconds with independent control, which heeds Collecting", () => {
    const independent = { lacp: { fast: true, independentControl: true } };
    for (const end of [0, 1] as const) {
      const pair = new Pair(2, independent, independent).up();
      pair.world.run(seconds(10));
      pair.world.mute(pair.cable(1), end);
      pair.world.until("gone", () => pair.agrees([2]), millis(3_100));
      expect(pair.ends[end === 0 ? 1 : 0].port("eth1").receiveState).toBe("EXPIRED");
    }
  });

  test("of the only link takes the trunk down, and back", () => {
    const pair = new Pair(1, FAST, FAST).up();
    pair.world.cut(pair.cable(1));
    pair.world.until("down", () => pair.ends.every((node) => node.trunk().operState === "down"), seconds(5));
    pair.world.cut(pair.cable(1), false);
    pair.world.until("up", () => pair.ends.every((node) => node.trunk().operState === "up"), seconds(10));
  });
});

describe("a loss of carrier", () => {
  test("takes that port away on both ends at once, and only that", () => {
    const pair = new Pair(3).up();
    const start = pair.world.now;
    pair.world.pull(pair.cable(2));
    pair.world.run(millis(1));
    expect(pair.carrying()).toEqual([1, 3]);
    pair.world.run(seconds(100));
    for (const node of ["pe", "ce"]) expect(edges(pair, node, start)).toEqual(["eth2 Selected Unselect"]);
    pair.world.pull(pair.cable(2), false);
    expect(pair.world.until("healed", () => pair.agrees([1, 2, 3]))).toBeLessThan(seconds(5));
  });

  test("of which one end hears a second later does not leave that end sending for longer", () => {
    const pair = new Pair(2, FAST, FAST).up();
    const cable = pair.cable(1);
    cable.quality = { ...cable.quality, newsDelay: seconds(1) };
    pair.world.pull(cable);
    pair.world.run(millis(1_010));
    expect(pair.carrying()).toEqual([2]);
  });

  test("that flaps ten times leaves one event per edge on each end and all links in the end", () => {
    const pair = new Pair(2, FAST, FAST).up();
    const start = pair.world.now;
    for (let n = 0; n < 10; n++) {
      pair.world.pull(pair.cable(1));
      pair.world.run(millis(300));
      pair.world.pull(pair.cable(1), false);
      pair.world.run(seconds(4));
    }
    pair.world.run(seconds(5));
    expect(pair.carrying()).toEqual([1, 2]);
    for (const node of ["pe", "ce"]) {
      const seen = edges(pair, node, start);
      expect(seen.length).toBeGreaterThan(10);
      for (let n = 1; n < seen.length; n++) expect(seen[n]).not.toBe(seen[n - 1]);
    }
  });

  test("with a minimum of two links takes the trunk down at one, on both ends, and the partner sees it", () => {
    const pair = new Pair(2, { leastLinks: 2 }, {}).up();
    pair.world.pull(pair.cable(1));
    pair.world.run(millis(10));
    expect(pair.pe.trunk().operState).toBe("down");
    expect(pair.ce.port("eth2").partner?.portState[3]).toBe("0");
    expect(selected(pair.ce)).toEqual([]);
    pair.world.pull(pair.cable(1), false);
    pair.world.until("healed", () => pair.agrees([1, 2]));
  });
});

describe("an interface", () => {
  test("that is deleted and made anew under the daemon takes part again", () => {
    const pair = new Pair(2, FAST, FAST).up();
    pair.world.recreate(pair.cable(1), 0);
    pair.world.run(millis(1));
    expect(selected(pair.pe)).toEqual(["eth2"]);
    pair.world.until("back", () => pair.agrees([1, 2]), seconds(10));
  });

  test("that is shut down in the configuration takes the other end's carrier, and gives it back", () => {
    const pair = new Pair(2).up();
    pair.reconfigure(pair.pe, { members: { eth1: { shutdown: true } } });
    pair.world.run(millis(10));
    expect(pair.ce.port("eth1").linkUp).toBe(false);
    expect(pair.carrying()).toEqual([2]);
    pair.reconfigure(pair.pe, {});
    pair.world.until("back", () => pair.agrees([1, 2]));
  });
});

describe("loss", () => {
  test("of one PDU in a row changes nothing with fast timers", () => {
    const pair = new Pair(1, FAST, FAST).up();
    pair.world.run(seconds(10));
    const start = pair.world.now;
    for (let n = 0; n < 50; n++) {
      pair.world.cut(pair.cable(1));
      pair.world.run(millis(1_000));
      pair.world.cut(pair.cable(1), false);
      pair.world.run(millis(1_000));
    }
    expect([...edges(pair, "pe", start), ...edges(pair, "ce", start)]).toEqual([]);
  });

  test("of everything during the negotiation only delays it", () => {
    for (let lost = 0; lost < 40; lost++) {
      const pair = new Pair(1, FAST, FAST);
      pair.world.startAll();
      pair.world.run(micros(lost * 100_000));
      pair.world.cut(pair.cable(1));
      pair.world.run(millis(700));
      pair.world.cut(pair.cable(1), false);
      pair.world.until("all carry", () => pair.agrees([1]), seconds(10));
    }
  });
});
