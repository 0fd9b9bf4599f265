import { describe, expect, test } from "vitest";
import { millis, NEVER, seconds } from "../../../src/core/base/time.js";
import type { SteadySession } from "../../../src/core/contract/pacing.js";
import { readBfd, signedPacket } from "../../support/bfd-packets.js";
import { ETH1, ip, MULTIHOP, Peer, type SessionParts, SINGLE_HOP, Station } from "./station.js";

const FAST = { minTx: millis(10), minRx: millis(10) };
const FAST_PEER = { desiredMinTx: 10_000, requiredMinRx: 10_000 };

/** A session at 10 ms x 3 that is up, its Poll answered. */
function up(parts: SessionParts = {}, remote = {}): [Station, Peer] {
  const station = new Station([{ ...MULTIHOP, ...FAST, ...parts }], { pacer: true });
  return [station, new Peer(station, { ...FAST_PEER, ...remote }).bringUp()];
}
const paced = (station: Station): SteadySession => {
  const steady = station.paced.get(10);
  if (steady === undefined) throw new Error("the session is not paced");
  return steady;
};

describe("what the pacer is given", () => {
  test("the packet, the interval with its jitter, the detection time and what counts", () => {
    const [station] = up();
    const { packet, source, destination, handover, sourcePort, ...rest } = paced(station);
    expect(rest).toEqual({
      session: 10,
      interval: 10_000,
      jitter: [750, 1000],
      detection: 30_000,
      receiveInterval: 10_000,
      remoteDiscriminator: 77,
      key: undefined,
      sequenceWindow: 9,
      leastTtl: 0,
      destinationPort: 4784,
      ttl: 255,
      trafficClass: 0xe0,
      interface: undefined,
      vrf: undefined,
    });
    expect([source.text, destination.text]).toEqual(["10.0.0.1", "10.0.0.2"]);
    expect([handover > 0, sourcePort]).toEqual([true, station.log[0]?.datagram.sourcePort]);
    expect(readBfd(packet)).toMatchObject({ state: "Up", flags: "", myDiscriminator: 10, yourDiscriminator: 77 });
  });

  test("of a single-hop session the TTL and the interface count too", () => {
    const station = new Station([{ ...SINGLE_HOP, ...FAST, multiplier: 1 }], { pacer: true });
    new Peer(station, FAST_PEER, { destinationPort: 3784 }).bringUp();
    const { leastTtl, interface: to, jitter, destinationPort } = paced(station);
    expect([leastTtl, to, jitter, destinationPort]).toEqual([255, ETH1, [750, 900], 3784]);
  });

  test("the greater interval of both ends", () => {
    const [station] = up({}, { requiredMinRx: 25_000, desiredMinTx: 40_000, multiplier: 4 });
    expect([paced(station).interval, paced(station).detection]).toEqual([25_000, 160_000]);
  });
});

describe("who has a session", () => {
  test("the pacer from the moment it is up on both ends, so its Poll too", () => {
    const station = new Station([{ ...MULTIHOP, ...FAST }], { pacer: true });
    const peer = new Peer(station, FAST_PEER);
    peer.say({ state: "Down" });
    peer.say({ state: "Init" });
    expect([station.state, station.paced.size]).toEqual(["Up", 0]);
    peer.say({ state: "Up" });
    expect(readBfd(paced(station).packet)).toMatchObject({ state: "Up", flags: "P" });
    station.taken();
    station.pass(seconds(10));
    // This process says nothing, and however long it hears nothing it does not judge.
    expect([station.taken(), station.session().offloaded, station.state]).toEqual([[], true, "Up"]);
    peer.say({ flags: "F" });
    expect(readBfd(paced(station).packet).flags).toBe("");
  });

  test.for([
    ["both intervals are 50 ms or more", { minTx: millis(50), minRx: millis(50) }, {}],
    ["the peer asks for that", {}, { desiredMinTx: 50_000, requiredMinRx: 50_000 }],
  ] as const)("this process where %s", ([, parts, remote]) => {
    const [station] = up(parts, remote);
    expect([station.paced.size, station.session().offloaded]).toEqual([0, false]);
    station.pass(millis(50));
    expect(station.taken().length).toBeGreaterThan(0);
  });

  test("the pacer where one direction is fast", () => {
    expect(up({ minTx: millis(300) }, { requiredMinRx: 300_000 })[0].paced.size).toBe(1);
  });

  test("this process where there is no pacer", () => {
    const station = new Station([{ ...MULTIHOP, ...FAST }]);
    new Peer(station, FAST_PEER).bringUp();
    station.pass(millis(29));
    expect(station.taken().length).toBeGreaterThanOrEqual(2);
    station.pass(millis(2));
    expect(station.state).toBe("Down");
  });
});

