import { describe, expect, it } from "vitest";
import { dynamicSessionName } from "../../../src/core/base/bfd.js";
import { parseIpAddress } from "../../../src/core/base/ip-address.js";
import { later, micros, millis, seconds } from "../../../src/core/base/time.js";
import type { DesiredCar, DesiredEtrunkBfd } from "../../../src/core/contract/desired/etrunk.js";
import type { Call } from "../../../src/core/contract/input.js";
import { bfdOf } from "../../support/ask.js";
import { forgedHello } from "../../support/forged-hello.js";
import { LOOPBACK, pduOf, type SimulatedNode } from "../node.js";
import { EtrunkPair } from "./etrunk-pair.js";

/** As `bfd-ends` at 300 ms x 3: this world has no pacer. */
const BFD: DesiredEtrunkBfd = {
  kind: "dynamic",
  trackInterface: undefined,
  minTx: millis(300),
  minRx: millis(300),
  multiplier: 3,
  authenticated: true,
};
/** Rates so low that a few thousand datagrams exhaust them: a hello of the pair has some 200 octets and comes each second. */
const CAR: DesiredCar = { cir: 8, cbs: 1_000, pir: 8, pbs: 1_000 };
const PE1 = "192.0.2.1";
const STRANGER = "192.0.2.77";

const FORGED = forgedHello();

/** 1,000 forged hellos a second reach a PE for so long. */
function flood(pair: EtrunkPair, pe: SimulatedNode, source: string, duration: number): void {
  const [from, to] = [parseIpAddress(source), pe.addresses[0]];
  if (from === undefined || to === undefined) throw new Error("no address");
  const datagram = {
    source: from,
    destination: to,
    sourcePort: 1_025,
    destinationPort: 1_025,
    ttl: 255,
    from: LOOPBACK,
    ...pduOf(FORGED),
  };
  const end = later(pair.world.now, micros(duration));
  while (pair.world.now < end) {
    for (let n = 0; n < 10; n++) pe.arrives({ kind: "datagram", datagram });
    pair.world.run(millis(10));
  }
}

function policedPair(bfd?: DesiredEtrunkBfd, sequenceCheck = false): EtrunkPair {
  const parts = { etrunk: { bfd, sequenceCheck } };
  const pair = new EtrunkPair(1, parts, parts);
  for (const pe of pair.pes) pe.desired = { ...pe.desired, sessionCar: { etrunkIpv4: CAR, etrunkIpv6: CAR } };
  pair.up();
  if (bfd !== undefined) pair.world.until("BFD is up", () => bfdUp(pair), seconds(10));
  return pair;
}

const bfdUp = (pair: EtrunkPair): boolean =>
  pair.pes.every(({ engine }) => engine === undefined || bfdOf(engine).sessions.every(({ state }) => state === "Up"));
const POLICED = /faster than they are checked/;

/** Changes of state of any kind since then. */
const changes = (pair: EtrunkPair, since: number) =>
  pair.world.events.filter(({ time, event }) => time > since && event.event !== "alarm");

describe("a flood of forged hellos", () => {
  it("from a stranger costs the peer nothing of its rate: nothing changes, and each is counted", () => {
    const pair = policedPair();
    const since = pair.world.now;
    flood(pair, pair.pe2, STRANGER, seconds(20));
    expect(changes(pair, since)).toEqual([]);
    const { drops, attention } = pair.etrunk(pair.pe2);
    expect(drops).toMatchObject({ peerAddress: 20_000, flood: 0, sessionCar: 0, authentication: 0 });
    expect(attention).toEqual([]);
    expect(pair.carries("pe1")).toBe(true);
  });

  it("with the peer's address costs so many digests a second, counted and told; LACP and hellos do not notice", () => {
    const pair = policedPair();
    const since = pair.world.now;
    const before = pair.etrunk(pair.pe2);
    flood(pair, pair.pe2, PE1, seconds(30));
    const { drops, attention, received } = pair.etrunk(pair.pe2);
    // Six fail times of hellos: each of them was read, and of the others 500 a second.
    expect(received - before.received).toBeGreaterThanOrEqual(29);
    expect(drops.authentication).toBeLessThanOrEqual(31 * 500);
    expect((drops.flood ?? 0) + (drops.authentication ?? 0)).toBe(30_000);
    expect(drops.sessionCar).toBe(0);
    expect(attention).toEqual([expect.stringMatching(POLICED)]);
    expect(changes(pair, since)).toEqual([]);
    pair.world.run(seconds(11));
    expect(pair.etrunk(pair.pe2).attention).toEqual([]);
  });

  it("and BFD tells that the peer died, at once", () => {
    const pair = policedPair(BFD);
    flood(pair, pair.pe2, PE1, seconds(10));
    const since = pair.world.now;
    pair.split();
    flood(pair, pair.pe2, PE1, seconds(2));
    const told = pair.world.events.filter(({ time, node }) => time > since && node === "pe2").map(({ event }) => event);
    expect(told).toContainEqual(
      expect.objectContaining({ event: "bfd-state", name: dynamicSessionName(1), to: "Down" }),
    );
    expect(told).toContainEqual(
      expect.objectContaining({ event: "e-trunk-state", to: "Master", causation: "BFD_DOWN" }),
    );
  });
});

