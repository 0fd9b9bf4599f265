import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { type End, NOBODY } from "../../support/frames.js";
import { bringUp, PARTNER_MAC, Partner, Station } from "./station.js";

const SLOW = { members: { eth1: {} } };
const FAST = { members: { eth1: {} }, lacp: { fast: true } };

/** Bits of a state text. */
const SHORT = 1;
const SYNC = 3;
const DEFAULTED = 6;
const EXPIRED = 7;
const bit = (state: string | null | undefined, n: number): string | undefined => state?.[n];

describe("C2 receive machine on a port", () => {
  test("C2 begins EXPIRED once its link is up: partner out of sync and asked for fast PDUs, default information", () => {
    const station = new Station(SLOW);
    const port = station.port("eth1");
    expect([port.receiveState, port.partner, port.status]).toEqual(["EXPIRED", null, "Unselect"]);
    const [pdu] = station.pdus("eth1");
    expect([bit(pdu?.actor.state, DEFAULTED), bit(pdu?.actor.state, EXPIRED)]).toEqual(["1", "1"]);
    expect(bit(pdu?.partner.state, SYNC)).toBe("0");
  });

  test("C2 becomes DEFAULTED after three seconds of silence, with the default partner and Expired off", () => {
    const station = new Station(SLOW);
    station.pass(millis(2_999));
    expect(station.port("eth1").receiveState).toBe("EXPIRED");
    station.pass(millis(1));
    expect(station.port("eth1").receiveState).toBe("DEFAULTED");
    station.pass(seconds(1));
    const pdu = station.lastPdu("eth1");
    expect([bit(pdu?.actor.state, DEFAULTED), bit(pdu?.actor.state, EXPIRED)]).toEqual(["1", "0"]);
    expect(pdu?.partner.system).toBe(NOBODY.system);
  });

  test("C2 an LACPDU makes it CURRENT from EXPIRED and from DEFAULTED, with Defaulted and Expired off", () => {
    for (const silence of [0, 10]) {
      const station = new Station(SLOW);
      station.pass(seconds(silence));
      new Partner(station, "eth1").say();
      const { receiveState, portState, partner } = station.port("eth1");
      expect([receiveState, bit(portState, DEFAULTED), bit(portState, EXPIRED)]).toEqual(["CURRENT", "0", "0"]);
      expect(partner?.systemId).toBe(PARTNER_MAC);
    }
  });

  test("C2 on silence it is EXPIRED at once when the timeout is over: partner out of sync, its timeout short, traffic off", () => {
    const station = new Station(FAST);
    bringUp(station);
    expect(station.port("eth1").status).toBe("Selected");
    station.pass(millis(2_998));
    expect(station.port("eth1").receiveState).toBe("CURRENT");
    station.pass(millis(2));
    const port = station.port("eth1");
    expect([port.receiveState, port.status, port.distributing]).toEqual(["EXPIRED", "Unselect", false]);
    expect([bit(port.partner?.portState, SYNC), bit(port.partner?.portState, SHORT)]).toEqual(["0", "1"]);
    expect([bit(port.portState, EXPIRED), bit(port.portState, DEFAULTED)]).toEqual(["1", "0"]);
    // The port keeps its seat: a partner that was only late carries again with its next PDU, without another wait.
    expect([port.muxState, bit(port.portState, SYNC)]).toEqual(["ATTACHED", "1"]);
  });

  test("C2 a partner that was only late carries again with its next PDU", () => {
    const station = new Station(FAST);
    const partner = bringUp(station).get("eth1") as Partner;
    station.pass(seconds(4));
    expect(station.port("eth1").receiveState).toBe("EXPIRED");
    partner.say("11111100");
    expect(station.port("eth1")).toMatchObject({ receiveState: "CURRENT", status: "Selected" });
  });

  test("C2 three seconds later the partner is forgotten", () => {
    const station = new Station(FAST);
    bringUp(station);
    station.pass(seconds(3));
    expect(station.port("eth1").partner?.systemId).toBe(PARTNER_MAC);
    station.pass(seconds(3));
    const port = station.port("eth1");
    expect([port.receiveState, port.partner]).toEqual(["DEFAULTED", null]);
  });

  test("C2 a link that goes down disables the port at once and keeps the partner's name", () => {
    const station = new Station(FAST);
    bringUp(station);
    station.link("eth1", { carrier: false });
    const port = station.port("eth1");
    expect([port.receiveState, port.status, port.collecting]).toEqual(["PORT_DISABLED", "Unselect", false]);
    expect(port.partner?.systemId).toBe(PARTNER_MAC);
    expect(bit(port.partner?.portState, SYNC)).toBe("0");
  });

  test("C2 a port that goes down keeps its counters and counts its partner once", () => {
    const station = new Station(FAST);
    bringUp(station);
    const before = station.statistics("eth1");
    expect(before).toMatchObject({ lacpduReceived: 4, partnerChanges: 1, actorSyncTransitions: 1 });
    station.link("eth1", { carrier: false });
    expect(station.statistics("eth1")).toEqual({ ...before, actorSyncTransitions: 2 });
  });

  test("C2 nothing is sent and no timer runs while the port is disabled", () => {
    const station = new Station(SLOW);
    bringUp(station);
    station.link("eth1", { up: false });
    station.taken();
    station.pass(seconds(300));
    expect(station.taken()).toEqual([]);
    expect(station.port("eth1").receiveState).toBe("PORT_DISABLED");
  });

  test("C2 a frame that arrives after the port went down is counted, and neither wakes it then nor when the link returns", () => {
    const station = new Station(FAST);
    const partner = bringUp(station).get("eth1") as Partner;
    station.link("eth1", { carrier: false });
    partner.say("11111100");
    const port = station.port("eth1");
    expect([port.receiveState, port.status]).toEqual(["PORT_DISABLED", "Unselect"]);
    station.link("eth1", { carrier: true });
    expect(station.port("eth1").receiveState).toBe("EXPIRED");
    station.pass(seconds(3));
    expect(station.port("eth1").receiveState).toBe("DEFAULTED");
  });

  test("C2 a partner that shows up on another port while this one is down is forgotten here", () => {
    const station = new Station({ members: { eth1: {}, eth2: {} } });
    const partner = bringUp(station).get("eth1") as Partner;
    station.link("eth1", { carrier: false });
    expect(station.port("eth1").partner).not.toBeNull();
    new Partner(station, "eth2", partner.end).say();
    expect([station.port("eth1").partner, station.port("eth1").receiveState]).toEqual([null, "PORT_DISABLED"]);
    expect(station.port("eth2").partner?.portNumber).toBe(partner.end.port);
  });

  test("C2 another port of the same partner moves nobody", () => {
    const station = new Station({ members: { eth1: {}, eth2: {} } });
    const partners = bringUp(station);
    station.link("eth1", { carrier: false });
    partners.get("eth2")?.say();
    expect(station.port("eth1").partner?.portNumber).toBe(1);
  });
});

