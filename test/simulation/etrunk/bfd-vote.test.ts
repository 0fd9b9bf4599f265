import { describe, expect, it } from "vitest";
import { micros, millis, seconds } from "../../../src/core/base/time.js";
import type { DesiredEtrunkBfd } from "../../../src/core/contract/desired/etrunk.js";
import type { Call } from "../../../src/core/contract/input.js";
import { bfdPacket } from "../../support/bfd-packets.js";
import { LOOPBACK, pduOf, type SimulatedNode } from "../node.js";
import { address, EtrunkPair } from "./etrunk-pair.js";

const BFD_PORT = 4784;
/** As slow as this world needs it, which has no pacer. */
const bfdWith = (authenticated: boolean): DesiredEtrunkBfd => ({
  kind: "dynamic",
  trackInterface: undefined,
  minTx: millis(300),
  minRx: millis(300),
  multiplier: 3,
  authenticated,
});

function pairWith(bfd: DesiredEtrunkBfd): EtrunkPair {
  const parts = { etrunk: { bfd, multiplier: 20 } };
  const pair = new EtrunkPair(1, parts, parts).up();
  pair.world.until("BFD is up", () => isUp(pair), seconds(10));
  pair.world.run(seconds(1));
  return pair;
}
const isUp = (pair: EtrunkPair): boolean => pair.pes.every((pe) => pair.etrunk(pe).bfdState === "Up");

/** Packets that anybody can send with the address of PE1. */
function forge(pe: SimulatedNode, state: "Down" | "AdminDown", ttl: number): void {
  const packet = bfdPacket({ state, myDiscriminator: 0x1234, yourDiscriminator: 0, desiredMinTx: 1_000_000 });
  const path = { source: address("192.0.2.1"), destination: address("192.0.2.2"), sourcePort: 50_000 };
  const datagram = { ...path, destinationPort: BFD_PORT, ttl, from: LOOPBACK, ...pduOf(packet) };
  pe.arrives({ kind: "datagram", datagram });
}

const moves = (pair: EtrunkPair, since: number): unknown[] =>
  pair.world.events.slice(since).filter(({ event }) => /-state$/.test(event.event) && event.event !== "bfd-state");

/** Only BFD is lost, as often as this says, in both directions. */
function loseBfd(pair: EtrunkPair, isLost: () => boolean): void {
  for (const pe of pair.pes) {
    const arrives = pe.arrives.bind(pe);
    pe.arrives = (call: Call) => {
      const isBfd = call.kind === "datagram" && call.datagram.destinationPort === BFD_PORT;
      if (!isBfd || !isLost()) arrives(call);
    };
  }
}

describe.for(["Down", "AdminDown"] as const)("forged packets that say %s, five a second", (state) => {
  it.for([true, false])("change no role, signed sessions: %s", (authenticated) => {
    const pair = pairWith(bfdWith(authenticated));
    const before = pair.world.events.length;
    for (let n = 0; n < 100; n++) {
      forge(pair.pe2, state, 255);
      pair.world.run(millis(200));
    }
    expect(moves(pair, before)).toEqual([]);
    expect(pair.carries("pe1")).toBe(true);
    const told = pair.etrunk(pair.pe2).attention;
    if (authenticated) expect([isUp(pair), told]).toEqual([true, []]);
    else expect(told).toContainEqual(expect.stringMatching(/BFD session does not stay up: .*A takeover waits 20 s/));
  });
});

describe("a session that falls though hellos come", () => {
  it("is refuted each time, loses its vote after three, and has it again when it is steady", () => {
    const pair = pairWith(bfdWith(true));
    let until = 0;
    loseBfd(pair, () => pair.world.now < until);
    const fall = () => {
      until = pair.world.now + seconds(2);
      pair.world.run(seconds(2));
      pair.world.until("BFD is up again", () => isUp(pair), seconds(20));
    };
    for (let n = 0; n < 3; n++) fall();
    const before = pair.world.events.length;
    expect(pair.etrunk(pair.pe2).attention).toContainEqual(expect.stringMatching(/fell again and again/));
    for (let n = 0; n < 5; n++) fall();
    expect(moves(pair, before)).toEqual([]);
    expect(pair.carries("pe1")).toBe(true);
    pair.world.run(seconds(70));
    expect(pair.etrunk(pair.pe2).attention).toEqual([]);
    // Now its word counts again.
    const taken = pair.world.now;
    pair.split();
    for (const cable of pair.cables(pair.pe1)) pair.world.pull(cable);
    pair.world.until("pe2 takes over", () => pair.carries("pe2"), seconds(3));
    expect(pair.world.now - taken).toBeLessThan(seconds(3));
  });
});

it("a peer that dies and begins anew refutes nothing: its session keeps its vote", () => {
  const pair = pairWith(bfdWith(true));
  const { world, pe1, pe2 } = pair;
  for (let death = 1; death <= 4; death++) {
    const before = world.events.length;
    pe1.crash();
    world.until("pe2 takes over", () => pair.etrunk(pe2).state === "Master", seconds(3));
    expect(moves(pair, before)).toContainEqual(
      expect.objectContaining({ event: expect.objectContaining({ to: "Master", causation: "BFD_DOWN" }) }),
    );
    world.start(pe1);
    world.until("BFD is up and pe1 is Master", () => isUp(pair) && pair.etrunk(pe1).state === "Master", seconds(60));
  }
});

it("a session that only one end makes is told at that end", () => {
  const pair = new EtrunkPair(1, { etrunk: { bfd: bfdWith(true) } }, {}).up();
  pair.world.run(seconds(20));
  expect(pair.etrunk(pair.pe1).attention).toEqual([
    expect.stringMatching(/BFD session does not stay up: the peer follows no session/),
  ]);
});

it("a BFD packet of a session between neighbours that came through a router is dropped", () => {
  const pair = new EtrunkPair(1, { etrunk: { bfd: bfdWith(false) } }, { etrunk: { bfd: bfdWith(false) } });
  for (const pe of pair.pes) pe.prefixLength = 24;
  pair.up();
  pair.world.until("BFD is up", () => isUp(pair), seconds(10));
  forge(pair.pe2, "Down", 254);
  pair.world.run(micros(1_000));
  expect(isUp(pair)).toBe(true);
});
