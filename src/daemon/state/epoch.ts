import type { Texts } from "./device-mac.js";

/** The name of the epoch in the store; the engine saves it there too when it moves on. */
const EPOCH = "epoch";

/**
 * What tells a new run from all before it: microseconds since 1970 at its start, or one more than the last run used, so that
 * a clock set back does no harm.
 */
export function nextEpoch(store: Texts, wallClock: number): number {
  const before = Number(store.load(EPOCH) ?? 0);
  const epoch = Math.max(wallClock, Number.isSafeInteger(before) && before >= 0 ? before + 1 : 1);
  store.save(EPOCH, String(epoch));
  return epoch;
}
