import { expect, test } from "vitest";
import { play, playAll, type Run } from "./faults.js";
import { Narrator } from "./narrator.js";

/** A failed run, as its failure printed it. */
const { REPLAY } = process.env;

/** Plays one run and prints its whole story, also when it fails. */
function replay(run: Run): void {
  let narrator: Narrator | undefined;
  try {
    play(run, (world) => {
      narrator = new Narrator(world);
      return narrator;
    });
  } finally {
    process.stdout.write(`${narrator?.lines.join("\n")}\n`);
  }
}

test("every link comes back after any script of faults, and the invariants hold all the time", () => {
  if (REPLAY !== undefined) replay(JSON.parse(REPLAY) as Run);
  else expect(playAll(60, 20_251_120)).toBe(60);
}, 60_000);

/** Runs that once failed. */
const RUNS: readonly (readonly [what: string, run: Run])[] = [
  [
    "a data plane that refuses a member while its cable is out: what the partner was told before is forgotten with the link",
    {
      seed: 2_583_714_756,
      script: [
        { at: 66_374, lasts: 31_000, kind: "plane-refuses", where: 2, end: 0 },
        { at: 30_607, lasts: 50_567, kind: "pull", where: 0, end: 1 },
      ],
    },
  ],
];

test.for(RUNS)("%s", ([, run]) => {
  play(run);
});
