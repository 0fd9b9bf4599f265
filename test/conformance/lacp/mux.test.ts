import { describe, expect, test } from "vitest";
import { micros, millis, seconds } from "../../../src/core/base/time.js";
import { bringUp, Partner, Station } from "./station.js";

const ONE = { members: { eth1: {} } };
const TWO = { members: { eth1: {}, eth2: {} } };
const INDEPENDENT = { ...ONE, lacp: { independentControl: true } };

/** Synchronization, Collecting, Distributing as the last PDU told them. */
const told = (station: Station, name = "eth1"): string | undefined => station.lastPdu(name)?.actor.state.slice(3, 6);

describe("C7 wait-while", () => {
  test("a port attaches two seconds after its partner was heard, not before", () => {
    const station = new Station(ONE);
    new Partner(station, "eth1").say();
    station.pass(millis(1_999));
    expect([station.port("eth1").muxState, told(station)]).toEqual(["WAITING", "000"]);
    station.pass(millis(1));
    expect([station.port("eth1").muxState, told(station)]).toEqual(["ATTACHED", "100"]);
  });

  test("all ports of a trunk that wait attach together, when the last has waited", () => {
    const station = new Station(TWO);
    new Partner(station, "eth1").say();
    station.pass(millis(1_500));
    new Partner(station, "eth2").say();
    station.pass(millis(1_999));
    expect([station.port("eth1").muxState, station.port("eth2").muxState]).toEqual(["WAITING", "WAITING"]);
    station.pass(millis(1));
    expect([station.port("eth1").muxState, station.port("eth2").muxState]).toEqual(["ATTACHED", "ATTACHED"]);
  });

  test("a port that joins later does not disturb those that carry", () => {
    const station = new Station(TWO);
    station.link("eth2", { carrier: false });
    const first = new Partner(station, "eth1");
    first.say();
    station.pass(seconds(2));
    first.say("10111100");
    station.link("eth2", { carrier: true });
    new Partner(station, "eth2").say();
    expect(station.port("eth1").status).toBe("Selected");
  });

  test("a port in reserve has waited already: it attaches at once when it is needed", () => {
    const station = new Station({ ...TWO, lacp: { maxLinks: 1, systemPriority: 1 } });
    for (const name of ["eth1", "eth2"]) new Partner(station, name).say();
    station.pass(seconds(5));
    expect(station.port("eth2").muxState).toBe("WAITING");
    station.link("eth1", { carrier: false });
    expect(station.port("eth2").muxState).toBe("ATTACHED");
  });

  test("a wait begins anew after the port was unselected", () => {
    const station = new Station(ONE);
    const partner = new Partner(station, "eth1");
    partner.say();
    station.pass(millis(1_500));
    partner.end = { ...partner.end, key: 99 };
    partner.say();
    station.pass(millis(1_999));
    expect(station.port("eth1").muxState).toBe("WAITING");
    station.pass(millis(1));
    expect(station.port("eth1").muxState).toBe("ATTACHED");
  });
});

describe("C7 coupled control", () => {
  test("collects and distributes as soon as both ends are in sync, and says so in one PDU", () => {
    const station = new Station(ONE);
    const partner = new Partner(station, "eth1");
    partner.say("10100000");
    station.pass(seconds(2));
    station.taken();
    partner.say("10110000");
    expect(station.port("eth1")).toMatchObject({
      muxState: "COLLECTING_DISTRIBUTING",
      collecting: true,
      distributing: true,
    });
    expect(station.pdus("eth1").map(({ actor }) => actor.state.slice(3, 6))).toEqual(["111"]);
  });

  test("a partner in sync before us makes us carry in the moment we attach", () => {
    const station = new Station(ONE);
    new Partner(station, "eth1").say("10111100");
    expect(station.port("eth1").distributing).toBe(false);
    station.pass(seconds(2));
    expect(station.port("eth1").distributing).toBe(true);
    expect(told(station)).toBe("111");
  });

  test("a partner that falls out of sync stops distributing at once; we stay in sync and wait for it", () => {
    const station = new Station(ONE);
    const partner = bringUp(station).get("eth1") as Partner;
    partner.say("10100000");
    expect(station.port("eth1")).toMatchObject({ muxState: "ATTACHED", status: "Unselect", distributing: false });
    expect(told(station)).toBe("100");
    partner.say("10110000");
    expect(station.port("eth1").status).toBe("Selected");
  });

  /** Whatever unselects a port, from whatever state, ends out of sync and detached or waiting. */
  const UNSELECTED = [
    ["a shutdown of the trunk", (station: Station) => station.configure({ ...ONE, shutdown: true })],
    ["a new key", (station: Station) => station.configure({ ...ONE, lacp: { portKey: 9 } })],
    [
      "a new system ID",
      (station: Station) => station.configure({ ...ONE, lacp: { systemId: 0x020000001234 as never } }),
    ],
    ["a new system priority", (station: Station) => station.configure({ ...ONE, lacp: { systemPriority: 9 } })],
    ["a link that goes down", (station: Station) => station.link("eth1", { carrier: false })],
    [
      "an interface that disappears",
      (station: Station) => station.link("eth1", { present: false, up: false, carrier: false }),
    ],
  ] as const;

  const STATES = ["10100000", "10110000", "10111100"] as const;

  test.for(UNSELECTED.flatMap(([what, happen]) => STATES.map((state) => [what, state, happen] as const)))(
    "%s unselects the port, the partner being at %s",
    ([, state, happen]) => {
      const station = new Station(ONE);
      const partner = new Partner(station, "eth1");
      partner.say("10100000");
      station.pass(seconds(2));
      partner.say(state);
      happen(station);
      const port = station.port("eth1");
      expect([port.status, port.distributing, port.portState?.slice(3, 6)]).toEqual(["Unselect", false, "000"]);
      expect(["DETACHED", "WAITING"]).toContain(port.muxState);
    },
  );

  test("a member that is taken out of the trunk tells its partner with a last PDU, out of sync and individual", () => {
    const station = new Station(TWO);
    bringUp(station);
    station.configure(ONE);
    const [last, ...more] = station.pdus("eth2");
    expect([last?.actor.state.slice(2, 6), more]).toEqual(["0000", []]);
    expect(station.trunk().ports.map(({ name }) => name)).toEqual(["eth1"]);
    station.pass(seconds(60));
    expect(station.pdus("eth2")).toEqual([]);
  });

  test("each change of status is told once", () => {
    const station = new Station(ONE);
    const partner = bringUp(station).get("eth1") as Partner;
    for (const state of ["10111100", "10100000", "10100000", "10111100", "10111100"]) partner.say(state);
    const edges = station.events.flatMap((event) =>
      event.event === "port-state" ? [`${event.from} ${event.to}`] : [],
    );
    expect(edges).toEqual(["Unselect Selected", "Selected Unselect", "Unselect Selected"]);
  });
});

