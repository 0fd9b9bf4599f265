import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { alarmsOf } from "../../support/ask.js";
import type { MemberParts, TrunkParts } from "../../support/desired.js";
import type { End } from "../../support/frames.js";
import { bringUp, PARTNER_MAC, Partner, STATION_MAC, Station } from "./station.js";

const members = (count: number, parts: { readonly [name: string]: MemberParts } = {}): TrunkParts["members"] =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`eth${n + 1}`, parts[`eth${n + 1}`] ?? {}]));

/** Names of the ports that carry traffic. */
const selected = (station: Station): string[] =>
  station
    .trunk()
    .ports.filter(({ status }) => status === "Selected")
    .map(({ name }) => name);

/** All partners speak, then time passes, in steps short enough to keep fast ports CURRENT. */
function live(station: Station, partners: Map<string, Partner>, duration: number): void {
  for (let n = 0; n < duration; n++) {
    for (const partner of partners.values()) partner.say();
    station.pass(seconds(1));
  }
}

describe("C6 who may aggregate", () => {
  test("ports with the same partner and key carry traffic together", () => {
    const station = new Station({ members: members(3) });
    bringUp(station);
    expect(selected(station)).toEqual(["eth1", "eth2", "eth3"]);
    expect(station.trunk()).toMatchObject({ operState: "up", upPorts: 3 });
  });

  /** What splits a link from the others. */
  const SPLIT: readonly [what: string, end: Partial<End>][] = [
    ["another system", { system: "02:00:00:00:0c:00" }],
    ["another system priority", { systemPriority: 1 }],
    ["another key", { key: 8 }],
  ];

  test.for(SPLIT)("a link whose partner has %s stays out, and says why", ([, end]) => {
    const station = new Station({ members: members(3) });
    bringUp(station, { eth3: end });
    expect(selected(station)).toEqual(["eth1", "eth2"]);
    expect(station.port("eth3")).toMatchObject({
      status: "Unselect",
      reason: "partner system ID or key differs from the reference port's",
      reference: false,
    });
  });

  test("the reference port and the port of highest priority are marked", () => {
    const station = new Station({ members: members(2, { eth2: { priority: 1 } }) });
    bringUp(station);
    expect(station.trunk().ports.map(({ reference, highPriority }) => [reference, highPriority])).toEqual([
      [false, false],
      [true, true],
    ]);
  });

  test("a partner that moves all links to another key is followed", () => {
    const station = new Station({ members: members(2) });
    const partners = bringUp(station);
    for (const partner of partners.values()) partner.end = { ...partner.end, key: 99 };
    for (const partner of partners.values()) partner.say("10100000");
    expect(selected(station)).toEqual([]);
    live(station, partners, 3);
    for (const partner of partners.values()) partner.say("10111100");
    expect(selected(station)).toEqual(["eth1", "eth2"]);
  });

  test("an individual partner is aggregated with nobody: one link alone, shown as Indep", () => {
    const station = new Station({ members: members(2) });
    const partners = [new Partner(station, "eth1"), new Partner(station, "eth2")];
    for (const partner of partners) partner.say("10010000");
    station.pass(seconds(2));
    for (const partner of partners) partner.say("10011100");
    const statuses = station.trunk().ports.map(({ status }) => status);
    expect(statuses.sort()).toEqual(["Indep", "Unselect"]);
  });

  test("a link of another rate stays out, and goes in when mixed rates are allowed", () => {
    const rates = members(2, { eth1: { speed: 10_000 }, eth2: { speed: 1_000 } });
    const station = new Station({ members: rates });
    bringUp(station);
    expect(selected(station)).toEqual(["eth1"]);
    expect(station.port("eth2").reason).toBe("rate differs from the reference port's");
    const mixed = new Station({ members: rates, lacp: { mixedRate: true } });
    bringUp(mixed);
    expect(selected(mixed)).toEqual(["eth1", "eth2"]);
    expect(mixed.port("eth1").portKey).toBe(mixed.port("eth2").portKey);
  });

  test("the key tells trunk and rate, unless one is configured", () => {
    const key = (parts: Partial<TrunkParts>, speed: number) =>
      new Station({ ...parts, members: { eth1: { speed } } }).port("eth1").portKey;
    expect(key({ id: 1 }, 1_000)).toBe(305);
    expect(key({ id: 1 }, 100)).toBe(289);
    expect(key({ id: 8 }, 10_000)).toBe(2113);
    expect(key({ id: 257 }, 1_000)).toBe(305);
    expect(key({ id: 1, lacp: { portKey: 4321 } }, 1_000)).toBe(4321);
  });

  test("two trunks of one device negotiate apart", () => {
    const station = new Station({ id: 1, members: { eth1: {} } }, { more: [{ id: 2, members: { eth2: {} } }] });
    const keys = [station.lastPdu("eth1")?.actor.key, station.lastPdu("eth2")?.actor.key];
    expect(keys).toEqual([0x131, 0x231]);
    new Partner(station, "eth2").say();
    expect([station.port("eth1").receiveState, station.port("eth2").receiveState]).toEqual(["EXPIRED", "CURRENT"]);
    expect(station.port("eth2").portNumber).toBe(2);
  });
});

