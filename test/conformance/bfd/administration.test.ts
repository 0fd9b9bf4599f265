import { describe, expect, test } from "vitest";
import { Random } from "../../../src/core/base/random.js";
import { millis, seconds } from "../../../src/core/base/time.js";
import { SessionTable } from "../../../src/core/bfd/session-table.js";
import { NO_PACER } from "../../../src/daemon/recording/quiet-host.js";
import { digests } from "../../../src/linux/digests.js";
import { bfdOf } from "../../support/ask.js";
import { bfdPacket, type State } from "../../support/bfd-packets.js";
import { ip, MULTIHOP, Peer, type SessionParts, SINGLE_HOP, Station, sessionOf } from "./station.js";

const up = (parts: SessionParts = {}): [Station, Peer] => {
  const station = new Station([{ ...MULTIHOP, ...parts }]);
  return [station, new Peer(station).bringUp()];
};
const states = (station: Station): State[] => station.taken().map(({ packet }) => packet.state);

describe("6.8.16 administrative control", () => {
  test("B3 shutdown takes the session down and says why, undo shutdown lets it begin anew", () => {
    const [station, peer] = up();
    station.configure({ ...MULTIHOP, shutdown: true });
    expect(station.session()).toMatchObject({ state: "AdminDown", diagnostic: "Administratively Down" });
    expect(station.taken().map(({ packet }) => [packet.state, packet.diagnostic])).toEqual([["AdminDown", 7]]);
    peer.say({ state: "Down" });
    station.pass(seconds(5));
    expect(new Set(states(station))).toEqual(new Set(["AdminDown"]));
    station.configure(MULTIHOP);
    expect(states(station)).toEqual(["Down"]);
    peer.bringUp();
    expect(station.session()).toMatchObject({ state: "Up", upCount: 2 });
  });

  test("a session that is removed says that it is no failure, more than once, and is gone", () => {
    const [station] = up();
    station.configure();
    expect(states(station)).toEqual(["AdminDown", "AdminDown", "AdminDown"]);
    station.pass(seconds(5));
    expect([station.taken(), bfdOf(station.engine).sessions, station.endpoints.size]).toEqual([[], [], 0]);
  });

  test("a session that nobody knows goes silently", () => {
    const station = new Station([MULTIHOP]);
    station.taken();
    station.configure();
    expect(station.taken()).toEqual([]);
  });

  test("a process that stops for a restart says so on every session", () => {
    const two = { ...MULTIHOP, name: "two", localDiscriminator: 2, peer: "10.0.0.3" };
    const station = new Station([MULTIHOP, two]);
    for (const source of ["10.0.0.2", "10.0.0.3"]) station.hear(bfdPacket({ myDiscriminator: 5 }), { source });
    station.taken();
    station.pause();
    const told = station.taken().map(({ packet, datagram }) => `${packet.state} ${datagram.destination}`);
    expect(told.sort()).toEqual([
      ...new Array(3).fill("AdminDown 10.0.0.2"),
      ...new Array(3).fill("AdminDown 10.0.0.3"),
    ]);
  });

  test("B32 a peer that was shut down is no failure of the path", () => {
    const [station, peer] = up();
    peer.say({ state: "AdminDown", diagnostic: 7 });
    expect(station.session()).toMatchObject({
      state: "Down",
      remoteState: "AdminDown",
      diagnostic: "Neighbor Signaled Session Down",
      remoteDiagnostic: "Administratively Down",
    });
    station.pass(seconds(5));
    expect(station.session().remoteState).toBe("AdminDown");
  });
});

/** A table alone, with the states that those who track its session are told. */
class Tracked {
  readonly table = new SessionTable({ random: new Random(1), digests, pacer: NO_PACER }, false);
  now = seconds(1_000);
  #parts: SessionParts;

