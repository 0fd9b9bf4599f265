import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { type BfdParts, bfdPacket, type PacketKey, signedPacket } from "../../support/bfd-packets.js";
import { toHex } from "../../support/frames.js";
import { MULTIHOP, type Sent, type SessionParts, SINGLE_HOP, Station } from "./station.js";

const TYPES = ["simple", "md5", "met-md5", "sha1", "met-sha1"] as const;
const KEYED = ["md5", "met-md5", "sha1", "met-sha1"] as const;
type Type = (typeof TYPES)[number];

const keyOf = (type: Type, text = "YsHsjx_202206", id = 9): PacketKey => ({ type, id, text });
/** A session whose configuration says this key. */
const sessionWith = (key: PacketKey | undefined): SessionParts => ({
  ...MULTIHOP,
  authentication: key && { type: key.type, id: key.id, octets: Buffer.from(key.text) },
});

/** A peer that signs with a key, or with none; its sequence grows by one with each packet unless said otherwise. */
class SigningPeer {
  readonly station: Station;
  key: PacketKey | undefined;
  sequence = 0xffff_fffe;
  state: BfdParts["state"] = "Down";

  constructor(station: Station, key: PacketKey | undefined) {
    this.station = station;
    this.key = key;
  }

  packet(parts: Partial<BfdParts> = {}): Uint8Array {
    const fields = { myDiscriminator: 77, yourDiscriminator: 10, desiredMinTx: 300_000, requiredMinRx: 300_000 };
    const all = { ...fields, state: this.state, ...parts };
    return this.key === undefined ? bfdPacket(all) : signedPacket(all, this.key, this.sequence);
  }
  say(parts: Partial<BfdParts> = {}, step = 1): void {
    this.sequence = (this.sequence + step) % 0x1_0000_0000;
    this.state = parts.state ?? this.state;
    this.station.hear(this.packet(parts));
  }
  bringUp(): this {
    for (const state of ["Down", "Init", "Up"] as const) this.say({ state, flags: state === "Up" ? "F" : "" });
    expect(this.station.state).toBe("Up");
    return this;
  }
  talk(milliseconds: number, step = 1): void {
    for (let passed = 0; passed < milliseconds; passed += 250) {
      this.station.pass(millis(250));
      this.say({}, step);
    }
  }
}

function up(key: PacketKey | undefined): [Station, SigningPeer] {
  const station = new Station([sessionWith(key)]);
  return [station, new SigningPeer(station, key).bringUp()];
}

describe("6.7 packets we sign", () => {
  test.for(TYPES)("%s: bear type, length, key ID and what proves the key", (type) => {
    const station = new Station([sessionWith(keyOf(type))]);
    const [{ packet, bytes }] = station.taken() as [Sent];
    const { authentication, length, flags, ...fields } = packet;
    expect([flags, length]).toEqual(["A", 24 + authentication.length / 2]);
    const sequence = Number.parseInt(authentication.slice(8, 16), 16);
    expect(toHex(bytes)).toBe(toHex(signedPacket(fields, keyOf(type), sequence)));
  });

  test.for(KEYED)("%s: the sequence grows by one with each packet", (type) => {
    const station = new Station([sessionWith(keyOf(type))]);
    station.pass(seconds(20));
    const sequences = station.log.map(({ packet }) => Number.parseInt(packet.authentication.slice(8, 16), 16));
    expect(sequences.length).toBeGreaterThan(15);
    for (const [n, sequence] of sequences.slice(1).entries())
      expect(sequence).toBe(((sequences[n] as number) + 1) % 0x1_0000_0000);
  });

  test("the first sequence is random", () => {
    const first = (seed: number) => {
      const station = new Station([sessionWith(keyOf("sha1"))], { seed });
      return station.log[0]?.packet.authentication.slice(8, 16);
    };
    expect(new Set([1, 2, 3, 4].map(first)).size).toBe(4);
  });

  test("leave no faster than this process can sign them", () => {
    const fast = { minTx: millis(10), minRx: millis(10) };
    const station = new Station([{ ...sessionWith(keyOf("sha1")), ...fast }], { pacer: true });
    new SigningPeer(station, keyOf("sha1")).bringUp();
    expect(station.session()).toMatchObject({ minTx: 10, actualRx: 300, offloaded: false });
    expect(station.log.at(-1)?.packet).toMatchObject({ desiredMinTx: 50_000, requiredMinRx: 50_000 });
    expect(station.paced.size).toBe(0);
  });
});

