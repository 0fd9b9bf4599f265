import { expect, test } from "vitest";
import { playAll } from "./faults.js";

/** Set by soak.js from its flags. */
const { SOAK_SEEDS = "10000", SOAK_FIRST = "1" } = process.env;
const BATCH = 50;

test("fault scripts of new seeds leave one PE that carries", () => {
  let played = 0;
  for (let batch = 0; played < Number(SOAK_SEEDS); batch++)
    played += playAll(Math.min(BATCH, Number(SOAK_SEEDS) - played), Number(SOAK_FIRST) + batch);
  process.stderr.write(`${played} fault scripts of two PEs and a CE held the invariants, first seed ${SOAK_FIRST}\n`);
  expect(played).toBe(Number(SOAK_SEEDS));
});
