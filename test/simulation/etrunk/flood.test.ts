import { describe, expect, it } from "vitest";
import { dynamicSessionName } from "../../../src/core/base/bfd.js";
import { parseIpAddress } from "../../../src/core/base/ip-address.js";
import { later, micros, millis, seconds } from "../../../src/core/base/time.js";
import type { DesiredCar, DesiredEtrunkBfd } from "../../../src/core/contract/desired/etrunk.js";
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

function policedPair(bfd?: DesiredEtrunkBfd): EtrunkPair {
  const parts = { etrunk: { bfd } };
  const pair = new EtrunkPair(1, parts, parts);
  for (const pe of pair.pes) pe.desired = { ...pe.desired, sessionCar: { etrunkIpv4: CAR, etrunkIpv6: CAR } };
  pair.up();
  if (bfd !== undefined) pair.world.until("BFD is up", () => bfdUp(pair), seconds(10));
  return pair;
}

const bfdUp = (pair: EtrunkPair): boolean =>
  pair.pes.every(({ engine }) => engine === undefined || bfdOf(engine).sessions.every(({ state }) => state === "Up"));
const POLICED = /faster than whitelist session-car allows/;

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
    expect(drops).toMatchObject({ peerAddress: 20_000, sessionCar: 0, authentication: 0 });
    expect(attention).toEqual([]);
    expect(pair.carries("pe1")).toBe(true);
  });

  it("with the peer's address is limited to its rate, counted and told; LACP does not notice", () => {
    const pair = policedPair();
    const since = pair.world.now;
    // Shorter than the fail time: what it does to the hellos is not the question here.
    flood(pair, pair.pe2, PE1, seconds(3));
    const { drops, attention } = pair.etrunk(pair.pe2);
    const read = drops.authentication ?? 0;
    expect(drops.sessionCar).toBeGreaterThan(2_900);
    expect(read * FORGED.length).toBeLessThanOrEqual(CAR.pbs + 3 * CAR.pir * 125);
    expect(attention).toContainEqual(expect.stringMatching(POLICED));
    const alarms = pair.world.events.filter(({ node, event }) => node === "pe2" && event.event === "alarm");
    expect(alarms.map(({ event }) => JSON.stringify(event))).toContainEqual(expect.stringMatching(POLICED));
    expect(changes(pair, since).filter(({ event }) => event.event === "port-state")).toEqual([]);
    pair.world.run(seconds(11));
    expect(pair.etrunk(pair.pe2).attention).toEqual([]);
  });

  it("with the peer's address takes its hellos' place, and then BFD decides that it lives", () => {
    const pair = policedPair(BFD);
    const since = pair.world.now;
    const { received } = pair.etrunk(pair.pe2);
    flood(pair, pair.pe2, PE1, seconds(30));
    expect(pair.etrunk(pair.pe2)).toMatchObject({ state: "Backup", causation: "PRI", hearing: true });
    // Hellos of six fail times came, and hardly one was read.
    const after = pair.etrunk(pair.pe2);
    expect(after.received - received - (after.drops.authentication ?? 0)).toBeLessThan(5);
    expect(changes(pair, since)).toEqual([]);
    // Afterwards the silence of a whole fail time counts again.
    pair.world.run(seconds(10));
    expect(changes(pair, since).filter(({ event }) => event.event !== "alarm-cleared")).toEqual([]);
  });

  it("and then BFD decides that it died, at once", () => {
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

  it("and without BFD the peer counts as silent after the fail time, which is all that is known", () => {
    const pair = policedPair();
    flood(pair, pair.pe2, PE1, seconds(10));
    expect(pair.etrunk(pair.pe2)).toMatchObject({ state: "Master", causation: "TIMEOUT", hearing: false });
  });
});