describe("6.7 packets we accept", () => {
  test.for(TYPES)("B22 %s: the session comes up and stays up", (type) => {
    const [station, peer] = up(keyOf(type));
    peer.talk(5_000);
    expect(station.session()).toMatchObject({ state: "Up", upCount: 1, drops: { authentication: 0 } });
  });

  test.for(["md5", "sha1"] as const)("%s: the same sequence again counts", (type) => {
    const [station, peer] = up(keyOf(type));
    peer.talk(2_000, 0);
    expect(station.state).toBe("Up");
  });

  test.for(KEYED)("%s: a sequence up to three multipliers ahead counts, further does not", (type) => {
    const [station, peer] = up(keyOf(type));
    const { received } = station.session();
    peer.say({}, 9);
    expect(station.session().received).toBe(received + 1);
    peer.say({}, 10);
    expect(station.session()).toMatchObject({ received: received + 1, drops: { authentication: 1 } });
  });

  test("whatever their TTL is, for authentication takes its place", () => {
    const station = new Station([{ ...SINGLE_HOP, ...sessionWith(keyOf("sha1")), interface: "eth1" }]);
    station.hear(new SigningPeer(station, keyOf("sha1")).packet(), { destinationPort: 3784, ttl: 64 });
    expect(station.state).toBe("Init");
  });
});

describe("6.7 packets we drop", () => {
  /** What neither keeps the session up nor takes it down. */
  const OTHERS: readonly (readonly [what: string, other: (type: Type) => PacketKey | undefined])[] = [
    ["B23 without authentication", () => undefined],
    ["B24 of an unknown key ID", (type) => keyOf(type, undefined, 10)],
    ["B25 of another type", (type) => keyOf(type === "met-md5" ? "sha1" : "met-md5")],
    ["B26 of another key", (type) => keyOf(type, "YsHsjx_202207")],
    ["B26 of a longer key", (type) => keyOf(type, "YsHsjx_202206x")],
  ];

  for (const type of TYPES)
    test.for(OTHERS)(`${type}: %s`, ([, other]) => {
      const [station, peer] = up(keyOf(type));
      const { received } = station.session();
      peer.key = other(type);
      peer.say({ state: "Down" });
      expect(station.session()).toMatchObject({ state: "Up", received });
      peer.say({ state: "Up" });
      peer.talk(1_000);
      expect(station.session()).toMatchObject({
        state: "Down",
        diagnostic: "Control Detection Time Expired",
        notUpReason: "The peer's packets are refused: authentication",
      });
    });

  test.for(["met-md5", "met-sha1"] as const)("B27 %s: a repeated sequence does not keep it up", (type) => {
    const [station, peer] = up(keyOf(type));
    peer.talk(1_000, 0);
    expect(station.state).toBe("Down");
  });

  test.for(KEYED)("B27 %s: a sequence of the past does not keep it up", (type) => {
    const [station, peer] = up(keyOf(type));
    peer.talk(1_000, -1);
    expect(station.state).toBe("Down");
  });

  test.for(KEYED)("%s: one that was tampered with, in any octet", (type) => {
    const [station, peer] = up(keyOf(type));
    const { received } = station.session();
    const packet = peer.packet();
    for (let at = 4; at < packet.length; at++) {
      const tampered = packet.slice();
      tampered[at] = (tampered[at] as number) ^ 0x01;
      station.hear(tampered);
    }
    expect(station.session()).toMatchObject({ state: "Up", received });
  });

  test.for([
    ["no octets", "0100"],
    ["type and length alone", "0102"],
    ["a key ID without password", "010309"],
    ["SHA1 cut to its sequence", "0408090000000001"],
    ["a length that reaches beyond the packet", "04ff0900"],
    ["an unknown type", "06030941"],
  ])("with a section of %s", ([, section]) => {
    const station = new Station([sessionWith(keyOf("sha1"))]);
    station.hear(bfdPacket({ flags: "A", authentication: section as string, yourDiscriminator: 10 }));
    expect(station.session()).toMatchObject({ state: "Down", received: 0 });
  });

  test("B28 a peer that restarts with a lower sequence is heard after twice the detection time", () => {
    const [station, peer] = up(keyOf("met-sha1"));
    peer.sequence = 1_000;
    station.pass(millis(1_790));
    peer.say({ state: "Down" });
    expect(station.session()).toMatchObject({ state: "Down", drops: { authentication: 1 } });
    station.pass(millis(20));
    peer.bringUp();
    expect(station.state).toBe("Up");
  });
});