/** The last hello of PE1 comes again, so often a second, for so long. */
function repeat(pair: EtrunkPair, rate: number, duration: number): void {
  let last: Call | undefined;
  const arrives = pair.pe2.arrives.bind(pair.pe2);
  pair.pe2.arrives = (call) => {
    if (call.kind === "datagram" && call.datagram.destinationPort === 1_025) last = call;
    arrives(call);
  };
  pair.world.run(seconds(2));
  const end = later(pair.world.now, micros(duration));
  while (pair.world.now < end) {
    for (let n = 0; n < rate / 100; n++) if (last !== undefined) arrives(last);
    pair.world.run(millis(10));
  }
}

describe("hellos that are authentic", () => {
  it("are limited to their rate, headers included, and while BFD is up that is no silence", () => {
    const pair = policedPair(BFD);
    const since = pair.world.now;
    const { received } = pair.etrunk(pair.pe2);
    repeat(pair, 1_000, seconds(10));
    const { drops, attention, ...after } = pair.etrunk(pair.pe2);
    // What does not look like the next hello is limited before its digest, the rest after it.
    expect(drops.sessionCar).toBeGreaterThan(4_000);
    expect((drops.sessionCar ?? 0) + (drops.flood ?? 0)).toBeGreaterThan(9_000);
    // A hello of one member and IP and UDP have more than 150 octets.
    expect((after.received - received) * 150).toBeLessThan(CAR.pbs + 12 * CAR.pir * 125);
    expect(attention).toContainEqual(expect.stringMatching(POLICED));
    expect(changes(pair, since)).toEqual([]);
    expect(after).toMatchObject({ state: "Backup", hearing: true });
  });
});

it("recorded hellos, 1,000 a second, take nothing of the peer's rate where only fresh ones are believed", () => {
  const pair = policedPair(undefined, true);
  const since = pair.world.now;
  const { received } = pair.etrunk(pair.pe2);
  repeat(pair, 1_000, seconds(20));
  const { drops, ...after } = pair.etrunk(pair.pe2);
  expect(drops.sequence).toBeGreaterThan(9_000);
  expect(drops.sessionCar).toBe(0);
  expect(after.received - received).toBeGreaterThanOrEqual(21);
  expect(changes(pair, since)).toEqual([]);
});

it("the work for a hello that is refused does not grow with the members", () => {
  const pair = new EtrunkPair(1).up();
  let judged = 0;
  const { engine } = pair.pe2;
  if (engine === undefined) throw new Error("pe2 does not run");
  const decidedAt = () => JSON.stringify(pair.etrunk(pair.pe2).members);
  const before = decidedAt();
  const { stringify } = JSON;
  // Members are compared by their text, so a decision is seen by it.
  JSON.stringify = ((...given: Parameters<typeof stringify>) => {
    judged++;
    return stringify(...given);
  }) as typeof JSON.stringify;
  try {
    const [from, to] = [parseIpAddress(PE1), pair.pe2.addresses[0]];
    if (from === undefined || to === undefined) throw new Error("no address");
    const path = { source: from, destination: to, sourcePort: 1_025, destinationPort: 1_025, ttl: 255, from: LOOPBACK };
    for (let n = 0; n < 100; n++) {
      engine.datagramReceived({ ...path, ...pduOf(FORGED) }, pair.pe2.localNow);
      engine.settle(pair.pe2.localNow);
    }
  } finally {
    JSON.stringify = stringify;
  }
  // The first one may be news.
  expect(judged).toBeLessThan(20);
  expect(decidedAt()).toBe(before);
  expect(pair.etrunk(pair.pe2).attention).toEqual([]);
});
