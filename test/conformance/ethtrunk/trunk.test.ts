import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { alarmsOf, statisticsOf } from "../../support/ask.js";
import type { TrunkParts } from "../../support/desired.js";
import { bringUp, Partner, Station } from "../lacp/station.js";

const MANUAL: TrunkParts = { mode: "manual", members: { eth1: {}, eth2: {}, eth3: {} } };
const STATIC: TrunkParts = { ...MANUAL, mode: "static" };

const statuses = (station: Station): string[] => station.trunk().ports.map(({ status }) => status);
const states = (station: Station): string[] =>
  station.events.flatMap((event) => (event.event === "trunk-state" ? [`${event.from} ${event.to}`] : []));

describe("mode manual load-balance", () => {
  test("a member carries while its link is up, and no LACPDU leaves or counts", () => {
    const station = new Station(MANUAL);
    expect(statuses(station)).toEqual(["Up", "Up", "Up"]);
    station.link("eth2", { carrier: false });
    expect(statuses(station)).toEqual(["Up", "Down", "Up"]);
    expect(station.port("eth1")).toMatchObject({
      collecting: true,
      distributing: true,
      portState: null,
      partner: null,
    });
    expect(station.port("eth2")).toMatchObject({ collecting: false, distributing: false });
    station.hear("eth1", new Partner(new Station(STATIC), "eth1").frame());
    station.pass(seconds(100));
    expect(station.taken()).toEqual([]);
    expect(statuses(station)).toEqual(["Up", "Down", "Up"]);
  });

  test("a member without an interface is Offline, and carries once there is one", () => {
    const station = new Station(MANUAL);
    station.link("eth3", { present: false, up: false, carrier: false });
    expect(statuses(station)).toEqual(["Up", "Up", "Offline"]);
    station.link("eth3", { index: 99, present: true, up: true, carrier: true });
    expect(statuses(station)).toEqual(["Up", "Up", "Up"]);
  });

  /** Thresholds, how many links are left, and what the trunk is then. */
  const THRESHOLDS: readonly [what: string, left: number, up: boolean, parts: Partial<TrunkParts>][] = [
    ["least active-linknumber 1", 1, true, { leastLinks: 1 }],
    ["least active-linknumber 1", 0, false, { leastLinks: 1 }],
    ["least active-linknumber 2", 2, true, { leastLinks: 2 }],
    ["least active-linknumber 2", 1, false, { leastLinks: 2 }],
    ["least active-linknumber 3", 3, true, { leastLinks: 3 }],
    ["least active-linknumber 4", 3, false, { leastLinks: 4 }],
    ["least active-bandwidth 2000", 2, true, { leastLinks: undefined as never, leastBandwidth: 2_000 }],
    ["least active-bandwidth 2001", 2, false, { leastLinks: undefined as never, leastBandwidth: 2_001 }],
    ["least active-bandwidth 1", 0, false, { leastLinks: undefined as never, leastBandwidth: 1 }],
    ["shutdown", 3, false, { shutdown: true }],
  ];

  test.for(THRESHOLDS)("%s with %i links left: up is %s", ([, left, up, parts]) => {
    const station = new Station({ ...MANUAL, ...parts });
    for (let n = left + 1; n <= 3; n++) station.link(`eth${n}`, { carrier: false });
    expect(station.trunk()).toMatchObject({ operState: up ? "up" : "down", upPorts: left });
    for (const { status, distributing } of station.trunk().ports) expect(distributing).toBe(up && status === "Up");
  });

  test("the trunk tells each change of state once", () => {
    const station = new Station({ ...MANUAL, leastLinks: 2 });
    for (const carrier of [false, false, true]) {
      station.link("eth1", { carrier });
      station.link("eth2", { carrier });
    }
    expect(states(station)).toEqual(["down up", "up down", "down up"]);
  });

  test("members join and leave, and the others do not notice", () => {
    const station = new Station(MANUAL);
    station.configure({ ...MANUAL, members: { eth1: {}, eth3: { weight: 5 } } });
    expect(station.trunk().ports.map(({ name, weight }) => [name, weight])).toEqual([
      ["eth1", 1],
      ["eth3", 5],
    ]);
    station.configure(MANUAL);
    const touched = station.events.flatMap((event) =>
      event.event === "port-state" ? [`${event.port} ${event.to}`] : [],
    );
    expect(touched.filter((edge) => !edge.startsWith("eth2"))).toEqual(["eth1 Up", "eth3 Up"]);
  });
});

describe("a change of mode", () => {
  test("from manual to static keeps the old forwarding while the partner changes too, and LACP takes over port by port", () => {
    const station = new Station(MANUAL);
    station.configure(STATIC);
    expect(statuses(station)).toEqual(["ForceUp", "ForceUp", "ForceUp"]);
    expect(station.trunk().operState).toBe("up");
    new Partner(station, "eth1").say("10100000");
    expect(statuses(station)).toEqual(["Unselect", "ForceUp", "ForceUp"]);
    station.pass(seconds(2));
    new Partner(station, "eth1").say("10111100");
    expect(statuses(station)).toEqual(["Selected", "ForceUp", "ForceUp"]);
  });

  test("from manual to static ends the old forwarding after 90 seconds when nobody negotiates", () => {
    const station = new Station(MANUAL);
    station.configure(STATIC);
    station.pass(millis(89_999));
    expect(station.trunk().operState).toBe("up");
    station.pass(millis(1));
    expect(statuses(station)).toEqual(["Unselect", "Unselect", "Unselect"]);
    expect(station.trunk().operState).toBe("down");
  });

  test("from static to manual carries at once, and the partner is told that LACP ends", () => {
    const station = new Station(STATIC);
    bringUp(station);
    station.configure(MANUAL);
    expect(statuses(station)).toEqual(["Up", "Up", "Up"]);
    expect(station.taken().map(({ port }) => port)).toEqual(["eth1", "eth2", "eth3"]);
    expect(station.lastPdu("eth1")?.actor.state.slice(2, 6)).toBe("0000");
    expect(statisticsOf(station.engine)).toEqual([]);
  });
});

