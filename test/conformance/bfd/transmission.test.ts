import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { MULTIHOP, Peer, type SessionParts, SINGLE_HOP, Station } from "./station.js";

/** Times between packets, in microseconds; the peer, where there is one, keeps talking. */
function gaps(station: Station, peer: Peer | undefined, packets: number): number[] {
  station.taken();
  const times: number[] = [];
  while (times.length <= packets) {
    station.pass(millis(100));
    peer?.say();
    times.push(...station.taken().flatMap(({ time, packet }) => (packet.flags.includes("F") ? [] : [time])));
  }
  return times.slice(1).map((time, n) => time - (times[n] as number));
}

const up = (parts: SessionParts = {}, remote = {}): [Station, Peer] => {
  const station = new Station([{ ...MULTIHOP, ...parts }]);
  return [station, new Peer(station, remote).bringUp()];
};

describe("6.8.7 the rate", () => {
  test("B5 a session that is down sends each second, less 0 to 25 percent", () => {
    const all = gaps(new Station([MULTIHOP]), undefined, 300);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(750_000);
    expect(Math.max(...all)).toBeLessThanOrEqual(1_000_000);
    const mean = all.reduce((sum, gap) => sum + gap, 0) / all.length;
    expect(Math.abs(mean - 875_000)).toBeLessThan(20_000);
    // Spread evenly: each tenth of the range has its share.
    const tenths = new Set(all.map((gap) => Math.floor((gap - 750_000) / 25_001)));
    expect(tenths.size).toBe(10);
  });

  test("with multiplier 1 the interval is at most 90 percent of what was agreed", () => {
    const [station, peer] = up({ multiplier: 1 });
    const all = gaps(station, peer, 200);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(225_000);
    expect(Math.max(...all)).toBeLessThanOrEqual(270_000);
    expect(Math.max(...all)).toBeGreaterThan(265_000);
  });

  test("a session that is down sends no faster than its own slow interval says", () => {
    const station = new Station([{ ...MULTIHOP, minTx: seconds(3) }]);
    expect(station.taken()[0]?.packet.desiredMinTx).toBe(3_000_000);
    const all = gaps(station, undefined, 50);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(2_250_000);
  });

  test("an up session sends at the greater of its own interval and what the peer takes", () => {
    const [fast, fastPeer] = up({ minTx: millis(100) }, { requiredMinRx: 50_000 });
    expect(Math.max(...gaps(fast, fastPeer, 50))).toBeLessThanOrEqual(100_000);
    const [slow, slowPeer] = up({ minTx: millis(100) }, { requiredMinRx: 200_000 });
    const all = gaps(slow, slowPeer, 50);
    expect([Math.min(...all) >= 150_000, Math.max(...all) <= 200_000]).toEqual([true, true]);
  });

  test("B9 a peer that takes packets very rarely is honoured, though it then times out first", () => {
    const [station, peer] = up({}, { requiredMinRx: 3_000_000 });
    peer.say({ state: "Up" });
    station.taken();
    station.pass(millis(899));
    expect([station.state, station.taken().length]).toEqual(["Up", 0]);
    station.pass(millis(2));
    expect(station.state).toBe("Down");
  });

  test("B10 a peer that takes packets faster from now on gets them faster at once", () => {
    const [station, peer] = up({ minTx: millis(100) }, { requiredMinRx: 900_000 });
    station.pass(millis(200));
    peer.say();
    station.taken();
    peer.say({ requiredMinRx: 100_000 });
    station.pass(millis(100));
    const [first] = station.taken();
    expect(first).toBeDefined();
    expect(Math.max(...gaps(station, peer, 20))).toBeLessThanOrEqual(100_000);
  });

  test("a peer that takes packets more slowly from now on gets them more slowly at once", () => {
    const [station, peer] = up({ minTx: millis(100) }, { requiredMinRx: 100_000 });
    peer.say({ requiredMinRx: 600_000 });
    const all = gaps(station, peer, 10);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(450_000);
  });

  test("B6 a peer that takes none gets none, but its Polls are answered", () => {
    const [station, peer] = up();
    peer.say({ state: "Up", requiredMinRx: 0 });
    station.taken();
    peer.keepTalking(20);
    expect([station.state, station.taken()]).toEqual(["Up", []]);
    peer.say({ flags: "P" });
    expect(station.taken().map(({ packet }) => packet.flags)).toEqual(["F"]);
    peer.say({ requiredMinRx: 300_000 });
    station.pass(millis(1));
    expect(station.taken()).toHaveLength(1);
  });
});

describe("6.8.7 changes", () => {
  test.for([
    ["the multiplier", { multiplier: 7 }],
    ["the interval it sends at", { minTx: millis(100) }],
    ["the interval it hears at", { minRx: millis(100) }],
    ["shutdown", { shutdown: true }],
  ] as const)("a change of %s is told at once", ([, change]) => {
    const [station] = up();
    station.configure({ ...MULTIHOP, ...change });
    expect(station.taken().map(({ time }) => time)).toEqual([station.now]);
  });

  test("a change of the description is nobody's concern", () => {
    const [station] = up();
    station.configure({ ...MULTIHOP, description: "to PE2" });
    expect(station.taken()).toEqual([]);
    expect(station.session()).toMatchObject({ state: "Up", description: "to PE2", upCount: 1 });
  });

  test("B13 the multiplier changes without a Poll", () => {
    const [station, peer] = up();
    station.configure({ ...MULTIHOP, multiplier: 7 });
    expect(station.taken().map(({ packet }) => [packet.multiplier, packet.flags])).toEqual([[7, ""]]);
    // The peer's own decides how long we wait.
    peer.say({ multiplier: 6 });
    expect(station.session().detectionTime).toBe(1_800);
  });
});