/** Fields of our own that the partner must echo for its Synchronization to count (6.4.9 recordPDU). */
const UNMATCHED: readonly [field: string, change: Partial<End>][] = [
  ["port number", { port: 99 }],
  ["port priority", { portPriority: 99 }],
  ["system", { system: "02:00:00:00:0c:00" }],
  ["system priority", { systemPriority: 99 }],
  ["key", { key: 99 }],
  ["Aggregation", { state: "10011100" }],
];

describe("C3 recording and matching", () => {
  test("the partner's Synchronization counts when it names us as we are", () => {
    const station = new Station(SLOW);
    new Partner(station, "eth1").say("10110000");
    expect(bit(station.port("eth1").partner?.portState, SYNC)).toBe("1");
  });

  test.for(UNMATCHED)("it does not count when the partner has another %s of ours", ([, change]) => {
    const station = new Station(SLOW);
    const partner = new Partner(station, "eth1");
    const ours = station.lastPdu("eth1")?.actor as End;
    partner.say("10110000", { partner: { ...ours, ...change } });
    expect(bit(station.port("eth1").partner?.portState, SYNC)).toBe("0");
  });

  test("it does not count when the partner knows nobody yet", () => {
    const station = new Station(SLOW);
    new Partner(station, "eth1").say("10110000", { partner: NOBODY });
    expect(bit(station.port("eth1").partner?.portState, SYNC)).toBe("0");
  });

  test("it counts from an individual partner, whatever that knows of us", () => {
    const station = new Station(SLOW);
    new Partner(station, "eth1").say("10010000", { partner: NOBODY });
    expect(bit(station.port("eth1").partner?.portState, SYNC)).toBe("1");
  });

  test("it does not count from a passive partner that does not know us active", () => {
    const station = new Station(SLOW);
    const partner = new Partner(station, "eth1");
    const ours = station.lastPdu("eth1")?.actor as End;
    partner.say("00110000", { partner: { ...ours, state: "00100000" } });
    expect(bit(station.port("eth1").partner?.portState, SYNC)).toBe("0");
    partner.say("00110000", { partner: { ...ours, state: "10100000" } });
    expect(bit(station.port("eth1").partner?.portState, SYNC)).toBe("1");
  });

  test("between two passive ends nothing counts", () => {
    const station = new Station({ members: { eth1: { active: false } } });
    const partner = new Partner(station, "eth1");
    partner.say("10100000");
    const ours = station.lastPdu("eth1")?.actor as End;
    partner.say("00110000", { partner: ours });
    expect(bit(station.port("eth1").partner?.portState, SYNC)).toBe("0");
  });

  test("the partner's other flags are recorded as they come", () => {
    const station = new Station(SLOW);
    new Partner(station, "eth1").say("11101111");
    expect(station.port("eth1").partner?.portState).toBe("11101111");
  });

  /** 6.4.9 update_Selected: what makes a partner another partner. */
  const OTHER: readonly [field: string, change: Partial<End>][] = [
    ["port number", { port: 9 }],
    ["port priority", { portPriority: 9 }],
    ["system", { system: "02:00:00:00:0c:00" }],
    ["system priority", { systemPriority: 9 }],
    ["key", { key: 9 }],
  ];

  test.for(OTHER)("a partner with another %s is compared before it is recorded: selected anew", ([, change]) => {
    const station = new Station(SLOW);
    const partner = bringUp(station).get("eth1") as Partner;
    expect(station.port("eth1").status).toBe("Selected");
    partner.end = { ...partner.end, ...change };
    partner.say("10111100");
    expect(station.port("eth1")).toMatchObject({ status: "Unselect", distributing: false });
    const [answer] = station.pdus("eth1");
    expect(answer?.partner).toMatchObject(change);
    expect(bit(answer?.actor.state, SYNC)).toBe("0");
  });

  test("a partner that ceases to aggregate is selected anew", () => {
    const station = new Station(SLOW);
    const partner = bringUp(station).get("eth1") as Partner;
    partner.say("10011100");
    expect(station.port("eth1").status).toBe("Unselect");
  });

  test("a partner that only changes flags stays selected", () => {
    const station = new Station(SLOW);
    const partner = bringUp(station).get("eth1") as Partner;
    partner.say("11111100");
    expect(station.port("eth1").status).toBe("Selected");
    expect(station.statistics("eth1").partnerChanges).toBe(1);
  });

  /** 6.4.9 update_NTT: what the partner must know of us. */
  const STALE: readonly [field: string, change: Partial<End>][] = [
    ...UNMATCHED.filter(([field]) => field !== "Aggregation"),
    ["Activity", { state: "00111100" }],
    ["Timeout", { state: "11111100" }],
    ["Synchronization", { state: "10101100" }],
    ["Aggregation", { state: "10011100" }],
  ];

  test.for(STALE)("a partner whose %s of us is out of date is told at once", ([, change]) => {
    const station = new Station(SLOW);
    const partner = bringUp(station).get("eth1") as Partner;
    station.pass(seconds(2));
    partner.say();
    expect(station.pdus("eth1")).toEqual([]);
    const ours = station.lastPdu("eth1")?.actor as End;
    partner.say("10111100", { partner: { ...ours, ...change } });
    expect(station.pdus("eth1")).toHaveLength(1);
  });

  test("Collecting, Distributing, Defaulted and Expired of us may be out of date in silence", () => {
    const station = new Station(SLOW);
    const partner = bringUp(station).get("eth1") as Partner;
    station.pass(seconds(2));
    const ours = station.lastPdu("eth1")?.actor as End;
    partner.say("10111100", { partner: { ...ours, state: "10110011" } });
    expect(station.pdus("eth1")).toEqual([]);
  });
});

