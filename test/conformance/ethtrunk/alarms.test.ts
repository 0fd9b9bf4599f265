import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { alarmsOf } from "../../support/ask.js";
import type { TrunkParts } from "../../support/desired.js";
import { bringUp, Partner, Station } from "../lacp/station.js";

const MANUAL: TrunkParts = { mode: "manual", members: { eth1: {}, eth2: {} } };
const STATIC: TrunkParts = { mode: "static", members: { eth1: {}, eth2: {} } };

const texts = (station: Station): string[] => alarmsOf(station.engine).map(({ text }) => text);
const cut = { carrier: false };
const mend = { carrier: true };

describe("a trunk that is down", () => {
  test("in mode manual raises an alarm while it is down", () => {
    const station = new Station(MANUAL);
    station.link("eth1", cut);
    station.link("eth2", cut);
    expect(alarmsOf(station.engine)).toContainEqual(
      expect.objectContaining({
        ...{ name: "ethTrunkDown", level: "Critical" },
        text: "Eth-Trunk1 is down: no member is up (link down).",
      }),
    );
    station.link("eth1", mend);
    expect(texts(station)).toEqual(["Eth-Trunk1 eth2 is down: link down."]);
  });

  test("and never came up raises an alarm after ten seconds, which say that it is no start any more", () => {
    const station = new Station(STATIC);
    station.pass(millis(9_999));
    expect(texts(station)).toEqual([]);
    station.pass(millis(1));
    expect(texts(station)).toEqual([
      "Eth-Trunk1 is down: no member is Selected (no partner heard).",
      "Eth-Trunk1 eth1 is not Selected: no partner heard.",
      "Eth-Trunk1 eth2 is not Selected: no partner heard.",
    ]);
  });

  test("says how many members it has and how many it needs, and only where it needs more than it has", () => {
    const station = new Station({ ...STATIC, leastLinks: 2 });
    bringUp(station);
    station.link("eth2", cut);
    expect(alarmsOf(station.engine)[0]).toMatchObject({ name: "hwLacpPartialLinkLoss" });
    expect(texts(station)[0]).toBe("Eth-Trunk1 is down: 1 member can carry, it needs 2.");
    const other = new Station(STATIC);
    bringUp(other);
    // Both are heard, and neither is in sync.
    for (const name of ["eth1", "eth2"]) new Partner(other, name).say("10100000");
    expect(alarmsOf(other.engine)[0]).toMatchObject({ name: "hwLacpTotalLinkLoss", level: "Critical" });
    expect(texts(other)).toEqual(["Eth-Trunk1 is down: no member is Selected (partner is not in sync)."]);
  });

  test("by bandwidth says both numbers", () => {
    const station = new Station({ ...MANUAL, leastBandwidth: 2_000 });
    station.link("eth2", cut);
    expect(texts(station)[0]).toBe(
      "Eth-Trunk1 is down: the members that can carry have 1000 Mbit/s, it needs 2000 Mbit/s.",
    );
  });

  test("by shutdown, or without members, is as configured", () => {
    for (const parts of [{ shutdown: true }, { members: {} }]) {
      const station = new Station({ ...MANUAL, ...parts });
      station.pass(seconds(100));
      expect(texts(station)).toEqual([]);
    }
  });

  test("has the same alarm after a restart: it is a state", () => {
    const station = new Station(STATIC);
    bringUp(station);
    station.link("eth1", cut);
    station.link("eth2", cut);
    const before = texts(station).sort();
    const next = new Station(STATIC, { restored: station.engine.checkpoint() });
    next.link("eth1", cut);
    next.link("eth2", cut);
    next.pass(seconds(10));
    expect(texts(next).sort()).toEqual(before);
    expect(before).toContain("Eth-Trunk1 is down: no member is Selected (link down).");
  });

  test("because the device stops raises none", () => {
    for (const parts of [STATIC, MANUAL]) {
      const station = new Station(parts);
      if (parts === STATIC) bringUp(station);
      station.engine.take({ kind: "leave" }, station.now);
      station.settle();
      station.pass(seconds(20));
      expect(station.events.filter(({ event }) => event === "alarm")).toEqual([]);
    }
  });

  test("because it is configured no more has its event, and its members theirs", () => {
    const station = new Station(MANUAL, { more: [{ ...MANUAL, id: 2, members: { eth3: {} } }] });
    station.events.length = 0;
    station.configure(MANUAL);
    expect(station.events).toEqual([
      expect.objectContaining({ event: "port-state", trunk: 2, port: "eth3", from: "Up", to: "Offline" }),
      { event: "trunk-state", trunk: 2, from: "up", to: "down" },
    ]);
  });
});

