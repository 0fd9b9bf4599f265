import { describe, expect, test } from "vitest";
import { micros, millis, seconds } from "../../../src/core/base/time.js";
import type { Refusal } from "../../../src/core/contract/questions.js";
import { act } from "../../support/ask.js";
import { markerFrame, patched, toHex } from "../../support/frames.js";
import { bringUp, PARTNER_MAC, Partner, Station } from "./station.js";

const TWO_LINKS = { members: { eth1: {}, eth2: {} } };
const SOURCE = "02:00:00:00:02:01";

const marker = (transaction: number) =>
  markerFrame({ source: SOURCE, requesterPort: 0x1234, requesterSystem: PARTNER_MAC, transaction });

describe("C9 marker responder", () => {
  test("a Marker is answered on the same port with all its fields and the type of a response", () => {
    const station = new Station(TWO_LINKS);
    station.taken();
    station.hear("eth2", marker(0xdeadbeef));
    const [answer, ...more] = station.taken();
    expect([answer?.port, answer?.time, more]).toEqual(["eth2", station.now, []]);
    // The whole frame: group address, our own source, and the Marker with type 2.
    const expected = `0180c2000002${"020000000102"}8809${"0201"}0210${"1234"}${"020000000b00"}${"deadbeef"}0000${"00".repeat(92)}`;
    expect(toHex(answer?.bytes ?? new Uint8Array())).toBe(expected);
    expect(station.statistics("eth2")).toMatchObject({ markerReceived: 1, markerResponsesSent: 1, markerErrors: 0 });
  });

  test("it is answered also while no partner is known, and by a passive port", () => {
    const station = new Station({ members: { eth1: { active: false } } });
    station.hear("eth1", marker(1));
    expect(station.markers("eth1").map(({ type }) => type)).toEqual(["response"]);
  });

  test("a response is never answered", () => {
    const station = new Station(TWO_LINKS);
    station.taken();
    station.hear("eth1", markerFrame({ source: SOURCE, type: "response", requesterPort: 1, transaction: 5 }));
    expect(station.taken()).toEqual([]);
    expect(station.statistics("eth1")).toMatchObject({ markerResponsesReceived: 1, markerReceived: 0 });
  });

  test("Markers of any version and with any reserved octets are answered", () => {
    const station = new Station(TWO_LINKS);
    station.taken();
    station.hear("eth1", patched(marker(1), { 15: 9, 100: 0xff }));
    expect(station.markers("eth1")).toHaveLength(1);
  });

  /** What makes a Marker worthless. */
  const MALFORMED = [
    ["length 15", { 17: 15 }],
    ["length 0", { 17: 0 }],
    ["type 0", { 16: 0 }],
    ["type 3", { 16: 3 }],
  ] as const;

  test.for(MALFORMED)("a Marker of %s is counted as an error and not answered", ([, octets]) => {
    const station = new Station(TWO_LINKS);
    station.taken();
    station.hear("eth1", patched(marker(1), octets));
    expect(station.taken()).toEqual([]);
    expect(station.statistics("eth1")).toMatchObject({ markerErrors: 1, markerReceived: 0 });
  });

  test("a truncated Marker is not answered", () => {
    const station = new Station(TWO_LINKS);
    station.taken();
    station.hear("eth1", marker(1).slice(0, 60));
    expect(station.taken()).toEqual([]);
  });

  test("a flood of Markers gets at most ten answers in a second, the others count as errors", () => {
    const station = new Station(TWO_LINKS);
    station.pass(seconds(1));
    station.taken();
    for (let n = 0; n < 500; n++) {
      station.hear("eth1", marker(n));
      station.pass(millis(10));
    }
    const times = station
      .taken()
      .filter(({ bytes }) => bytes[14] === 2)
      .map(({ time }) => time);
    for (let n = 10; n < times.length; n++)
      expect((times[n] as number) - (times[n - 10] as number)).toBeGreaterThanOrEqual(1_000_000);
    expect(times).toHaveLength(50);
    expect(station.statistics("eth1")).toMatchObject({ markerReceived: 250, markerErrors: 200, faults: { rate: 250 } });
  });

  test("a Marker on a port whose link is down is not answered, also not later", () => {
    const station = new Station(TWO_LINKS);
    station.link("eth1", { carrier: false });
    station.taken();
    station.hear("eth1", marker(1));
    station.link("eth1", { carrier: true });
    expect(station.markers("eth1")).toEqual([]);
  });

  test("a Marker changes nothing on the port", () => {
    const station = new Station(TWO_LINKS);
    const before = station.trunk();
    station.hear("eth1", marker(1));
    expect(station.trunk()).toEqual(before);
  });
});

