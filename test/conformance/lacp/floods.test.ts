import { describe, expect, test, vi } from "vitest";
import { Running } from "../../../src/core/base/machine.js";
import { later, micros, millis, seconds } from "../../../src/core/base/time.js";
import { Selection } from "../../../src/core/lacp/selection.js";
import { markerFrame, readMarker } from "../../support/frames.js";
import { bringUp, PARTNER_MAC, Partner, Station } from "./station.js";

const FAST = { lacp: { fast: true }, members: { eth1: {}, eth2: {} } };

const marker = (transaction: number) =>
  markerFrame({ source: "02:00:00:00:02:01", requesterPort: 1, requesterSystem: PARTNER_MAC, transaction });
const answers = (station: Station): number => station.taken().filter(({ bytes }) => readMarker(bytes)).length;

describe("what one port receives in a second", () => {
  test("beyond its budget is dropped before it is read, and counted", () => {
    const station = new Station(FAST);
    const partner = new Partner(station, "eth1");
    for (let n = 0; n < 200; n++) partner.say("11100000");
    expect(station.statistics("eth1")).toMatchObject({ lacpduReceived: 50, lacpduErrors: 150, faults: { rate: 150 } });
    expect(station.events.filter(({ event }) => event === "pdu-refused")).toHaveLength(1);
  });

  test("and was left out by the host is counted too, and told as what it is", () => {
    const station = new Station(FAST);
    const partner = new Partner(station, "eth1");
    for (let n = 0; n < 51; n++) partner.say("11100000");
    station.missed("eth1", 18_000);
    expect(station.statistics("eth1")).toMatchObject({
      lacpduReceived: 50,
      lacpduErrors: 18_001,
      faults: { rate: 18_001 },
    });
    expect(station.statistics("eth2")).toMatchObject({ faults: { rate: 0 } });
    expect(station.events.filter(({ event }) => event === "pdu-refused")).toHaveLength(1);
  });

  test("takes nothing from another port", () => {
    const station = new Station(FAST);
    const partners = bringUp(station);
    const [flooding, quiet] = [partners.get("eth1") as Partner, partners.get("eth2") as Partner];
    for (let second = 0; second < 10; second++) {
      for (let n = 0; n < 400; n++) flooding.say(n % 2 === 0 ? "11100000" : "11111100");
      quiet.say("11111100");
      station.pass(seconds(1));
      expect(station.port("eth2")).toMatchObject({ status: "Selected", distributing: true });
    }
    expect(station.statistics("eth2").faults).toMatchObject({ rate: 0 });
  });

  test.for([2, 64])("is no work for other ports when it tells nothing new (%i members)", (count) => {
    const names = Array.from({ length: count }, (_, at) => `eth${at + 1}`);
    const station = new Station({
      lacp: { fast: true, maxLinks: count },
      members: Object.fromEntries(names.map((name) => [name, {}])),
    });
    const partner = bringUp(station).get("eth1") as Partner;
    const selections = vi.spyOn(Selection.prototype, "step");
    const steps = vi.spyOn(Running.prototype, "step");
    for (let n = 0; n < 40; n++) partner.say("11111100");
    expect(station.statistics("eth1").faults).toMatchObject({ rate: 0 });
    expect(selections).not.toHaveBeenCalled();
    // Five machines of one port, until they rest.
    expect(steps.mock.calls.length).toBeLessThanOrEqual(40 * 5 * 3);
    vi.restoreAllMocks();
  });

  test("is new each second, in any second", () => {
    const station = new Station(FAST);
    const partner = new Partner(station, "eth1");
    for (let n = 0; n < 500; n++) {
      partner.say("11100000");
      station.pass(millis(10));
    }
    expect(station.statistics("eth1").lacpduReceived).toBe(250);
  });
});

describe("Markers", () => {
  test("get at most ten answers in any second, at the edge of one too", () => {
    const station = new Station(FAST);
    station.pass(seconds(1));
    station.taken();
    station.hear("eth1", marker(0));
    station.pass(millis(990));
    for (let n = 1; n < 30; n++) station.hear("eth1", marker(n));
    expect(answers(station)).toBe(10);
    station.pass(millis(20));
    for (let n = 30; n < 49; n++) station.hear("eth1", marker(n));
    expect(answers(station)).toBe(1);
  });
});

describe("the limit of three LACPDUs in a second", () => {
  test("counts from when they left, not from the start of the turn", () => {
    const station = new Station(FAST);
    const partner = new Partner(station, "eth1");
    const forgetful = { partner: { ...partner.end, key: 99 } };
    partner.say("10100000", forgetful);
    partner.say("10100000", forgetful);
    expect(station.pdus("eth1")).toHaveLength(3);
    // The turn was slow: they left 400 ms after it began.
    const left = later(station.now, millis(400));
    station.pass(millis(400));
    station.engine.left(left);
    partner.say("10100000", forgetful);
    station.pass(millis(999));
    expect(station.pdus("eth1")).toHaveLength(0);
    station.pass(millis(1));
    expect(station.pdus("eth1")).toHaveLength(1);
  });
});