  constructor(parts: SessionParts = {}) {
    this.#parts = { ...MULTIHOP, ...parts };
    this.configure({});
  }
  configure(parts: SessionParts): void {
    this.#parts = { ...this.#parts, ...parts };
    this.table.apply([{ desired: sessionOf(this.#parts), isDynamic: false }], this.now);
    const session = this.table.get("HELLO");
    const path = { source: ip("10.0.0.1"), destination: ip("10.0.0.2"), to: undefined, isNear: false };
    if (session !== undefined) this.table.setPath(session, path, this.now);
  }
  hear(...heard: State[]): void {
    for (const state of heard) {
      const packet = bfdPacket({ state, yourDiscriminator: 10, desiredMinTx: 300_000 });
      const datagram = { source: ip("10.0.0.2"), destination: ip("10.0.0.1"), sourcePort: 49_152, from: 1, ttl: 255 };
      const bytes = new DataView(packet.buffer, packet.byteOffset);
      this.table.receive({ ...datagram, destinationPort: 4784, bytes, start: 0, length: packet.length }, this.now);
    }
  }
  pass(milliseconds: number): void {
    this.now = (this.now + milliseconds * 1000) as typeof this.now;
    this.table.expire(this.now);
  }
  /** Each state told since the last question. */
  told(): string[] {
    const told: string[] = [];
    for (let event = this.table.nextEvent(); event !== undefined; event = this.table.nextEvent())
      if (event.kind === "bfd-tracked") told.push(event.state);
    return told;
  }
}

describe("RFC 5882 what those who track a session are told", () => {
  test("none before it was ever up, then each change once", () => {
    const tracked = new Tracked();
    expect(tracked.told()).toEqual(["none"]);
    tracked.hear("Down");
    expect(tracked.told()).toEqual([]);
    tracked.hear("Init", "Up", "Up");
    expect(tracked.told()).toEqual(["up"]);
    tracked.hear("Down", "Down");
    expect(tracked.told()).toEqual(["signalled"]);
    tracked.hear("Init");
    expect(tracked.told()).toEqual(["up"]);
    tracked.pass(5_000);
    expect(tracked.told()).toEqual(["down"]);
  });

  test("what the peer signals is no silence, until its packets end", () => {
    const tracked = new Tracked();
    tracked.hear("Down", "Init", "Down");
    for (let n = 0; n < 10; n++) {
      tracked.pass(800);
      tracked.hear("Down");
    }
    expect(tracked.told()).toEqual(["none", "up", "signalled"]);
    tracked.pass(5_000);
    expect(tracked.told()).toEqual(["down"]);
  });

  test("B32 that an administrator took it down, here or there, is told as that", () => {
    const tracked = new Tracked();
    tracked.hear("Down", "Init", "AdminDown");
    expect(tracked.told()).toEqual(["none", "up", "admin-down"]);
    tracked.pass(10_000);
    tracked.hear("Down");
    expect(tracked.told()).toEqual([]);
    tracked.hear("Init");
    tracked.configure({ shutdown: true });
    expect(tracked.told()).toEqual(["up", "admin-down", "admin-down"]);
  });

  test("a peer that says AdminDown after it fell silent was no failure after all", () => {
    const tracked = new Tracked();
    tracked.hear("Down", "Init");
    tracked.pass(5_000);
    tracked.hear("AdminDown");
    expect(tracked.told()).toEqual(["none", "up", "down", "admin-down"]);
  });

  test("with wtr a session is told up only after it was up so long", () => {
    const tracked = new Tracked({ wtr: seconds(60) });
    tracked.hear("Down", "Init", "Up");
    for (let n = 0; n < 59; n++) {
      tracked.pass(800);
      tracked.hear("Up");
    }
    expect(tracked.told()).toEqual(["none"]);
    // A fall begins the wait anew.
    tracked.hear("Down", "Init", "Up");
    for (let n = 0; n < 74; n++) {
      tracked.pass(800);
      tracked.hear("Up");
    }
    expect(tracked.told()).toEqual([]);
    tracked.pass(800);
    expect(tracked.told()).toEqual(["up"]);
    tracked.hear("Down");
    expect(tracked.told()).toEqual(["signalled"]);
  });

  test("a session that is removed is tracked no more", () => {
    const tracked = new Tracked();
    tracked.hear("Down", "Init");
    tracked.told();
    tracked.table.apply([], tracked.now);
    expect(tracked.told()).toEqual(["none"]);
  });

  test("who begins to track it is told how it is", () => {
    const tracked = new Tracked();
    tracked.hear("Down", "Init");
    tracked.told();
    tracked.configure({});
    expect(tracked.told()).toEqual(["up"]);
  });
});

describe("what a change of the configuration does", () => {
  test.for([
    ["the peer", { peer: "10.0.0.3" }],
    ["the local discriminator", { localDiscriminator: 11 }],
    ["the remote discriminator", { remoteDiscriminator: 5 }],
    ["the interface", { interface: "eth1" }],
  ] as const)("another value of %s makes another session", ([, change]) => {
    const [station] = up();
    station.configure({ ...MULTIHOP, ...change });
    expect(station.session()).toMatchObject({ state: "Down", upCount: 0 });
    expect(states(station)).toEqual(["AdminDown", "AdminDown", "AdminDown", "Down"]);
  });

  test.for([
    ["intervals", { minTx: millis(100), minRx: millis(100) }],
    ["the multiplier", { multiplier: 9 }],
    ["wtr", { wtr: seconds(60) }],
    ["tos-exp", { tosExp: 1 }],
    ["the description", { description: "x" }],
    ["nothing", {}],
    ["the letters of its name", { name: "Hello" }],
  ] as const)("another value of %s leaves the session up", ([, change]) => {
    const [station] = up();
    station.configure({ ...MULTIHOP, ...change });
    expect(station.session("name" in change ? change.name : "hello")).toMatchObject({ state: "Up", upCount: 1 });
  });

  test("two sessions exchange their discriminators in one change", () => {
    const one = { ...MULTIHOP, name: "one", localDiscriminator: 1 };
    const two = { ...MULTIHOP, name: "two", localDiscriminator: 2, peer: "10.0.0.3" };
    const station = new Station([one, two]);
    station.configure({ ...one, localDiscriminator: 2 }, { ...two, localDiscriminator: 1 });
    station.hear(bfdPacket({ yourDiscriminator: 2 }));
    station.hear(bfdPacket({ yourDiscriminator: 1 }), { source: "10.0.0.3" });
    expect([station.session("one").state, station.session("two").state]).toEqual(["Init", "Init"]);
  });

  test("the discriminator of a removed session is free in the same change", () => {
    const station = new Station([{ ...MULTIHOP, name: "one" }]);
    station.configure({ ...MULTIHOP, name: "two", peer: "10.0.0.3" });
    station.hear(bfdPacket({ yourDiscriminator: 10 }), { source: "10.0.0.3" });
    expect(station.session("two").state).toBe("Init");
  });

  test("B33 sockets open with the first session, serve the second, and close with the last", () => {
    const station = new Station([]);
    expect(station.endpoints.size).toBe(0);
    const other = { ...MULTIHOP, name: "two", localDiscriminator: 2, peer: "10.0.0.3" };
    station.configure(MULTIHOP);
    expect([...station.endpoints.keys()]).toEqual(["10.0.0.1 4784"]);
    station.configure(MULTIHOP, other);
    expect(station.endpoints.size).toBe(1);
    station.configure(MULTIHOP, other, { ...SINGLE_HOP, name: "three", localDiscriminator: 3 });
    expect([...station.endpoints.keys()]).toEqual(["10.0.0.1 4784", "10.0.0.1 3784"]);
    station.configure(other);
    expect([...station.endpoints.keys()]).toEqual(["10.0.0.1 4784"]);
    station.configure();
    expect(station.endpoints.size).toBe(0);
    station.configure(MULTIHOP);
    expect(station.endpoints.size).toBe(1);
  });
});
