import { expect, it } from "vitest";
import { play, playAll, type Run } from "./faults.js";

/** A failed run, as its failure printed it. */
const { REPLAY_ETRUNK } = process.env;

it("any script of faults keeps the bounds of who carries, undoes no takeover, and ends with one PE that carries", () => {
  if (REPLAY_ETRUNK !== undefined) play(JSON.parse(REPLAY_ETRUNK) as Run);
  else expect(playAll(60, 20_261_120)).toBe(60);
}, 240_000);

it("two PEs of which one begins anew while it hears nothing do not keep the same side", () => {
  const crash = { at: 0, lasts: 1, kind: "crash-empty", where: 3 } as const;
  const deaf = { at: 0, lasts: 1_054, kind: "hello-one-way", where: 0 } as const;
  expect(play({ seed: 17, script: [crash, deaf] }).distributing()).toHaveLength(1);
});

it("a PE that begins while hellos are late takes over, and is not undone by what was on its way", () => {
  const late = { at: 8_421, lasts: 112_336, kind: "hello-late", where: 0 } as const;
  const dead = { at: 59_106, lasts: 36_544, kind: "power-off", where: 3 } as const;
  expect(play({ seed: 23, script: [late, dead] }).distributing()).toHaveLength(1);
});

it("a path that is cut one way while hellos of the other are later than the fail time ends with one PE once it is open", () => {
  const cut = { at: 88_196, lasts: 17_083, kind: "hello-one-way", where: 1 } as const;
  const late = { at: 88_099, lasts: 25_533, kind: "hello-late", where: 2 } as const;
  expect(play({ seed: 1_422_865_143, script: [cut, late] }).distributing()).toHaveLength(1);
});
