import { expect, test } from "vitest";
import { playAll } from "./faults.js";

/** Set by soak.js from its flags. */
const { SOAK_SEEDS = "10000", SOAK_MINUTES, SOAK_FIRST = "1" } = process.env;
const BATCH = 50;

const line = (text: string): boolean => process.stderr.write(`${text}\n`);

test("fault scripts of new seeds hold the invariants", () => {
  const first = Number(SOAK_FIRST);
  const most = SOAK_MINUTES === undefined ? Number(SOAK_SEEDS) : Number.POSITIVE_INFINITY;
  const start = performance.now();
  const end = SOAK_MINUTES === undefined ? Number.POSITIVE_INFINITY : start + Number(SOAK_MINUTES) * 60_000;
  let played = 0;
  for (let batch = 0; played < most && performance.now() < end; batch++) {
    played += playAll(Math.min(BATCH, most - played), first + batch);
    if (batch % 10 === 9) line(`${played} fault scripts held the invariants`);
  }
  const elapsed = ((performance.now() - start) / 1000).toFixed(1);
  line(`${played} fault scripts held the invariants in ${elapsed} s, first seed ${first}`);
  expect(played).toBeGreaterThan(0);
});
