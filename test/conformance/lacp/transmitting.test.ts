import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { type LacpduParts, NOBODY } from "../../support/frames.js";
import { bringUp, Partner, Station } from "./station.js";

const ACTIVE = { members: { eth1: {} } };
const PASSIVE = { members: { eth1: { active: false } } };

/** State texts of a partner: active, asking for fast or slow PDUs. */
const WANTS_FAST = "11111100";
const WANTS_SLOW = "10111100";

/** When the port sent its LACPDUs in the next so many seconds, in seconds from now. */
function timesWithin(station: Station, duration: number, keep?: () => void): number[] {
  const start = station.now;
  station.taken();
  for (let n = 0; n < duration; n++) {
    station.pass(seconds(1));
    keep?.();
  }
  return station.taken().map(({ time }) => (time - start) / 1e6);
}

describe("C4 periodic transmission", () => {
  test("a partner that asks for fast PDUs gets one each second", () => {
    const station = new Station(ACTIVE);
    const partner = bringUp(station).get("eth1") as Partner;
    partner.say(WANTS_FAST);
    expect(timesWithin(station, 10, () => partner.say())).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("a partner that asks for slow PDUs gets one every 30 seconds", () => {
    const station = new Station(ACTIVE);
    const partner = bringUp(station).get("eth1") as Partner;
    partner.say(WANTS_FAST);
    partner.say(WANTS_SLOW);
    expect(timesWithin(station, 91, () => partner.say())).toEqual([30, 60, 90]);
  });

  test("our own timeout does not change how often we send", () => {
    const station = new Station({ ...ACTIVE, lacp: { fast: true } });
    const partner = bringUp(station).get("eth1") as Partner;
    partner.say(WANTS_SLOW);
    expect(timesWithin(station, 59, () => partner.say())).toHaveLength(2);
  });

  test("slow to fast takes effect at once: a PDU now, and then each second", () => {
    const station = new Station(ACTIVE);
    const partner = bringUp(station).get("eth1") as Partner;
    station.pass(millis(12_345));
    station.taken();
    partner.say(WANTS_FAST);
    expect(station.taken()).toHaveLength(1);
    expect(timesWithin(station, 3, () => partner.say())).toEqual([1, 2, 3]);
  });

  test("fast to slow takes effect at once: the next PDU comes after 30 seconds", () => {
    const station = new Station(ACTIVE);
    const partner = bringUp(station).get("eth1") as Partner;
    partner.say(WANTS_FAST);
    station.pass(millis(2_500));
    partner.say(WANTS_SLOW);
    expect(timesWithin(station, 31, () => partner.say())).toEqual([30]);
  });

  test("a port without a partner sends each second while it is active", () => {
    const station = new Station(ACTIVE);
    station.pass(seconds(10));
    expect(timesWithin(station, 3)).toEqual([1, 2, 3]);
  });

  test("a passive port that hears nobody sends nothing, ever", () => {
    const station = new Station(PASSIVE);
    station.pass(seconds(600));
    expect(station.taken()).toEqual([]);
  });

  test("a passive port that hears a passive partner sends nothing", () => {
    const station = new Station(PASSIVE);
    new Partner(station, "eth1").say("00100000");
    station.pass(seconds(100));
    expect(station.taken()).toEqual([]);
  });

  test("a passive port answers an active partner at once, with Activity off, and goes on", () => {
    const station = new Station(PASSIVE);
    const partner = new Partner(station, "eth1");
    partner.say("11100000");
    const [answer] = station.pdus("eth1");
    expect(answer?.actor.state[0]).toBe("0");
    expect(timesWithin(station, 3, () => partner.say()).length).toBeGreaterThanOrEqual(3);
  });

  test("a passive port falls silent when its partner does", () => {
    const station = new Station(PASSIVE);
    bringUp(station);
    station.pass(seconds(90));
    station.pass(seconds(3));
    expect(station.port("eth1").receiveState).toBe("DEFAULTED");
    station.taken();
    station.pass(seconds(600));
    expect(station.taken()).toEqual([]);
  });

  test("a passive port aggregates with an active partner", () => {
    const station = new Station(PASSIVE);
    bringUp(station);
    expect(station.port("eth1")).toMatchObject({ status: "Selected", portState: "00111100" });
  });
});

describe("C5 transmission", () => {
  /** The partner has our key wrong: it must hear of us. */
  const provoke = (partner: Partner) => {
    const { actor } = partner.station.lastPdu(partner.port) as LacpduParts;
    partner.say(WANTS_SLOW, { partner: { ...actor, key: 9 } });
  };

  test("at most three LACPDUs leave in any second, whatever is asked for", () => {
    const station = new Station(ACTIVE);
    const partner = bringUp(station).get("eth1") as Partner;
    station.pass(seconds(5));
    station.taken();
    const start = station.now;
    for (let n = 0; n < 1_000; n++) {
      provoke(partner);
      station.pass(millis(10));
    }
    const times = station.taken().map(({ time }) => time - start);
    for (let n = 3; n < times.length; n++)
      expect((times[n] as number) - (times[n - 3] as number)).toBeGreaterThanOrEqual(1_000_000);
    // The limit is used: three in each of the ten seconds.
    expect(times.length).toBeGreaterThanOrEqual(30);
  });

  test("a change during the limit is sent when the limit is over, once, with the state of that moment", () => {
    const station = new Station(ACTIVE);
    const partner = bringUp(station).get("eth1") as Partner;
    station.pass(seconds(5));
    station.taken();
    for (let n = 0; n < 3; n++) provoke(partner);
    expect(station.taken()).toHaveLength(3);
    provoke(partner);
    station.configure({ members: { eth1: { priority: 5 } } });
    station.configure({ members: { eth1: { priority: 6 } } });
    expect(station.taken()).toEqual([]);
    station.pass(millis(999));
    expect(station.taken()).toEqual([]);
    station.pass(millis(1));
    expect(station.pdus("eth1").map(({ actor }) => actor.portPriority)).toEqual([6]);
    station.pass(seconds(5));
    expect(station.taken()).toEqual([]);
  });

  test("a port held back keeps the last of the three for the moment when it takes over", () => {
    const station = new Station({ members: { eth1: {}, eth2: {} }, lacp: { maxLinks: 1 } });
    const standby = bringUp(station).get("eth2") as Partner;
    station.pass(seconds(5));
    station.taken();
    for (let n = 0; n < 10; n++) provoke(standby);
    expect(station.pdus("eth2")).toHaveLength(2);
    station.link("eth1", { carrier: false });
    expect(station.pdus("eth2").map(({ actor }) => actor.state[3])).toEqual(["1"]);
  });

  test("the limit holds for each port by itself", () => {
    const station = new Station({ members: { eth1: {}, eth2: {} } });
    const partners = bringUp(station);
    station.pass(seconds(5));
    station.taken();
    for (let n = 0; n < 5; n++) provoke(partners.get("eth1") as Partner);
    const other = partners.get("eth2") as Partner;
    other.say(WANTS_SLOW, { partner: other.end });
    expect(station.taken().map(({ port }) => port)).toEqual(["eth1", "eth1", "eth1", "eth2"]);
  });

  /** Changes of ours that the partner must hear of at once. */
  const CHANGES = [
    ["port priority", { members: { eth1: { priority: 1 } } }],
    ["system priority", { ...ACTIVE, lacp: { systemPriority: 1 } }],
    ["key", { ...ACTIVE, lacp: { portKey: 1 } }],
    ["Activity", PASSIVE],
    ["Timeout", { ...ACTIVE, lacp: { fast: true } }],
    ["collector delay", { ...ACTIVE, lacp: { collectorMaxDelay: 1 } }],
    ["shutdown", { ...ACTIVE, shutdown: true }],
  ] as const;

  test.for(CHANGES)("a change of %s is told at once", ([, wanted]) => {
    const station = new Station(ACTIVE);
    bringUp(station);
    station.pass(seconds(5));
    station.taken();
    station.configure(wanted);
    expect(station.taken()).toHaveLength(1);
  });

  test("the same configuration again sends nothing", () => {
    const station = new Station(ACTIVE);
    bringUp(station);
    station.pass(seconds(5));
    station.taken();
    station.configure(ACTIVE);
    expect(station.taken()).toEqual([]);
  });

  test("a PDU goes out on its own port only", () => {
    const station = new Station({ members: { eth1: {}, eth2: {} } });
    station.pass(seconds(2));
    station.taken();
    new Partner(station, "eth2").say("11100000", { partner: NOBODY });
    expect(new Set(station.taken().map(({ port }) => port))).toEqual(new Set(["eth2"]));
  });

  test("no PDU leaves while the port is disabled, and one leaves within a second of its return", () => {
    const station = new Station(ACTIVE);
    bringUp(station);
    station.link("eth1", { carrier: false });
    expect(station.taken()).toEqual([]);
    station.pass(seconds(60));
    expect(station.taken()).toEqual([]);
    station.link("eth1", { carrier: true });
    station.pass(seconds(1));
    const [pdu] = station.pdus("eth1");
    expect(pdu?.actor.state[3]).toBe("0");
  });
});