/** C10: how long a received PDU counts. */
const TIMEOUTS = [
  ["fast", { fast: true, timeout: seconds(3) }, 3],
  ["fast user-defined 3", { fast: true, timeout: seconds(3) }, 3],
  ["fast user-defined 17", { fast: true, timeout: seconds(17) }, 17],
  ["fast user-defined 90", { fast: true, timeout: seconds(90) }, 90],
  ["slow", { fast: false, timeout: seconds(90) }, 90],
] as const;

describe("C10 timers", () => {
  test.for(TIMEOUTS)("lacp timeout %s: a PDU counts for so many seconds", ([, lacp, expected]) => {
    const station = new Station({ members: { eth1: {} }, lacp });
    const partner = bringUp(station).get("eth1") as Partner;
    partner.say();
    station.pass(millis(expected * 1_000 - 1));
    expect(station.port("eth1").receiveState).toBe("CURRENT");
    station.pass(millis(1));
    expect(station.port("eth1").receiveState).toBe("EXPIRED");
    station.pass(millis(2_999));
    expect(station.port("eth1").receiveState).toBe("EXPIRED");
    station.pass(millis(1));
    expect(station.port("eth1").receiveState).toBe("DEFAULTED");
  });

  test("each PDU starts the time anew", () => {
    const station = new Station(FAST);
    const partner = bringUp(station).get("eth1") as Partner;
    for (let n = 0; n < 20; n++) {
      station.pass(millis(2_900));
      partner.say();
    }
    expect(station.port("eth1").receiveState).toBe("CURRENT");
    expect(station.port("eth1").status).toBe("Selected");
  });

  test("the timeout flag asks the partner for fast PDUs only with a fast timeout", () => {
    expect(bit(new Station(FAST).lastPdu("eth1")?.actor.state, SHORT)).toBe("1");
    expect(bit(new Station(SLOW).lastPdu("eth1")?.actor.state, SHORT)).toBe("0");
  });

  test("a longer timeout holds at once: the partner, told to slow down, speaks less from then on", () => {
    const station = new Station(FAST);
    bringUp(station);
    station.pass(seconds(1));
    station.configure(SLOW);
    station.pass(seconds(88));
    expect(station.port("eth1").status).toBe("Selected");
    station.pass(seconds(1));
    expect(station.port("eth1").receiveState).toBe("EXPIRED");
  });

  test("a shorter timeout holds from the next PDU on and disturbs no port", () => {
    const station = new Station(SLOW);
    const partner = bringUp(station).get("eth1") as Partner;
    station.configure(FAST);
    expect(station.port("eth1").status).toBe("Selected");
    expect(bit(station.pdus("eth1").at(-1)?.actor.state, SHORT)).toBe("1");
    partner.say();
    station.pass(seconds(3));
    expect(station.port("eth1").receiveState).toBe("EXPIRED");
  });
});
