import type { ChangedInterface } from "../undo/changes.js";

/** What the next process has to know to undo what this one did. */
export interface NetworkRecord {
  readonly changed: readonly ChangedInterface[];
  /** Addresses that were added, as `keyOf` of addresses.ts gives them; empty where the kernel keeps the mark. */
  readonly addresses: readonly string[];
}