describe("mode static", () => {
  test("nothing carries while the trunk is below its threshold, and what was agreed with the partner is taken back", () => {
    const station = new Station({ ...STATIC, leastLinks: 3 });
    bringUp(station);
    expect(states(station)).toEqual(["down up"]);
    station.link("eth3", { carrier: false });
    expect(station.trunk()).toMatchObject({ operState: "down", upPorts: 0 });
    for (const { distributing } of station.trunk().ports) expect(distributing).toBe(false);
  });

  test("alarms tell which loss it is: all links, or too many of them", () => {
    const alarms = (station: Station) => alarmsOf(station.engine).map(({ name }) => name);
    const station = new Station({ ...STATIC, leastLinks: 2 });
    bringUp(station);
    station.link("eth1", { carrier: false });
    station.link("eth2", { carrier: false });
    expect(alarms(station)).toContain("hwLacpPartialLinkLoss");
    const other = new Station(STATIC);
    bringUp(other);
    for (const name of ["eth1", "eth2", "eth3"]) other.link(name, { carrier: false });
    expect(alarms(other)).toContain("hwLacpTotalLinkLoss");
    expect(alarms(other)).not.toContain("hwLacpPartialLinkLoss");
  });
});

describe("why a member does not carry", () => {
  const GONE = { present: false, up: false, carrier: false } as const;
  test.for([
    [{ up: false, carrier: false }, "administratively down"],
    [{ carrier: false }, "link down"],
    [{ ...GONE, fate: "deleted" }, "interface deleted"],
    [{ ...GONE, fate: "moved" }, "interface moved to another network namespace"],
    [GONE, "interface gone"],
    [{ name: "uplink" }, "interface renamed to uplink"],
  ] as const)("%j is told as %s, until it is there again", ([change, reason]) => {
    for (const trunk of [MANUAL, STATIC]) {
      const station = new Station(trunk);
      if (trunk === STATIC) bringUp(station);
      const [carrying, idle] =
        trunk === STATIC
          ? ["Selected", "Unselect"]
          : ["Up", "present" in change || "name" in change ? "Offline" : "Down"];
      station.link("eth2", change);
      // A port that leaves has a second to say so.
      station.pass(seconds(1));
      expect(station.port("eth2")).toMatchObject({ status: idle, reason, linkUp: false, distributing: false });
      expect([station.port("eth1").status, station.port("eth3").status]).toEqual([carrying, carrying]);
      station.link("eth2", { name: "eth2", present: true, up: true, carrier: true, fate: undefined });
      expect(station.port("eth2")).toMatchObject({ linkUp: true });
      expect(station.port("eth2").reason).not.toBe(reason);
    }
  });

  test("one that never was there, and one that has no Linux interface, are told apart", () => {
    const station = new Station({ ...MANUAL, members: { eth1: {} } });
    station.link("eth1", { present: false, up: false, carrier: false, fate: "deleted" });
    station.configure({ ...MANUAL, members: {} });
    station.configure({ ...MANUAL, members: { eth1: {} } });
    expect(station.port("eth1")).toMatchObject({ status: "Offline", reason: "no such interface" });
  });

  test("a member whose interface is renamed tells its partner, and begins anew under its name", () => {
    const station = new Station(STATIC);
    const partners = bringUp(station);
    station.link("eth2", { name: "uplink" });
    expect(station.lastPdu("uplink")?.actor.state.slice(2, 6)).toBe("0000");
    station.pass(seconds(1));
    station.taken();
    station.pass(seconds(10));
    expect(station.taken().filter(({ port }) => port === "uplink")).toEqual([]);
    station.link("eth2", { name: "eth2" });
    partners.get("eth2")?.say("10100000");
    station.pass(seconds(2));
    partners.get("eth2")?.say("10111100");
    expect(statuses(station)).toEqual(["Selected", "Selected", "Selected"]);
  });

  test("one the data plane cannot take is out of sync until the data plane takes it", () => {
    const station = new Station(STATIC);
    const partners = bringUp(station);
    const fail = (trunk: number, member: number, text?: string) =>
      station.engine.take({ kind: "refused", what: "forwarding", subject: { trunk, member }, text }, station.now);
    const refuse = () => {
      fail(1, station.linkOf("eth2").index, "no room");
      station.settle();
      expect(station.port("eth2")).toMatchObject({ status: "Unselect", reason: "data plane: no room", linkUp: false });
      expect(statuses(station)).toEqual(["Selected", "Unselect", "Selected"]);
      expect(alarmsOf(station.engine).map(({ text }) => text)).toEqual(["Eth-Trunk1 eth2: no room."]);
    };
    const carries = () => {
      fail(1, station.linkOf("eth2").index);
      partners.get("eth2")?.say("10100000");
      station.pass(seconds(2));
      partners.get("eth2")?.say("10111100");
      expect(statuses(station)).toEqual(["Selected", "Selected", "Selected"]);
    };
    refuse();
    expect(station.lastPdu("eth2")?.actor.state.slice(2, 6)).toBe("1000");
    carries();
    // What is no member of it is none of its business.
    fail(1, 4711, "gone");
    fail(7, station.linkOf("eth2").index, "gone");
    station.settle();
    expect(statuses(station)).toEqual(["Selected", "Selected", "Selected"]);
  });
});
