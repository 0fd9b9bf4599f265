import { describe, expect, it } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import type { DesiredEtrunkBfd } from "../../../src/core/contract/desired/etrunk.js";
import type { Call } from "../../../src/core/contract/input.js";
import { etrunksOf } from "../../support/ask.js";
import type { SimulatedNode } from "../node.js";
import { EtrunkPair } from "./etrunk-pair.js";

/** As slow as this world needs it, which has no pacer. */
const bfd: DesiredEtrunkBfd = {
  kind: "dynamic",
  trackInterface: undefined,
  minTx: millis(300),
  minRx: millis(300),
  multiplier: 3,
  authenticated: true,
};
const HELLO_PORT = 1025;
const isHello = (call: Call): boolean => call.kind === "datagram" && call.datagram.destinationPort === HELLO_PORT;

/** Two PEs that follow a BFD session which is up. */
function pairWith(sequenceCheck: boolean, tracked: DesiredEtrunkBfd | undefined): EtrunkPair {
  const parts = { etrunk: { sequenceCheck, bfd: tracked, multiplier: 20 } };
  const pair = new EtrunkPair(1, parts, parts);
  pair.pe1.life = 10;
  pair.up();
  if (tracked !== undefined)
    pair.world.until("BFD is up", () => pair.pes.every((pe) => pair.etrunk(pe).bfdState === "Up"), seconds(20));
  return pair;
}

/** Gives each hello that reaches a node to `take`, which tells whether it arrives. Returns what makes one arrive past that. */
function watch(node: SimulatedNode, take: (hello: Call) => boolean): (hello: Call) => void {
  const arrives = node.arrives.bind(node);
  node.arrives = (call) => {
    if (!isHello(call) || take(call)) arrives(call);
  };
  return arrives;
}

const hearing = (pair: EtrunkPair) => pair.pes.map((pe) => pair.etrunk(pe).hearing);

describe.for([true, false])("with BFD and sequence check %s", (check) => {
  it("a hello that was on its way when BFD fell does not cancel the takeover, however late it comes", () => {
    const pair = pairWith(check, bfd);
    const held: Call[] = [];
    const arrives = watch(pair.pe2, (hello) => held.push(hello) === 0);
    pair.world.run(seconds(2));
    pair.pe1.crash();
    for (const cable of pair.cables(pair.pe1)) pair.world.pull(cable);
    pair.world.until("pe2 takes over", () => pair.carries("pe2"), seconds(3));
    const moved = pair.world.events.length;
    // The last ones after the fail time of 20 s.
    for (let n = 0; n < 4; n++) {
      arrives(held.at(-1)!);
      pair.world.run(seconds(10));
    }
    const moves = pair.world.events.slice(moved).filter(({ event }) => event.event === "e-trunk-state");
    expect(moves).toEqual([]);
    expect(pair.etrunk(pair.pe2)).toMatchObject({ state: "Master", causation: "BFD_DOWN", hearing: false });
  });

  it("a session that fails between two that live ends at once in one Master", () => {
    const pair = pairWith(check, bfd);
    const cut = (node: SimulatedNode) => {
      const arrives = node.arrives.bind(node);
      node.arrives = (call) => {
        if (call.kind !== "datagram" || isHello(call)) arrives(call);
      };
    };
    for (const pe of pair.pes) cut(pe);
    pair.world.until("BFD is down", () => pair.pes.every((pe) => pair.etrunk(pe).bfdState === "Down"), seconds(5));
    pair.world.run(millis(100));
    expect(hearing(pair)).toEqual([true, true]);
    expect(pair.pes.map((pe) => pair.etrunk(pe).state)).toEqual(["Master", "Backup"]);
  });
});