describe("marker generator", () => {
  test("asks on each selected port and tells the round trip of each answer", () => {
    const station = new Station(TWO_LINKS);
    bringUp(station);
    const asked = act(station.engine, "send-markers", { id: 1 }, station.now);
    station.settle();
    expect(asked).toMatchObject([{ port: "eth1" }, { port: "eth2" }]);
    const [first, second] = asked as Exclude<typeof asked, Refusal>;
    const questions = station.taken().map(({ port, bytes }) => ({ port, bytes }));
    expect(questions.map(({ port }) => port)).toEqual(["eth1", "eth2"]);
    for (const { port, bytes } of questions) {
      station.pass(micros(700));
      station.hear(port, patched(bytes, { 16: 2, 11: 0x99 }));
    }
    expect(station.events.filter(({ event }) => event === "marker-answered")).toEqual([
      { event: "marker-answered", trunk: 1, port: "eth1", transaction: first?.transaction, roundTrip: 700 },
      { event: "marker-answered", trunk: 1, port: "eth2", transaction: second?.transaction, roundTrip: 1400 },
    ]);
    expect(station.statistics("eth1")).toMatchObject({ markerSent: 1, markerResponsesReceived: 1 });
  });

  test("tells after a second that none came", () => {
    const station = new Station(TWO_LINKS);
    bringUp(station);
    act(station.engine, "send-markers", { id: 1 }, station.now);
    station.settle();
    station.pass(millis(999));
    const answers = () => station.events.filter(({ event }) => event === "marker-answered");
    expect(answers()).toEqual([]);
    station.pass(millis(1));
    expect(answers().map((event) => ({ ...event, transaction: 0 }))).toEqual([
      { event: "marker-answered", trunk: 1, port: "eth1", transaction: 0, roundTrip: null },
      { event: "marker-answered", trunk: 1, port: "eth2", transaction: 0, roundTrip: null },
    ]);
  });

  test("believes no answer on another port, none to a stranger's Marker, and none twice", () => {
    const station = new Station(TWO_LINKS);
    bringUp(station);
    act(station.engine, "send-markers", { id: 1 }, station.now);
    station.settle();
    const [first] = station.taken();
    const answer = patched(first?.bytes ?? new Uint8Array(), { 16: 2 });
    const answers = () => station.events.filter(({ event }) => event === "marker-answered").length;
    station.hear("eth2", answer);
    station.hear("eth1", patched(answer, { 25: 0x77 }));
    expect(answers()).toBe(0);
    station.hear("eth1", answer);
    station.hear("eth1", answer);
    expect(answers()).toBe(1);
  });

  test("asks nobody where no port is selected, and knows no trunk that is not there", () => {
    const station = new Station(TWO_LINKS);
    new Partner(station, "eth1").say();
    expect(act(station.engine, "send-markers", { id: 1 }, station.now)).toEqual([]);
    expect(act(station.engine, "send-markers", { id: 9 }, station.now)).toEqual({
      text: "there is no Eth-Trunk9 in mode lacp-static",
    });
  });

  test("a port whose link goes down while its Marker is out is answered by nobody, once", () => {
    const station = new Station(TWO_LINKS);
    bringUp(station);
    act(station.engine, "send-markers", { id: 1 }, station.now);
    station.settle();
    station.link("eth1", { carrier: false });
    station.pass(seconds(5));
    const answers = station.events.filter((event) => event.event === "marker-answered");
    expect(answers.map((event) => "roundTrip" in event && event.roundTrip)).toEqual([null, null]);
  });
});
