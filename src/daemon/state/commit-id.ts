import type { Texts } from "./device-mac.js";

/** The name of the last commit's ID in the store. */
const COMMIT_ID = "commit-id";

/** The first ID is one more. */
const BEFORE_FIRST = 1_000_000_000;

/** The ID of a new commit: one more than that of the last, in this run or another. */
export function nextCommit(store: Texts): string {
  const before = Number(store.load(COMMIT_ID));
  const id = String(Number.isSafeInteger(before) && before > BEFORE_FIRST ? before + 1 : BEFORE_FIRST + 1);
  store.save(COMMIT_ID, id);
  return id;
}