describe.for([
  ["with BFD", bfd],
  ["without BFD", undefined],
] as const)("with the sequence check, %s", ([, tracked]) => {
  it("a peer that lost clock and disk is heard again", () => {
    const pair = pairWith(true, tracked);
    pair.pe1.crash();
    pair.world.run(seconds(30));
    expect(pair.etrunk(pair.pe2).state).toBe("Master");
    pair.pe1.life = 0;
    pair.world.start(pair.pe1);
    pair.world.run(seconds(3));
    expect(hearing(pair)).toEqual([true, true]);
  });

  it("hellos that were withheld bring no dead peer back to life", () => {
    const pair = pairWith(true, tracked);
    const withheld: Call[] = [];
    const arrives = watch(pair.pe2, (hello) => withheld.push(hello) === 0);
    pair.world.run(seconds(6));
    pair.pe1.crash();
    pair.world.until("pe2 takes over", () => pair.etrunk(pair.pe2).state === "Master", seconds(30));
    const { received } = pair.etrunk(pair.pe2);
    for (const hello of withheld) {
      arrives(hello);
      pair.world.run(seconds(5));
    }
    expect(withheld.length).toBeGreaterThan(4);
    expect(pair.etrunk(pair.pe2)).toMatchObject({ state: "Master", hearing: false, received });
  });

  it("one that is removed and made again is heard at once, and nobody changes its role", () => {
    const pair = pairWith(true, tracked);
    const before = pair.pe2.desired;
    const trunks = before.trunks.map((trunk) => ({ ...trunk, etrunk: undefined }));
    pair.world.configure(pair.pe2, { ...before, etrunks: [], trunks });
    pair.world.run(seconds(2));
    const drops = pair.etrunk(pair.pe1).drops.sequence ?? 0;
    pair.world.configure(pair.pe2, before);
    pair.world.run(seconds(2));
    expect(hearing(pair)).toEqual([true, true]);
    expect((pair.etrunk(pair.pe1).drops.sequence ?? 0) - drops).toBeLessThan(3);
  });
});

it("a hello that was on its way when the first fail time of a start ended is not believed", () => {
  const pair = pairWith(true, undefined);
  pair.pe2.crash();
  pair.world.run(seconds(1));
  const late: Call[] = [];
  const arrives = watch(pair.pe2, (hello) => late.push(hello) === 0);
  pair.world.start(pair.pe2);
  pair.world.run(seconds(2));
  pair.pe1.crash();
  for (const cable of pair.cables(pair.pe1)) pair.world.pull(cable);
  pair.world.until("pe2 takes over", () => pair.etrunk(pair.pe2).causation === "TIMEOUT", seconds(21));
  arrives(late.at(-1)!);
  pair.world.run(seconds(5));
  expect(pair.etrunk(pair.pe2)).toMatchObject({ state: "Master", causation: "TIMEOUT", received: 0 });
});

it("a hello that came in by another VRF is not that of the E-Trunk", () => {
  const pair = pairWith(false, undefined);
  const { desired } = pair.pe2;
  const [one] = desired.etrunks ?? [];
  if (one?.addresses === undefined) throw new Error("no E-Trunk");
  const { addresses } = one;
  const inVrf = (vrf: string, id: number) => ({ ...one, id, addresses: { ...addresses, vrf } });
  pair.world.configure(pair.pe2, { ...desired, etrunks: [inVrf("red", 1), inVrf("blue", 2)] });
  let vrf = "blue";
  const arrives = pair.pe2.arrives.bind(pair.pe2);
  pair.pe2.arrives = (call) =>
    arrives(call.kind === "datagram" ? { ...call, datagram: { ...call.datagram, vrf } } : call);
  const of = (id: number) => etrunksOf(pair.pe2.engine, pair.pe2.localNow).find((each) => each.id === id);
  const { received = 0 } = of(1) ?? {};
  pair.world.run(seconds(5));
  expect(of(1)?.received).toBe(received);
  expect(of(1)?.drops.peerAddress).toBeGreaterThan(3);
  vrf = "red";
  pair.world.run(seconds(5));
  expect(of(1)?.received).toBeGreaterThan(received);
  expect(of(2)?.received).toBe(0);
});