describe("C6 a partner that is ourselves", () => {
  const ownAlarm = (station: Station) =>
    alarmsOf(station.engine).filter(({ name }) => name === "lacpOwnSystemIdReceived");

  test("a port that hears its own LACPDUs carries nothing and raises an alarm that says so", () => {
    const station = new Station({ members: members(1) });
    const [own] = station.taken();
    station.hear("eth1", own?.bytes ?? new Uint8Array());
    expect(station.port("eth1")).toMatchObject({ receiveState: "EXPIRED", reason: "partner system ID equals ours" });
    expect(ownAlarm(station)[0]?.text).toContain("looped back");
    expect(station.statistics("eth1").faults).toMatchObject({ "own-system": 1 });
  });

  test("two ports of one device cabled together carry nothing, and the alarm tells them from a loop plug", () => {
    const station = new Station({ members: members(2) });
    const [first] = station.taken();
    station.hear("eth2", first?.bytes ?? new Uint8Array());
    expect(ownAlarm(station)[0]?.text).toContain("cabled together");
    expect(selected(station)).toEqual([]);
  });

  test("another device with our system ID is told as a clone", () => {
    const station = new Station({ members: members(1) });
    new Partner(station, "eth1", { system: STATION_MAC }).say();
    expect(ownAlarm(station)[0]?.text).toContain("cloned");
    expect(station.port("eth1").status).toBe("Unselect");
  });

  test("the alarm is raised once and ends when the PDUs do", () => {
    const station = new Station({ members: members(1) });
    const clone = new Partner(station, "eth1", { system: STATION_MAC });
    for (let n = 0; n < 10; n++) {
      clone.say();
      station.pass(seconds(20));
    }
    const told = (kind: string) =>
      station.events.filter(
        (event) => event.event === kind && "name" in event && event.name === "lacpOwnSystemIdReceived",
      );
    expect(told("alarm")).toHaveLength(1);
    station.pass(seconds(90));
    expect(ownAlarm(station)).toEqual([]);
    expect(told("alarm-cleared")).toHaveLength(1);
  });
});