describe("C7 coupled control, a member that joins others that carry", () => {
  /** eth1 carries; eth2 has attached, and its partner says that it is in sync. */
  function joining(): [Station, Partner, Partner] {
    const station = new Station({ ...TWO, leastLinks: 1 });
    const first = new Partner(station, "eth1");
    first.say("10100000");
    station.pass(seconds(2));
    first.say("10111100");
    const second = new Partner(station, "eth2");
    second.say("10100000");
    station.pass(seconds(2));
    station.taken();
    second.say("10110000");
    return [station, first, second];
  }

  test("collects, and distributes when the partner collects", () => {
    const [station, , second] = joining();
    expect(station.port("eth2")).toMatchObject({
      ...{ muxState: "COLLECTING", collecting: true, distributing: false },
      ...{ status: "Unselect", reason: "partner does not collect yet" },
    });
    expect(station.pdus("eth2").map(({ actor }) => actor.state.slice(3, 6))).toEqual(["110"]);
    second.say("10111100");
    expect(station.port("eth2")).toMatchObject({ distributing: true, status: "Selected" });
    expect(station.pdus("eth2").map(({ actor }) => actor.state.slice(3, 6))).toEqual(["111"]);
  });

  test("distributes after a second to a partner that does not say that it collects", () => {
    const [station] = joining();
    station.pass(millis(999));
    expect(station.port("eth2").distributing).toBe(false);
    station.pass(millis(1));
    expect(station.port("eth2").distributing).toBe(true);
  });

  test("distributes at once when the others cease to carry", () => {
    const [station, first] = joining();
    first.say("10100000");
    expect(station.port("eth2")).toMatchObject({ muxState: "COLLECTING_DISTRIBUTING", distributing: true });
  });

  test("takes the place of a worse one only when the partner collects", () => {
    const station = new Station({
      ...TWO,
      lacp: { maxLinks: 1, systemPriority: 1, preemptDelay: micros(0) },
      members: { eth1: { priority: 2 }, eth2: { priority: 1 } },
    });
    const first = new Partner(station, "eth1");
    first.say("10100000");
    station.pass(seconds(2));
    first.say("10111100");
    const second = new Partner(station, "eth2");
    second.say("10100000");
    station.pass(seconds(2));
    second.say("10110000");
    expect(["eth1", "eth2"].map((name) => station.port(name).distributing)).toEqual([true, false]);
    second.say("10111100");
    expect(["eth1", "eth2"].map((name) => station.port(name).distributing)).toEqual([false, true]);
  });
});

describe("C7 independent control", () => {
  test("collects when the partner is in sync, distributes only when the partner collects", () => {
    const station = new Station(INDEPENDENT);
    const partner = new Partner(station, "eth1");
    partner.say("10100000");
    station.pass(seconds(2));
    expect(told(station)).toBe("100");
    partner.say("10110000");
    expect([station.port("eth1").muxState, told(station)]).toEqual(["COLLECTING", "110"]);
    partner.say("10111000");
    station.pass(seconds(1));
    expect([station.port("eth1").muxState, told(station)]).toEqual(["DISTRIBUTING", "111"]);
    expect(station.port("eth1")).toMatchObject({ status: "Selected", collecting: true, distributing: true });
  });

  test("stops distributing but goes on collecting when the partner stops collecting", () => {
    const station = new Station(INDEPENDENT);
    const partner = bringUp(station).get("eth1") as Partner;
    partner.say("10110000");
    expect(station.port("eth1").muxState).toBe("COLLECTING");
    expect(station.port("eth1")).toMatchObject({ status: "Unselect", distributing: false });
    expect(station.port("eth1").portState?.slice(3, 6)).toBe("110");
  });

  test("takes one step down after the other when the partner falls out of sync", () => {
    const station = new Station(INDEPENDENT);
    const partner = bringUp(station).get("eth1") as Partner;
    partner.say("10100000");
    expect(station.port("eth1")).toMatchObject({ muxState: "ATTACHED", distributing: false });
    expect(station.port("eth1").portState?.slice(3, 6)).toBe("100");
  });

  test("a change between coupled and independent control starts the port anew", () => {
    const station = new Station(ONE);
    const partner = bringUp(station).get("eth1") as Partner;
    station.configure(INDEPENDENT);
    expect(station.port("eth1").status).toBe("Unselect");
    station.pass(seconds(3));
    partner.say("10111100");
    station.pass(micros(1));
    expect(station.port("eth1")).toMatchObject({ muxState: "DISTRIBUTING", status: "Selected" });
  });
});