describe("6.7.1 authentication changes while the session is up", () => {
  const CHANGES: readonly (readonly [what: string, from: PacketKey | undefined, to: PacketKey | undefined])[] = [
    ["B29 is turned on", undefined, keyOf("sha1")],
    ["B30 is turned off", keyOf("sha1"), undefined],
    ["B31 gets another key", keyOf("sha1"), keyOf("sha1", "other", 10)],
    ["B31 gets another type", keyOf("met-sha1"), keyOf("md5")],
  ];
  /** The type our last packet bore. */
  const typeSent = (station: Station): Type | undefined =>
    TYPES[Number.parseInt(station.log.at(-1)?.packet.authentication.slice(0, 2) ?? "", 16) - 1];

  /** An up session whose authentication is then changed on our end only. */
  function changed(from: PacketKey | undefined, to: PacketKey | undefined): [Station, SigningPeer] {
    const [station, peer] = up(from);
    station.configure(sessionWith(to));
    return [station, peer];
  }

  test.for(CHANGES)("%s: the old one stays in use until the peer is heard to use the new one", ([, from, to]) => {
    const [station, peer] = changed(from, to);
    peer.talk(5_000);
    expect([station.state, typeSent(station)]).toEqual(["Up", from?.type]);
    peer.key = to;
    peer.say();
    peer.talk(5_000);
    expect([station.state, typeSent(station)]).toEqual(["Up", to?.type]);
    expect(station.session().upCount).toBe(1);
    // Packets alone never change it back.
    const { received } = station.session();
    peer.key = from;
    peer.say();
    expect(station.session().received).toBe(received);
  });

  test.for(CHANGES)("%s: after a minute the new one is in use all the same", ([, from, to]) => {
    const [station, peer] = changed(from, to);
    peer.talk(59_500);
    expect([station.state, typeSent(station)]).toEqual(["Up", from?.type]);
    station.pass(millis(800));
    expect(typeSent(station)).toBe(to?.type);
    peer.key = to;
    peer.say();
    expect(station.session()).toMatchObject({ state: "Up", upCount: 1 });
  });

  test("a session that is down uses the new one at once", () => {
    const station = new Station([MULTIHOP]);
    station.configure(sessionWith(keyOf("sha1")));
    station.pass(seconds(1));
    expect(typeSent(station)).toBe("sha1");
  });

  test("what was taken back before the peer followed is not accepted", () => {
    const [station, peer] = changed(undefined, keyOf("sha1"));
    station.configure(MULTIHOP);
    peer.key = keyOf("sha1");
    peer.say();
    expect(station.session()).toMatchObject({ state: "Up", drops: { authentication: 1 } });
  });
});