describe("a member of a trunk that is up", () => {
  test("whose link is down raises an alarm, and the link's falls are counted", () => {
    const station = new Station(STATIC);
    bringUp(station);
    for (let n = 0; n < 3; n++) {
      station.link("eth2", cut);
      expect(texts(station)).toEqual(["Eth-Trunk1 eth2 is down: link down."]);
      station.link("eth2", mend);
      expect(texts(station)).toEqual([]);
    }
    expect([station.port("eth1").linkDowns, station.port("eth2").linkDowns]).toEqual([0, 3]);
  });

  test("that waits in reserve raises one too, which no port-state event would tell", () => {
    const station = new Station({ ...STATIC, lacp: { maxLinks: 1 } });
    bringUp(station);
    expect([station.port("eth2").status, texts(station)]).toEqual(["Unselect", []]);
    station.link("eth2", cut);
    expect(texts(station)).toEqual(["Eth-Trunk1 eth2 is down: link down."]);
    const pair = new Station({ ...MANUAL, mode: "backup" });
    pair.link("eth2", cut);
    expect(texts(pair)).toEqual(["Eth-Trunk1 eth2 is down: link down."]);
  });

  test("that is shut down by its own configuration raises none, and one by somebody else does", () => {
    const station = new Station({ ...MANUAL, members: { eth1: {}, eth2: { shutdown: true } } });
    station.link("eth2", { up: false, carrier: false });
    station.pass(seconds(100));
    expect(texts(station)).toEqual([]);
    station.link("eth1", { up: false, carrier: false });
    expect(texts(station)).toContain("Eth-Trunk1 eth1 is down: administratively down.");
  });

  test("that the partner holds in reserve raises none, and one that fits no partner does, after a start's time", () => {
    const station = new Station(STATIC);
    bringUp(station);
    new Partner(station, "eth2").say("10100000");
    station.pass(seconds(20));
    expect([station.port("eth2").status, texts(station)]).toEqual(["Unselect", []]);
    new Partner(station, "eth2", { key: 8 }).say("10100000");
    station.pass(seconds(10));
    expect(texts(station)).toEqual([
      "Eth-Trunk1 eth2 is not Selected: partner system ID or key differs from the reference port's.",
    ]);
  });

  test("whose interface does not come raises one after ten seconds", () => {
    const station = new Station(MANUAL);
    station.configure({ ...MANUAL, members: { eth1: {}, eth2: {}, eth3: {} } });
    station.pass(millis(9_999));
    expect(texts(station)).toEqual([]);
    station.pass(millis(1));
    expect(texts(station)).toEqual(["Eth-Trunk1 eth3 is down: no such interface."]);
    station.configure(MANUAL);
    expect(texts(station)).toEqual([]);
  });

  test("whose interface goes raises one at once", () => {
    const station = new Station(MANUAL);
    station.link("eth2", { present: false, up: false, carrier: false });
    expect(texts(station)).toEqual(["Eth-Trunk1 eth2 is down: interface gone."]);
  });
});

describe("after the process stood still", () => {
  test("the reason of what partners do is that it was late, and an alarm stands for a minute", () => {
    const station = new Station(STATIC);
    bringUp(station);
    station.stall(seconds(10));
    station.engine.take({ kind: "late", by: seconds(10) }, station.now);
    new Partner(station, "eth1").say("10100000");
    expect(station.events).toContainEqual(
      expect.objectContaining({
        event: "port-state",
        port: "eth1",
        reason: "etrunkd was late by 10.0 s: partner is not in sync",
      }),
    );
    const stood = "etrunkd stood still and was late by 10.0 s: partners and peers may have given it up.";
    expect(texts(station)).toContain(stood);
    station.pass(seconds(60));
    expect(texts(station)).not.toContain(stood);
  });
});
