import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { MULTIHOP, Peer, type SessionParts, Station } from "./station.js";

const up = (parts: SessionParts = {}, remote = {}): [Station, Peer] => {
  const station = new Station([{ ...MULTIHOP, ...parts }]);
  const peer = new Peer(station, remote).bringUp();
  station.pass(millis(290));
  peer.say({ state: "Up" });
  station.taken();
  return [station, peer];
};
const flags = (station: Station): string[] => station.taken().map(({ packet }) => packet.flags);

describe("6.5 a Poll sequence", () => {
  test("follows the way up, for the interval falls from a second", () => {
    const station = new Station([MULTIHOP]);
    const peer = new Peer(station);
    peer.say({ state: "Down" });
    expect(station.taken().at(-1)?.packet).toMatchObject({ flags: "", desiredMinTx: 1_000_000 });
    peer.say({ state: "Init" });
    expect(station.taken().at(-1)?.packet).toMatchObject({ flags: "P", desiredMinTx: 300_000 });
  });

  test("B15 sets P on periodic packets until the Final, and sends none beside them", () => {
    const [station, peer] = up();
    station.configure({ ...MULTIHOP, minRx: millis(400) });
    expect(flags(station)).toEqual(["P"]);
    station.pass(millis(290));
    peer.say();
    station.pass(millis(290));
    const polls = station.taken();
    expect(polls.map(({ packet }) => packet.flags)).toEqual(["P", "P"]);
    for (const [n, { time }] of polls.slice(1).entries())
      expect(time - (polls[n]?.time ?? 0)).toBeGreaterThanOrEqual(225_000);
    peer.say({ flags: "F" });
    station.pass(millis(300));
    expect(flags(station)).toEqual([""]);
  });

  test("ends when the session falls", () => {
    const [station, peer] = up();
    station.configure({ ...MULTIHOP, minRx: millis(400) });
    peer.say({ state: "Down" });
    station.taken();
    station.pass(seconds(2));
    expect(new Set(flags(station))).toEqual(new Set([""]));
  });

  test("a Final nobody asked for changes nothing", () => {
    const [station, peer] = up();
    peer.say({ flags: "F" });
    station.pass(millis(300));
    expect(flags(station)).toEqual([""]);
  });

  test("a Poll that crosses ours is answered, and ours goes on", () => {
    const [station, peer] = up();
    station.configure({ ...MULTIHOP, minRx: millis(400) });
    station.taken();
    peer.say({ flags: "P" });
    expect(flags(station)).toEqual(["F"]);
    station.pass(millis(300));
    expect(flags(station)).toEqual(["P"]);
  });
});

describe("6.8.3 what changes when", () => {
  test("a doubled transmit interval waits for the Final", () => {
    const [station, peer] = up();
    station.configure({ ...MULTIHOP, minTx: millis(600) });
    expect(station.taken()[0]?.packet.desiredMinTx).toBe(600_000);
    expect(station.session().actualTx).toBe(300);
    station.pass(millis(250));
    peer.say({ flags: "F" });
    expect(station.session().actualTx).toBe(600);
  });

  test("a halved transmit interval holds at once", () => {
    const [station] = up({}, { requiredMinRx: 50_000 });
    station.configure({ ...MULTIHOP, minTx: millis(150) });
    expect(station.session().actualTx).toBe(150);
    expect(flags(station)).toEqual(["P"]);
  });

  test("B11 a doubled receive interval lengthens the detection time at once", () => {
    const [station, peer] = up();
    station.configure({ ...MULTIHOP, minRx: millis(600) });
    expect(station.session()).toMatchObject({ actualRx: 600, detectionTime: 1_800 });
    peer.say({ flags: "F" });
    station.pass(millis(1_799));
    expect(station.state).toBe("Up");
    station.pass(millis(2));
    expect(station.state).toBe("Down");
  });

  test("B12 a halved receive interval shortens the detection time only with the Final", () => {
    const [station, peer] = up({}, { desiredMinTx: 100_000 });
    station.configure({ ...MULTIHOP, minRx: millis(150) });
    peer.say();
    station.pass(millis(899));
    expect(station.state).toBe("Up");
    peer.say({ flags: "F" });
    expect(station.session().detectionTime).toBe(450);
    station.pass(millis(451));
    expect(station.state).toBe("Down");
  });

  test("while the session is down a change holds at once and is not polled", () => {
    const station = new Station([MULTIHOP]);
    station.taken();
    station.configure({ ...MULTIHOP, minRx: millis(900), minTx: millis(900) });
    expect(station.session()).toMatchObject({ actualTx: 1_000, actualRx: 900 });
    expect(flags(station)).toEqual([""]);
  });

  test("a new interval of the peer's holds at once", () => {
    const [station, peer] = up();
    peer.say({ desiredMinTx: 500_000, flags: "P" });
    expect(station.session()).toMatchObject({ actualRx: 500, detectionTime: 1_500 });
  });
});

describe("B14 a second change during a Poll", () => {
  test("is told at once and polled after the first, as long after as that one took", () => {
    const [station, peer] = up();
    station.configure({ ...MULTIHOP, minRx: millis(600) });
    station.pass(millis(100));
    station.configure({ ...MULTIHOP, minRx: millis(900) });
    expect(station.taken().map(({ packet }) => [packet.flags, packet.requiredMinRx])).toEqual([
      ["P", 600_000],
      ["P", 900_000],
    ]);
    station.pass(millis(400));
    peer.say();
    station.taken();
    // 500 ms after the first Poll began.
    peer.say({ flags: "F" });
    station.pass(millis(490));
    expect(new Set(flags(station))).toEqual(new Set([""]));
    peer.say();
    station.pass(millis(400));
    expect(new Set(flags(station))).toEqual(new Set(["P"]));
    peer.say({ flags: "F" });
    station.pass(millis(600));
    expect(new Set(flags(station))).toEqual(new Set([""]));
  });

  test("the first Final does not bring into force what it cannot have confirmed", () => {
    const [station, peer] = up();
    station.configure({ ...MULTIHOP, minRx: millis(600), minTx: millis(400) });
    station.pass(millis(10));
    station.configure({ ...MULTIHOP, minRx: millis(300), minTx: millis(800) });
    peer.say({ flags: "F" });
    expect(station.session()).toMatchObject({ actualRx: 600, actualTx: 400 });
    station.pass(millis(400));
    peer.say({ flags: "F" });
    expect(station.session()).toMatchObject({ actualRx: 300, actualTx: 800 });
  });

  test("a change back to what is in force still ends in force", () => {
    const [station, peer] = up();
    station.configure({ ...MULTIHOP, minTx: millis(600) });
    station.pass(millis(10));
    station.configure(MULTIHOP);
    peer.say({ flags: "F" });
    station.pass(millis(300));
    peer.say({ flags: "F" });
    expect(station.session().actualTx).toBe(300);
    station.taken();
    station.pass(millis(300));
    expect(flags(station)).toEqual([""]);
  });
});
