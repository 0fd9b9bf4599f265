import { describe, expect, test } from "vitest";
import { millis } from "../../../src/core/base/time.js";
import { BfdView } from "../../../src/core/wire/bfd-control.js";
import { type BfdParts, bfdPacket, signedPacket } from "../../support/bfd-packets.js";
import { MULTIHOP, Peer, Station } from "./station.js";

const KEY = { type: "sha1", id: 3, octets: Buffer.from("secret") } as const;

/** RFC 5880 6.8.6 in its order: what is wrong with a packet, and how it is counted. */
const FAULTS: readonly (readonly [step: string, fault: string, parts: Partial<BfdParts>, cut?: number])[] = [
  ["the version is 0", "version", { version: 0 }],
  ["the version is 2", "version", { version: 2 }],
  ["the length is 23", "length", { length: 23 }],
  ["the length is 25 and A is set", "length", { length: 25, flags: "A", authentication: "0104" }],
  ["the length is more than the datagram holds", "length", { length: 25 }],
  ["the datagram ends within the packet", "length", {}, 23],
  ["the datagram is empty", "length", {}, 0],
  ["the multiplier is 0", "multiplier", { multiplier: 0 }],
  ["M is set", "multipoint", { flags: "M" }],
  ["My Discriminator is 0", "my-discriminator", { myDiscriminator: 0 }],
  ["Your Discriminator is 0 in Init", "your-discriminator", { yourDiscriminator: 0, state: "Init" }],
  ["Your Discriminator is 0 in Up", "your-discriminator", { yourDiscriminator: 0, state: "Up" }],
  ["A is set and its section is cut", "authentication-section", { flags: "A", authentication: "0410" }],
];

describe("6.8.6 what is discarded", () => {
  test.for(FAULTS)("when %s, as %s", ([, fault, parts, cut]) => {
    const station = new Station([MULTIHOP]);
    const peer = new Peer(station).bringUp();
    station.pass(millis(500));
    station.taken();
    const packet = peer.packet({ state: "Down", ...parts }).slice(0, cut);
    expect(new BfdView().wrap(new DataView(packet.buffer), 0, packet.length).fault()).toBe(fault);
    station.hear(packet);
    // It neither moves the session nor counts as heard.
    expect(station.session()).toMatchObject({ state: "Up", received: 3 });
    station.pass(millis(399));
    expect(station.state).toBe("Up");
    station.pass(millis(2));
    expect(station.session()).toMatchObject({ state: "Down", diagnostic: "Control Detection Time Expired" });
  });

  test("when Your Discriminator is nobody's", () => {
    const station = new Station([MULTIHOP]);
    const peer = new Peer(station).bringUp();
    peer.say({ yourDiscriminator: 11, state: "Down" });
    expect(station.state).toBe("Up");
  });

  test("when A is set and no authentication is in use", () => {
    const station = new Station([MULTIHOP]);
    const peer = new Peer(station).bringUp();
    const parts = { ...peer.parts, yourDiscriminator: 10, state: "Down" } as const;
    station.hear(signedPacket(parts, { type: "sha1", id: 3, text: "secret" }, 1));
    expect(station.session()).toMatchObject({ state: "Up", drops: { authentication: 1 } });
  });

  test("when A is clear and authentication is in use", () => {
    const station = new Station([{ ...MULTIHOP, authentication: KEY }]);
    new Peer(station).say({ state: "Down" });
    expect(station.session()).toMatchObject({ state: "Down", received: 0, drops: { authentication: 1 } });
  });

  test("when another remote discriminator is configured", () => {
    const station = new Station([{ ...MULTIHOP, remoteDiscriminator: 78 }]);
    new Peer(station).say({ state: "Down" });
    expect(station.session()).toMatchObject({ state: "Down", received: 0, drops: { discriminator: 1 } });
  });

  test("when the session is AdminDown, though what the peer says of itself is noted", () => {
    const station = new Station([{ ...MULTIHOP, shutdown: true }]);
    new Peer(station).say({ state: "Init", flags: "P" });
    expect(station.session()).toMatchObject({ state: "AdminDown", remoteState: "Init", drops: { "admin-down": 1 } });
    expect(station.taken().every(({ packet }) => !packet.flags.includes("F"))).toBe(true);
  });
});

describe("6.8.6 what is accepted", () => {
  test.for([
    ["a datagram longer than the packet", { length: 24, authentication: "ffffffff" }],
    ["every diagnostic", { diagnostic: 31 }],
    ["C, control plane independent", { flags: "C" }],
    ["a wish for echoes", { requiredMinEchoRx: 50_000 }],
    ["the largest discriminator", { myDiscriminator: 0xffff_ffff }],
    ["the largest intervals", { desiredMinTx: 0xffff_ffff, requiredMinRx: 0xffff_ffff }],
    ["the largest multiplier", { multiplier: 255 }],
  ] as const)("%s", ([, parts]) => {
    const station = new Station([MULTIHOP]);
    new Peer(station, parts).say();
    expect(station.session()).toMatchObject({ state: "Init", received: 1 });
  });

  test.for(["Down", "AdminDown"] as const)("Your Discriminator 0 in %s", (state) => {
    const station = new Station([MULTIHOP]);
    station.hear(bfdPacket({ state, yourDiscriminator: 0 }));
    expect(station.session().received).toBe(1);
  });

  test("its own discriminator equal to ours", () => {
    const station = new Station([MULTIHOP]);
    new Peer(station, { myDiscriminator: 10 }).bringUp();
    expect(station.session()).toMatchObject({ state: "Up", localDiscriminator: 10, remoteDiscriminator: 10 });
  });
});

describe("6.8.6 what is learnt", () => {
  test("discriminator, state, diagnostic and intervals, which the next packet shows", () => {
    const station = new Station([MULTIHOP]);
    new Peer(station).say({ desiredMinTx: 400_000, requiredMinRx: 2_000_000, multiplier: 5, diagnostic: 3 });
    expect(station.session()).toMatchObject({
      remoteDiscriminator: 77,
      remoteState: "Down",
      remoteDiagnostic: "Neighbor Signaled Session Down",
      actualRx: 400,
      actualTx: 2_000,
      remoteMultiplier: 5,
      detectionTime: 2_000,
    });
    expect(station.taken().at(-1)?.packet).toMatchObject({ state: "Init", yourDiscriminator: 77 });
  });

  test("a discriminator that changes is followed", () => {
    const station = new Station([MULTIHOP]);
    const peer = new Peer(station).bringUp();
    peer.say({ myDiscriminator: 78, state: "Up" });
    station.pass(millis(300));
    expect(station.taken().at(-1)?.packet.yourDiscriminator).toBe(78);
  });

  test("a Poll is answered by a Final at once, whatever the state", () => {
    for (const state of ["Down", "Init", "Up"] as const) {
      const station = new Station([MULTIHOP]);
      const peer = new Peer(station);
      if (state === "Up") peer.bringUp();
      station.taken();
      peer.say({ state, flags: "P" });
      const finals = station.taken().filter(({ packet }) => packet.flags.includes("F"));
      expect(finals.map(({ packet, time }) => [packet.flags, time])).toEqual([["F", station.now]]);
    }
  });

  test("two Polls in one batch get one Final", () => {
    const station = new Station([MULTIHOP]);
    const peer = new Peer(station).bringUp();
    const poll = peer.packet({ state: "Up", flags: "P" });
    station.hearTogether([poll, poll]);
    expect(station.taken().map(({ packet }) => packet.flags)).toEqual(["F"]);
  });
});