describe("C6 thresholds", () => {
  test("least active-linknumber: below it no port is in sync and the trunk is down, at it all are", () => {
    const station = new Station({ members: members(2), leastLinks: 2 });
    const partners = bringUp(station);
    expect(station.trunk()).toMatchObject({ operState: "up", upPorts: 2 });
    station.taken();
    station.link("eth1", { carrier: false });
    expect(station.trunk()).toMatchObject({ operState: "down", upPorts: 0 });
    expect(station.pdus("eth2").map(({ actor }) => actor.state.slice(3, 6))).toEqual(["000"]);
    expect(station.port("eth2").reason).toBe("below lower link threshold");
    station.link("eth1", { carrier: true });
    live(station, partners, 4);
    expect(station.trunk()).toMatchObject({ operState: "up", upPorts: 2 });
  });

  test("least active-bandwidth counts the rates of the ports that carry", () => {
    const station = new Station({ members: members(3), leastLinks: undefined, leastBandwidth: 2_001 } as never);
    const partners = bringUp(station);
    expect(station.trunk()).toMatchObject({ operState: "up", upPorts: 3 });
    station.link("eth3", { carrier: false });
    expect(station.trunk().operState).toBe("down");
    expect(station.port("eth1").reason).toBe("below bandwidth threshold");
    partners.delete("eth3");
    station.configure({ members: members(3), leastLinks: undefined, leastBandwidth: 2_000 } as never);
    live(station, partners, 4);
    expect(station.trunk()).toMatchObject({ operState: "up", upPorts: 2 });
  });

  test("a trunk that is shut down takes all ports out of sync, and comes back when it is not", () => {
    const station = new Station({ members: members(2) });
    const partners = bringUp(station);
    station.configure({ members: members(2), shutdown: true });
    expect(station.trunk()).toMatchObject({ operState: "down", upPorts: 0 });
    expect(station.lastPdu("eth1")?.actor.state.slice(3, 6)).toBe("000");
    station.configure({ members: members(2) });
    live(station, partners, 4);
    expect(station.trunk()).toMatchObject({ operState: "up", upPorts: 2 });
  });

  test("max active-linknumber: so many of the best ports carry, the others wait out of sync", () => {
    const station = new Station({
      members: members(4, { eth4: { priority: 1 } }),
      lacp: { maxLinks: 2, systemPriority: 1 },
    });
    bringUp(station);
    expect(selected(station)).toEqual(["eth1", "eth4"]);
    for (const name of ["eth2", "eth3"]) {
      expect(station.port(name)).toMatchObject({ status: "Unselect", muxState: "WAITING" });
      expect(station.port(name).portState?.[3]).toBe("0");
      expect(station.port(name).reason).toBe("above upper link threshold");
    }
  });

  test("the next best takes over at once, without waiting again, when a port goes", () => {
    const station = new Station({ members: members(3), lacp: { maxLinks: 1, systemPriority: 1 } });
    const partners = bringUp(station);
    expect(selected(station)).toEqual(["eth1"]);
    station.link("eth1", { carrier: false });
    expect(station.port("eth2")).toMatchObject({ status: "Selected" });
    expect(partners.size).toBe(3);
  });

  test("the next best takes over when the partner falls silent, not only when the link goes", () => {
    const station = new Station({ members: members(2), lacp: { maxLinks: 1, systemPriority: 1, fast: true } });
    const partners = bringUp(station);
    partners.delete("eth1");
    live(station, partners, 4);
    expect(selected(station)).toEqual(["eth2"]);
  });

  test("the order is priority, then port number, by the better system's view", () => {
    const better: Partial<End> = { systemPriority: 1 };
    const station = new Station({ members: members(3, { eth1: { priority: 1 } }), lacp: { maxLinks: 1 } });
    bringUp(station, {
      eth1: { ...better, portPriority: 300 },
      eth2: { ...better, portPriority: 200, port: 9 },
      eth3: { ...better, portPriority: 200, port: 8 },
    });
    expect(selected(station)).toEqual(["eth3"]);
  });

  test("of equal system priorities the smaller system ID decides", () => {
    const smaller: Partial<End> = { system: "02:00:00:00:00:01" };
    const station = new Station({ members: members(2, { eth1: { priority: 1 } }), lacp: { maxLinks: 1 } });
    expect(PARTNER_MAC > STATION_MAC).toBe(true);
    bringUp(station, { eth1: { portPriority: 2 }, eth2: { portPriority: 1 } });
    expect(selected(station)).toEqual(["eth1"]);
    const other = new Station({ members: members(2, { eth1: { priority: 1 } }), lacp: { maxLinks: 1 } });
    bringUp(other, { eth1: { ...smaller, portPriority: 2 }, eth2: { ...smaller, portPriority: 1 } });
    expect(selected(other)).toEqual(["eth2"]);
  });

  test("lacp selected speed: the faster port comes first, whatever its priority", () => {
    const parts = members(2, { eth1: { speed: 1_000, priority: 1 }, eth2: { speed: 10_000 } });
    const lacp = { maxLinks: 1, mixedRate: true, systemPriority: 1 };
    const bySpeed = new Station({ members: parts, lacp: { ...lacp, selectBy: "speed" } });
    bringUp(bySpeed);
    expect(selected(bySpeed)).toEqual(["eth2"]);
    const byPriority = new Station({ members: parts, lacp });
    bringUp(byPriority);
    expect(selected(byPriority)).toEqual(["eth1"]);
  });

  describe("the worse system follows the choice the better one shows by Synchronization", () => {
    /** Two links, one seat, which our best port has taken; the partner decides and has agreed to nothing yet. */
    function undecided(): [Station, Partner, Partner] {
      const better: Partial<End> = { systemPriority: 1 };
      const station = new Station({ members: members(2), lacp: { maxLinks: 1 } });
      const partners = [new Partner(station, "eth1", better), new Partner(station, "eth2", better)] as const;
      for (const partner of partners) partner.say("10100000");
      station.pass(seconds(2));
      expect(station.port("eth1").portState?.[3]).toBe("1");
      return [station, ...partners];
    }

    test("at once where its own port had been agreed upon and no longer is", () => {
      const [station, first, second] = undecided();
      first.say("10111100");
      expect(selected(station)).toEqual(["eth1"]);
      station.pass(seconds(5));
      second.say("10110000");
      expect(selected(station)).toEqual(["eth1"]);
      first.say("10100000");
      expect(selected(station)).toEqual(["eth2"]);
      expect(station.port("eth1").portState?.[3]).toBe("0");
    });

    test("after the wait time where the partner has not answered yet on its own port", () => {
      const [station, , second] = undecided();
      second.say("10110000");
      station.pass(millis(1_999));
      expect(selected(station)).toEqual([]);
      station.pass(millis(1));
      expect(selected(station)).toEqual(["eth2"]);
    });

    test("not, where the partner agrees to all ports, however it happens to tell", () => {
      const [station, first, second] = undecided();
      second.say("10110000");
      first.say("10110000");
      station.pass(seconds(10));
      expect(selected(station)).toEqual(["eth1"]);
    });
  });
});