describe("a partner that flaps", () => {
  const flap = (station: Station, partner: Partner): number => {
    partner.say("11100000");
    expect(station.port("eth1").status).toBe("Unselect");
    partner.say("11111100");
    const since = station.now;
    while (station.port("eth1").status !== "Selected") station.pass(millis(100));
    return (station.now - since) / 1_000_000;
  };

  test("is back at once without dampening", () => {
    const station = new Station(FAST);
    const partner = bringUp(station).get("eth1") as Partner;
    for (let n = 0; n < 5; n++) expect(flap(station, partner)).toBe(0);
  });

  test("comes back after 1, 3, 5 and 5 s with `lacp dampening state-flapping`, and its partner is told", () => {
    const trunk = { members: { eth1: {} }, lacp: { dampsFlapping: true } };
    const station = new Station(trunk);
    const partner = bringUp(station).get("eth1") as Partner;
    station.taken();
    expect([1, 2, 3, 4].map(() => flap(station, partner))).toEqual([1, 3, 5, 5]);
    partner.say("10100000");
    partner.say("10111100");
    expect(station.port("eth1")).toMatchObject({
      muxState: "ATTACHED",
      portState: "10110000",
      reason: "state flapping suppression is running",
    });
    station.pass(seconds(61));
    partner.say("10111100");
    expect(flap(station, partner)).toBe(1);
  });

  test("is told thirty times a minute, then once with how often it was not", () => {
    const station = new Station(FAST);
    const partners = bringUp(station);
    const partner = partners.get("eth1") as Partner;
    const told = () => station.events.filter((event) => event.event === "port-state" && event.port === "eth1");
    for (let n = 0; n < 400; n++) {
      partner.say(n % 2 === 0 ? "11100000" : "11111100");
      if (n % 40 === 0) partners.get("eth2")?.say("11111100");
      station.pass(millis(25));
    }
    expect(told().length).toBe(30);
    station.pass(seconds(60));
    expect(told().find((event) => event.untold !== undefined)?.untold).toBeGreaterThan(300);
  });
});

describe("LACPDUs of another system from another address, on a port that has agreed with its partner", () => {
  const STRANGER = { source: "02:00:00:00:0d:01" };
  const OTHER = "02:00:00:00:0d:00";
  const flapsBy = (station: Station, partner: Partner, parts: { source?: string }, system?: string): boolean => {
    new Partner(station, "eth1", { ...partner.end, ...(system === undefined ? {} : { system }) }).say(
      "11100000",
      parts,
    );
    return station.port("eth1").status !== "Selected";
  };

  test("are dropped, counted, and told once a minute", () => {
    const station = new Station(FAST);
    const partner = bringUp(station).get("eth1") as Partner;
    for (let n = 0; n < 10; n++) expect(flapsBy(station, partner, STRANGER, OTHER)).toBe(false);
    expect(station.statistics("eth1")).toMatchObject({ lacpduErrors: 10, faults: { "unexpected-mac": 10 } });
    const told = station.events.filter(({ event }) => event === "pdu-refused");
    expect(told).toMatchObject([{ port: "eth1", fault: "unexpected-mac", source: STRANGER.source }]);
  });

  test("are the new partner once the old one is silent for the timeout", () => {
    const station = new Station(FAST);
    const partner = bringUp(station).get("eth1") as Partner;
    for (let second = 0; second < 3; second++) {
      flapsBy(station, partner, STRANGER, OTHER);
      expect(station.port("eth1").partner).toMatchObject({ systemId: partner.end.system });
      station.pass(seconds(1));
    }
    flapsBy(station, partner, STRANGER, OTHER);
    expect(station.port("eth1").partner).toMatchObject({ systemId: OTHER });
  });

  test("are taken with `lacp dampening unexpected-mac disable`", () => {
    const station = new Station({ ...FAST, lacp: { ...FAST.lacp, refusesStrangers: false } });
    expect(flapsBy(station, bringUp(station).get("eth1") as Partner, STRANGER, OTHER)).toBe(true);
  });

  test.for([
    ["the same system from another address", STRANGER, undefined],
    ["another system from the same address", {}, OTHER],
  ] as const)("differ from the partner that changes one of the two: %s", ([, parts, system]) => {
    const station = new Station(FAST);
    expect(flapsBy(station, bringUp(station).get("eth1") as Partner, parts, system)).toBe(true);
    expect(station.statistics("eth1").faults).toMatchObject({ "unexpected-mac": 0 });
  });

  test("are heard before both ends have agreed", () => {
    const station = new Station(FAST);
    const partner = new Partner(station, "eth1");
    partner.say("11100000");
    new Partner(station, "eth1", { system: OTHER }).say("11100000", STRANGER);
    expect(station.port("eth1").partner).toMatchObject({ systemId: OTHER });
  });
});

describe("a partner that answers fast requests only every 30 s", () => {
  test("is the reason, in words", () => {
    const station = new Station(FAST);
    const partner = new Partner(station, "eth1");
    partner.say("10100000");
    station.pass(seconds(30));
    partner.say("10100000");
    station.pass(micros(3_500_000));
    const reason = "partner sends every 30 s though fast LACPDUs are asked for";
    expect(station.port("eth1")).toMatchObject({ receiveState: "EXPIRED", reason });
    station.pass(seconds(5));
    expect(station.port("eth1")).toMatchObject({ receiveState: "DEFAULTED", reason });
  });
});