describe("while the pacer has it", () => {
  test("a Poll is answered by this process, and the pacer goes on as it was", () => {
    const [station, peer] = up();
    const before = paced(station);
    peer.say({ state: "Up", flags: "P" });
    expect(station.taken().map(({ packet }) => packet.flags)).toEqual(["F"]);
    expect(paced(station)).toBe(before);
  });

  test("new intervals of the peer's are handed over anew", () => {
    const [station, peer] = up();
    const { handover } = paced(station);
    peer.say({ desiredMinTx: 20_000, requiredMinRx: 15_000, multiplier: 5, flags: "P" });
    expect(paced(station)).toMatchObject({ interval: 15_000, detection: 100_000 });
    expect(paced(station).handover).toBeGreaterThan(handover);
  });

  test("a change of ours is polled by the pacer until the Final", () => {
    const [station, peer] = up();
    station.configure({ ...MULTIHOP, ...FAST, minTx: millis(20), multiplier: 4 });
    expect(readBfd(paced(station).packet)).toMatchObject({ flags: "P", desiredMinTx: 20_000, multiplier: 4 });
    expect([paced(station).interval, station.taken()]).toEqual([10_000, []]);
    peer.say({ flags: "F" });
    expect(readBfd(paced(station).packet).flags).toBe("");
    expect(paced(station).interval).toBe(20_000);
  });

  test("a second change is polled in its turn", () => {
    const [station, peer] = up();
    station.configure({ ...MULTIHOP, ...FAST, minTx: millis(20) });
    station.pass(millis(40));
    station.configure({ ...MULTIHOP, ...FAST, minTx: millis(30) });
    peer.say({ flags: "F" });
    expect([readBfd(paced(station).packet).flags, paced(station).interval]).toEqual(["", 20_000]);
    station.pass(millis(41));
    expect(readBfd(paced(station).packet).flags).toBe("P");
    peer.say({ flags: "F" });
    expect([readBfd(paced(station).packet).flags, paced(station).interval]).toEqual(["", 30_000]);
  });

  test("a peer that wants no packets, or is in demand mode, is only watched", () => {
    const [station, peer] = up();
    peer.say({ requiredMinRx: 0 });
    expect(paced(station).interval).toBe(NEVER);
    peer.say({ requiredMinRx: 10_000, flags: "D" });
    expect(paced(station).interval).toBe(NEVER);
    peer.say({ requiredMinRx: 10_000 });
    expect(paced(station).interval).toBe(10_000);
  });

  test("what it counts shows, and stays when the session comes back", () => {
    const [station, peer] = up();
    const before = station.session();
    station.counts.set(10, { received: 100, sent: 200, longestSilence: 12_345, numbers: { sent: 0, taken: 0 } });
    expect(station.session()).toMatchObject({
      received: before.received + 100,
      sent: before.sent + 200,
      longestSilence: 12.345,
    });
    peer.say({ state: "Down" });
    expect(station.session()).toMatchObject({ offloaded: false, received: before.received + 101 });
  });
});