describe("C6 preemption", () => {
  const trunk = (preemptDelay: number | undefined): TrunkParts => ({
    members: members(2, { eth1: { priority: 1 } }),
    lacp: {
      maxLinks: 1,
      systemPriority: 1,
      preemptDelay: preemptDelay === undefined ? undefined : seconds(preemptDelay),
    },
  });

  /** The best link fails and returns; the other one carries by then. */
  function afterReturn(preemptDelay: number | undefined): [Station, Map<string, Partner>] {
    const station = new Station(trunk(preemptDelay));
    const partners = bringUp(station);
    station.link("eth1", { carrier: false });
    for (const partner of partners.values()) partner.say();
    expect(selected(station)).toEqual(["eth2"]);
    station.link("eth1", { carrier: true });
    partners.get("eth1")?.say("10111100");
    return [station, partners];
  }

  test("without it a better port that returns waits in reserve", () => {
    const [station, partners] = afterReturn(undefined);
    live(station, partners, 300);
    expect(selected(station)).toEqual(["eth2"]);
  });

  test("with it the better port takes over when its delay is over, not before", () => {
    const [station, partners] = afterReturn(10);
    live(station, partners, 9);
    station.pass(millis(900));
    expect(selected(station)).toEqual(["eth2"]);
    expect(station.port("eth1").reason).toBe("preemption delay is running");
    live(station, partners, 1);
    expect(selected(station)).toEqual(["eth1"]);
  });

  test("with a delay of 0 it takes over as soon as it may attach", () => {
    const [station, partners] = afterReturn(0);
    live(station, partners, 3);
    expect(selected(station)).toEqual(["eth1"]);
  });

  test("the port that has to go carries on until the better one does: one of them always carries", () => {
    const [station] = afterReturn(1);
    const slowPartner = new Partner(station, "eth1", { portPriority: 32768 });
    slowPartner.say("10100000");
    new Partner(station, "eth2").say("10111100");
    station.pass(seconds(20));
    expect(selected(station)).toEqual(["eth2"]);
    slowPartner.say("10110000");
    expect(selected(station)).toEqual(["eth2"]);
    slowPartner.say("10111100");
    expect(selected(station)).toEqual(["eth1"]);
  });

  test("the delay starts anew when the better port fails again meanwhile", () => {
    const [station, partners] = afterReturn(10);
    live(station, partners, 8);
    station.link("eth1", { carrier: false });
    station.link("eth1", { carrier: true });
    live(station, partners, 8);
    expect(selected(station)).toEqual(["eth2"]);
    live(station, partners, 4);
    expect(selected(station)).toEqual(["eth1"]);
  });
});
