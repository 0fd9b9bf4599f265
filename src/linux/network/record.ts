import { isObject, parseRecord } from "../record.js";

/** What was changed of an interface: what was found, and what it was made. */
export interface Change {
  readonly found: string;
  readonly made: string;
}

/** An interface of which something was changed. */
export interface ChangedInterface {
  readonly index: number;
  readonly changes: { readonly [what: string]: Change };
}

/** What the next process has to know to undo what this one did. */
export interface NetworkRecord {
  readonly changed: readonly ChangedInterface[];
  /** Addresses that were added, as `keyOf` gives them; empty where the kernel keeps the mark. */
  readonly addresses: readonly string[];
}

/** What an earlier process recorded; nothing when it was in another boot or network namespace, or is not to be read. */
export function readRecord(text: string | undefined): NetworkRecord {
  const { changed, addresses } = parseRecord(text) ?? {};
  if (!Array.isArray(changed) || !Array.isArray(addresses)) return { changed: [], addresses: [] };
  return {
    changed: changed.filter(isChanged),
    addresses: addresses.filter((address) => typeof address === "string"),
  };
}

const isChange = (value: unknown): boolean =>
  isObject(value) && typeof value.found === "string" && typeof value.made === "string";

const isChanged = (value: unknown): value is ChangedInterface =>
  isObject(value) &&
  typeof value.index === "number" &&
  isObject(value.changes) &&
  Object.values(value.changes).every(isChange);