describe("it comes back", () => {
  test("down, when the pacer waited for the detection time", () => {
    const [station] = up();
    station.expired(10, paced(station).handover);
    expect(station.session()).toMatchObject({ state: "Down", diagnostic: "Control Detection Time Expired" });
    expect([station.paced.size, station.taken().map(({ packet }) => packet.state)]).toEqual([0, ["Down"]]);
  });

  test("not for a report of an older hand-over, nor for one of nobody", () => {
    const [station, peer] = up();
    const { handover } = paced(station);
    peer.say({ desiredMinTx: 20_000 });
    station.expired(10, handover);
    station.expired(11, handover + 1);
    expect([station.state, station.paced.size]).toEqual(["Up", 1]);
  });

  test.for([
    ["the peer says Down", (_: Station, peer: Peer) => peer.say({ state: "Down" }), "Down"],
    ["the peer says AdminDown", (_: Station, peer: Peer) => peer.say({ state: "AdminDown" }), "Down"],
    ["it is shut down", (station: Station) => station.configure({ ...MULTIHOP, ...FAST, shutdown: true }), "AdminDown"],
    ["its address goes", (station: Station) => station.address(ETH1, "10.0.0.1", 24, false), "Down"],
    ["the process stops", (station: Station) => station.pause(), "AdminDown"],
  ] as const)("when %s", ([, act, state]) => {
    const [station, peer] = up();
    act(station, peer);
    expect([station.paced.size, station.state]).toEqual([0, state]);
  });

  test("and lives on where it became slow enough for this process", () => {
    const [station, peer] = up();
    peer.say({ desiredMinTx: 100_000, requiredMinRx: 100_000, flags: "P" });
    expect([station.state, station.paced.size]).toEqual(["Up", 0]);
    station.pass(millis(299));
    expect(station.state).toBe("Up");
    expect(station.taken().length).toBeGreaterThanOrEqual(3);
    station.pass(millis(2));
    expect(station.state).toBe("Down");
  });

  test("when it is removed, and the peer is told", () => {
    const [station] = up();
    station.configure();
    expect([station.paced.size, station.taken().map(({ packet }) => packet.state)]).toEqual([
      0,
      ["AdminDown", "AdminDown", "AdminDown"],
    ]);
  });

  test.for([
    ["this process stops for a restart", (station: Station) => station.pause()],
    ["it is shut down", (station: Station) => station.configure({ ...MULTIHOP, ...FAST, shutdown: true })],
  ] as const)("when %s, long after this process heard the peer, which is told", ([, act]) => {
    const [station] = up();
    station.pass(seconds(60));
    station.taken();
    act(station);
    expect(station.paced.size).toBe(0);
    const [first] = station.taken();
    expect(first?.packet).toMatchObject({ state: "AdminDown", diagnostic: 7, yourDiscriminator: 77 });
  });

  test("a session made anew under the same discriminator is not the old one's", () => {
    const [station] = up();
    const { handover } = paced(station);
    station.configure({ ...MULTIHOP, ...FAST, peer: "10.0.0.3" });
    expect(station.paced.size).toBe(0);
    station.expired(10, handover);
    expect(station.session()).toMatchObject({ state: "Down", diagnostic: "No Diagnostic" });
  });
});

describe("where it is refused", () => {
  const alarms = (station: Station): string[] =>
    station.events.flatMap((event) => ("text" in event ? [`${event.event} ${event.text}`] : []));
  const TEXT = "BFD session hello is kept by the process, which may be too slow for it: BFD pacer: ENOMEM.";
  const refuse = (station: Station): void => {
    const { session, handover } = paced(station);
    station.refuse("pacer", { session, handover }, "BFD pacer: ENOMEM");
  };

  test("this process keeps the session, and an alarm says so until the pacer takes it", () => {
    const [station, peer] = up();
    refuse(station);
    expect([station.paced.size, station.session().offloaded, alarms(station)]).toEqual([0, false, [`alarm ${TEXT}`]]);
    station.taken();
    peer.keepTalking(50);
    expect([station.state, station.paced.size]).toEqual(["Up", 0]);
    expect(station.taken().length).toBeGreaterThan(40);
    peer.keepTalking(70);
    // A second is over, and it was handed over again.
    const { session, handover } = paced(station);
    station.refuse("pacer", { session, handover });
    expect([station.state, station.session().offloaded]).toEqual(["Up", true]);
    expect(alarms(station)).toEqual([`alarm ${TEXT}`, `alarm-cleared ${TEXT}`]);
  });

  test("a refusal of an older hand-over says nothing", () => {
    const [station, peer] = up();
    const { session, handover } = paced(station);
    peer.say({ desiredMinTx: 20_000 });
    station.refuse("pacer", { session, handover }, "BFD pacer: ENOMEM");
    expect([station.paced.size, alarms(station)]).toEqual([1, []]);
  });

  test("the alarm goes with the session, and with what made it fast", () => {
    for (const parts of [[], [{ ...MULTIHOP, minTx: millis(300), minRx: millis(300) }]]) {
      const [station, peer] = up();
      refuse(station);
      station.configure(...parts);
      peer.say({ flags: "F", desiredMinTx: 300_000, requiredMinRx: 300_000 });
      expect(alarms(station)).toEqual([`alarm ${TEXT}`, `alarm-cleared ${TEXT}`]);
    }
  });

  test("a socket of BFD raises an alarm until it is open", () => {
    const station = new Station([MULTIHOP]);
    const socket = { source: ip("0.0.0.0"), port: 4784, vrf: undefined };
    station.refuse("socket", socket, "BFD over IPv4, UDP port 4784: EADDRINUSE");
    station.refuse("socket", socket);
    const text = "BFD over IPv4, UDP port 4784: EADDRINUSE.";
    expect(alarms(station)).toEqual([`alarm ${text}`, `alarm-cleared ${text}`]);
  });
});

