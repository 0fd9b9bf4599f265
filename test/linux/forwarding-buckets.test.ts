import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BUCKETS, dealBuckets, type SlotWeight } from "../../src/linux/forwarding/buckets.js";

const NONE = new Uint8Array(BUCKETS);

const held = (buckets: Uint8Array, slot: number): number => buckets.filter((other) => other === slot).length;
const moved = (before: Uint8Array, after: Uint8Array): number[] =>
  [...before.keys()].filter((bucket) => before[bucket] !== after[bucket]);

const members = fc
  .uniqueArray(fc.record({ slot: fc.integer({ min: 1, max: 64 }), weight: fc.integer({ min: 1, max: 64 }) }), {
    selector: ({ slot }) => slot,
    minLength: 1,
    maxLength: 64,
  })
  .map((all): SlotWeight[] => all);

describe("dealing buckets", () => {
  test("gives each member its share to within one bucket, and one at least", () => {
    fc.assert(
      fc.property(members, (weights) => {
        const buckets = dealBuckets(NONE, weights);
        const sum = weights.reduce((total, { weight }) => total + weight, 0);
        // Members that are due less than one bucket get one all the same, at the expense of the others.
        const small = weights.filter(({ weight }) => (BUCKETS * weight) / sum < 1).length;
        for (const { slot, weight } of weights) {
          const due = (BUCKETS * weight) / sum;
          expect(held(buckets, slot)).toBeGreaterThanOrEqual(Math.max(1, Math.floor(due) - small - 1));
          expect(held(buckets, slot)).toBeLessThanOrEqual(Math.ceil(due) + 1);
        }
      }),
    );
  });

  test("moves only the buckets of a member that leaves", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 2, maxLength: 16 }), fc.nat(), (all, pick) => {
        const weights = all.map((weight, at) => ({ slot: at + 1, weight }));
        const leaving = (pick % weights.length) + 1;
        const before = dealBuckets(NONE, weights);
        const after = dealBuckets(
          before,
          weights.filter(({ slot }) => slot !== leaving),
        );
        expect(moved(before, after).filter((bucket) => before[bucket] !== leaving)).toEqual([]);
        expect(held(after, leaving)).toBe(0);
      }),
    );
  });

  test("moves buckets only to a member that joins", () => {
    for (let count = 1; count < 16; count++) {
      const weights = Array.from({ length: count }, (_, at) => ({ slot: at + 1, weight: 1 }));
      const before = dealBuckets(NONE, weights);
      const after = dealBuckets(before, [...weights, { slot: 60, weight: 1 }]);
      const changed = moved(before, after);
      expect(changed.every((bucket) => after[bucket] === 60)).toBe(true);
      expect(changed.length).toBe(held(after, 60));
    }
  });

  test("changes nothing when nothing changed", () => {
    fc.assert(
      fc.property(members, (weights) => {
        const buckets = dealBuckets(NONE, weights);
        expect(moved(buckets, dealBuckets(buckets, weights))).toEqual([]);
      }),
    );
  });

  test("leads nowhere without a member", () => {
    expect(dealBuckets(NONE, [])).toEqual(NONE);
    expect(dealBuckets(dealBuckets(NONE, [{ slot: 3, weight: 1 }]), [])).toEqual(NONE);
  });

  test("lets the members take turns in proportion to their weights", () => {
    const buckets = dealBuckets(NONE, [
      { slot: 1, weight: 3 },
      { slot: 2, weight: 1 },
    ]);
    for (let at = 0; at < BUCKETS; at += 4) expect(held(buckets.slice(at, at + 4), 2)).toBe(1);
  });
});
