import { describe, expect, it } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import type { SimulatedNode } from "../node.js";
import { address, EtrunkPair } from "./etrunk-pair.js";

const NEW = address("192.0.2.9");

/** Changes addresses of a PE's E-Trunk. */
function readdress(pair: EtrunkPair, pe: SimulatedNode, change: { peer?: typeof NEW; source?: typeof NEW }): void {
  const [own] = pe.desired.etrunks ?? [];
  if (own?.addresses === undefined) throw new Error("no addresses");
  pair.world.configure(pe, { ...pe.desired, etrunks: [{ ...own, addresses: { ...own.addresses, ...change } }] });
}

/** How many of the next moments, 20 ms apart, nobody carried in. */
function nobody(pair: EtrunkPair, duration: number): number {
  let lost = 0;
  for (let n = 0; n < duration * 50; n++) {
    pair.world.run(millis(20));
    if (pair.distributing().length === 0 || pair.ceCarries().length === 0) lost++;
  }
  return lost;
}

describe.for([true, false])("addresses that change, sequence check %s", (sequenceCheck) => {
  const parts = { etrunk: { sequenceCheck } };

  it("the peer's, of the one that carries alone: it goes on", () => {
    const pair = new EtrunkPair(1, parts, parts).up();
    pair.pe2.crash();
    pair.world.run(seconds(10));
    readdress(pair, pair.pe1, { peer: NEW });
    expect(nobody(pair, 20)).toBe(0);
    expect(pair.etrunk(pair.pe1)).toMatchObject({ state: "Master", causation: "TIMEOUT" });
    // The replacement, of a smaller epoch, has the better priority, and nobody is missed when it comes.
    pair.pe2.addresses.splice(0, 1, NEW);
    pair.pe2.life = 0;
    const [own] = pair.pe2.desired.etrunks ?? [];
    if (own?.addresses === undefined) throw new Error("no addresses");
    const addresses = { ...own.addresses, source: NEW };
    pair.pe2.desired = { ...pair.pe2.desired, etrunks: [{ ...own, priority: 1, addresses }] };
    pair.world.start(pair.pe2);
    expect(nobody(pair, 40)).toBe(0);
    expect(pair.pes.map((pe) => pair.etrunk(pe).state)).toEqual(["Backup", "Master"]);
    expect(pair.carries("pe2")).toBe(true);
  });

  it("of both, one after the other: nobody stops, and nobody else begins", () => {
    const pair = new EtrunkPair(1, parts, parts).up();
    readdress(pair, pair.pe1, { peer: NEW });
    expect(nobody(pair, 3)).toBe(0);
    pair.pe2.addresses.splice(0, 1, NEW);
    for (const present of [true, false]) {
      const text = present ? "192.0.2.9" : "192.0.2.2";
      const state = { index: 9_999, address: address(text), prefixLength: 128, present };
      pair.pe2.arrives({ kind: "address", address: state });
    }
    readdress(pair, pair.pe2, { source: NEW });
    expect(nobody(pair, 10)).toBe(0);
    expect(pair.pes.map((pe) => pair.etrunk(pe).hearing)).toEqual([true, true]);
    expect(pair.carries("pe1")).toBe(true);
    const moves = pair.world.events.filter(({ event }) => event.event === "e-trunk-state").slice(4);
    expect(moves).toEqual([]);
  });

  it("the source, before it is on the host: the role stays for the fail time and longer", () => {
    const pair = new EtrunkPair(1, parts, parts).up();
    readdress(pair, pair.pe1, { source: NEW });
    expect(nobody(pair, 20)).toBe(0);
    expect(pair.etrunk(pair.pe1).state).toBe("Master");
  });
});