describe("a session that signs", () => {
  const KEY = { type: "met-sha1", id: 9, text: "YsHsjx_202206" } as const;
  const authentication = { type: KEY.type, id: KEY.id, octets: Buffer.from(KEY.text) };
  const PARTS = { myDiscriminator: 77, yourDiscriminator: 10, ...FAST_PEER };

  /** Its peer has signed the packets 1 to 3. */
  function signing(): Station {
    const station = new Station([{ ...MULTIHOP, ...FAST, authentication }], { pacer: true });
    for (const [n, state] of (["Down", "Init", "Up"] as const).entries())
      station.hear(signedPacket({ ...PARTS, state, flags: state === "Up" ? "F" : "" }, KEY, n + 1));
    expect(station.state).toBe("Up");
    return station;
  }
  const sequenceOf = (packet: Uint8Array | undefined) => packet && Buffer.from(packet).readUInt32BE(28);
  const counts = (sent: number, taken: number) => ({
    received: 0,
    sent: 0,
    longestSilence: 0,
    numbers: { sent, taken },
  });

  test("is paced at 10 ms too: the key in its 20 octets, and the packet without its section", () => {
    const { packet, key, interval, sequenceWindow } = paced(signing());
    expect([interval, sequenceWindow, packet.length]).toEqual([10_000, 9, 24]);
    expect(key?.id).toBe(9);
    expect(Buffer.from(key?.octets ?? []).toString("latin1")).toBe(KEY.text.padEnd(20, "\0"));
    expect([packet[3], (packet[1] ?? 0) & 0x04]).toEqual([52, 4]);
  });

  test("numbers what this process says after what the pacer said", () => {
    const station = signing();
    station.counts.set(10, counts(5_000, 3));
    station.taken();
    station.hear(signedPacket({ ...PARTS, state: "Up", flags: "P" }, KEY, 4));
    expect(station.taken().map(({ bytes, packet }) => [packet.flags, sequenceOf(bytes)])).toEqual([["FA", 5_001]]);
  });

  test("hears what the pacer handed on, which is ahead by then, and refuses a recording", () => {
    const station = signing();
    station.counts.set(10, counts(5_000, 4_002));
    station.hear(signedPacket({ ...PARTS, state: "Up", flags: "P" }, KEY, 4_001));
    expect(station.taken().map(({ packet }) => packet.flags)).toContain("FA");
    station.hear(signedPacket({ ...PARTS, state: "Down" }, KEY, 4_001 - 10));
    expect([station.state, station.session().drops.authentication]).toEqual(["Up", 1]);
    station.hear(signedPacket({ ...PARTS, state: "Down" }, KEY, 4_003));
    expect([station.state, station.session().offloaded]).toEqual(["Down", false]);
  });

  test("goes on with the pacer's numbers when it is taken back", () => {
    const station = signing();
    station.counts.set(10, counts(9_000, 700));
    station.taken();
    station.hear(signedPacket({ ...PARTS, state: "Down" }, KEY, 701));
    const [first] = station.taken();
    expect(first?.packet.state).toBe("Down");
    expect(sequenceOf(first?.bytes)).toBe(9_001);
  });

  test("is heard with any number once nothing came for twice the detection time, also when the pacer waited", () => {
    const station = signing();
    station.pass(seconds(60));
    station.counts.set(10, counts(6_000, 6_000));
    station.expired(10, paced(station).handover);
    station.hear(signedPacket({ ...PARTS, state: "Down" }, KEY, 6_100));
    expect([station.state, station.session().drops.authentication]).toEqual(["Down", 1]);
    station.pass(millis(31));
    station.hear(signedPacket({ ...PARTS, state: "Down" }, KEY, 6_101));
    expect([station.state, station.session().drops.authentication]).toEqual(["Init", 1]);
  });

  test.for(["simple", "md5", "met-md5", "sha1"] as const)("is kept by this process with %s, at 50 ms", (type) => {
    const station = new Station([{ ...MULTIHOP, ...FAST, authentication: { ...authentication, type } }], {
      pacer: true,
    });
    for (const [n, state] of (["Down", "Init", "Up"] as const).entries())
      station.hear(signedPacket({ ...PARTS, state, flags: state === "Up" ? "F" : "" }, { ...KEY, type }, n + 1));
    expect([station.state, station.paced.size, station.session().actualTx]).toEqual(["Up", 0, 50]);
  });
});