describe("6.6 demand mode", () => {
  test("B16 a peer in demand mode gets no periodic packets, and stays watched", () => {
    const [station, peer] = up();
    peer.say({ state: "Up", flags: "D" });
    station.taken();
    for (let n = 0; n < 10; n++) {
      station.pass(millis(270));
      station.hear(peer.packet({ flags: "D" }));
    }
    expect([station.state, station.taken()]).toEqual(["Up", []]);
    station.pass(millis(901));
    expect(station.state).toBe("Down");
    expect(station.taken()[0]?.packet.state).toBe("Down");
  });

  test("B17 a change while the peer is in demand mode is polled until the Final, then silence again", () => {
    const [station, peer] = up();
    peer.say({ state: "Up", flags: "D" });
    station.taken();
    station.configure({ ...MULTIHOP, minRx: millis(200) });
    station.pass(millis(700));
    const polls = station.taken();
    expect(polls.length).toBeGreaterThanOrEqual(3);
    expect(polls.every(({ packet }) => packet.flags === "P" && packet.requiredMinRx === 200_000)).toBe(true);
    station.hear(peer.packet({ flags: "FD" }));
    station.pass(millis(500));
    expect(station.taken()).toEqual([]);
  });

  test("a peer in demand mode that is not up yet gets its packets", () => {
    const station = new Station([MULTIHOP]);
    station.hear(new Peer(station).packet({ state: "Init", flags: "D", yourDiscriminator: 10 }));
    station.taken();
    station.pass(seconds(1));
    expect(station.taken().length).toBeGreaterThan(0);
  });

  test("we never ask for demand mode, never set both Poll and Final, nor C, A or M", () => {
    const [station, peer] = up();
    peer.say({ state: "Up", flags: "P" });
    station.configure({ ...MULTIHOP, minTx: millis(200) });
    peer.say({ state: "Up", flags: "P" });
    station.pass(millis(500));
    expect(new Set(station.log.map(({ packet }) => packet.flags))).toEqual(new Set(["", "P", "F"]));
  });
});

describe("4.1 what packets say", () => {
  test("version, discriminators, multiplier and intervals as configured, and no echo", () => {
    const station = new Station([{ ...SINGLE_HOP, remoteDiscriminator: 60, multiplier: 4, minRx: millis(250) }]);
    expect(station.taken()[0]?.packet).toEqual({
      version: 1,
      diagnostic: 0,
      state: "Down",
      flags: "",
      multiplier: 4,
      length: 24,
      myDiscriminator: 10,
      yourDiscriminator: 60,
      desiredMinTx: 1_000_000,
      requiredMinRx: 250_000,
      requiredMinEchoRx: 0,
      authentication: "",
    });
  });

  test("B18 the echo function is neither offered nor used, whatever the peer offers", () => {
    const [station, peer] = up({}, { requiredMinEchoRx: 10_000 });
    peer.keepTalking(10);
    expect(station.log.every(({ packet }) => packet.requiredMinEchoRx === 0)).toBe(true);
    expect(new Set(station.log.map(({ datagram }) => datagram.destinationPort))).toEqual(new Set([4784]));
    expect([...station.endpoints.values()].map(({ port }) => port)).toEqual([4784]);
  });

  test("intervals below what this host can do are raised, and both are shown", () => {
    const station = new Station([{ ...MULTIHOP, minTx: millis(3), minRx: millis(3) }]);
    new Peer(station, { desiredMinTx: 3_000, requiredMinRx: 3_000 }).bringUp();
    expect(station.session()).toMatchObject({ minTx: 3, minRx: 3, actualTx: 10, actualRx: 10, detectionTime: 30 });
    expect(station.log.at(-1)?.packet).toMatchObject({ desiredMinTx: 10_000, requiredMinRx: 10_000 });
  });

  test("why the session fell last is told until it falls again", () => {
    const [station, peer] = up();
    station.pass(seconds(1));
    expect(station.taken().at(-1)?.packet).toMatchObject({ state: "Down", diagnostic: 1 });
    peer.bringUp();
    station.pass(millis(300));
    expect(station.taken().at(-1)?.packet).toMatchObject({ state: "Up", diagnostic: 1 });
    peer.say({ state: "Down" });
    expect(station.taken().at(-1)?.packet).toMatchObject({ state: "Down", diagnostic: 3 });
  });

  test("the transmit buffer bears nothing of an earlier packet", () => {
    const station = new Station([
      { ...MULTIHOP, authentication: { type: "simple", id: 1, octets: Uint8Array.from([65, 66]) } },
    ]);
    station.pass(seconds(3));
    for (const { bytes } of station.log) expect(bytes).toEqual(station.log[0]?.bytes);
    expect(station.log[0]?.bytes.length).toBe(29);
  });
});

test("sessions do not send in step", () => {
  const parts = Array.from({ length: 8 }, (_, n) => ({ ...MULTIHOP, name: `s${n}`, localDiscriminator: n + 1 }));
  const station = new Station(parts);
  station.pass(seconds(10));
  const late = station.log.filter(({ time }) => time > station.now - 5_000_000).map(({ time }) => time);
  expect(new Set(late).size).toBe(late.length);
  expect(late.length).toBeGreaterThan(8 * 4);
  expect(late.length).toBeLessThan(8 * 7);
});
