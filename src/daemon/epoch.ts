import type { Texts } from "./device-mac.js";

/** The name of the epoch in the store; the engine saves it there too when it moves on. */
const EPOCH = "epoch";

/** The number of this start among all starts with this state directory, from 1: what tells a new hello from an old one. */
export function nextEpoch(store: Texts): number {
  const before = Number(store.load(EPOCH) ?? 0);
  const epoch = Number.isSafeInteger(before) && before >= 0 ? before + 1 : 1;
  store.save(EPOCH, String(epoch));
  return epoch;
}
