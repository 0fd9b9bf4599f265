import { expect, it } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import type { DesiredEtrunkBfd } from "../../../src/core/contract/desired/etrunk.js";
import { EtrunkPair } from "./etrunk-pair.js";

/** As slow as this world needs it, which has no pacer. */
const BFD: DesiredEtrunkBfd = {
  kind: "dynamic",
  trackInterface: undefined,
  minTx: millis(300),
  minRx: millis(300),
  multiplier: 3,
  authenticated: true,
};

it("a Master that was stopped for long finds hellos and BFD that wait, and takes nothing back from its peer", () => {
  const parts = { etrunk: { bfd: BFD } };
  const pair = new EtrunkPair(1, parts, parts).up();
  const { world, pe1 } = pair;
  world.until("BFD is up", () => pair.pes.every((pe) => pair.etrunk(pe).bfdState === "Up"), seconds(10));
  world.run(seconds(1));
  pe1.freeze();
  world.run(seconds(8));
  expect(pair.etrunk(pair.pe2)).toMatchObject({ state: "Master", causation: "BFD_DOWN" });
  const before = world.sent.length;
  pe1.thaw();
  world.run(millis(500));
  // It sends the CE no invitation: bits 3 to 5 of the actor's state, Synchronization first.
  const states = world.sent
    .slice(before)
    .flatMap(({ node, bytes }) => (node === "pe1" ? [(bytes[32] ?? 0) & 0x38] : []));
  expect(states.length).toBeGreaterThan(0);
  expect(states.filter((state) => state !== 0)).toEqual([]);
  expect(pair.carries("pe2")).toBe(true);
  world.until("pe1 carries alone after its revert delay", () => pair.carries("pe1"), seconds(20));
});
