import type { Texts } from "./device-mac.js";

/** The name of the epoch in the store, where the engine saves a later epoch too. */
const EPOCH = "epoch";

/**
 * A number greater in each run than in all runs before: microseconds since 1970 at its start, or one more than the last run's, so
 * that a clock set back does no harm.
 */
export function nextEpoch(store: Texts, wallClock: number): number {
  const before = Number(store.load(EPOCH) ?? 0);
  const epoch = Math.max(wallClock, Number.isSafeInteger(before) && before >= 0 ? before + 1 : 1);
  store.save(EPOCH, String(epoch));
  return epoch;
}
