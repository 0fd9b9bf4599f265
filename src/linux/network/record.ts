import { readFileSync, readlinkSync } from "node:fs";

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
  /** Addresses that were added, as `addressKey` gives them; empty where the kernel keeps the mark. */
  readonly addresses: readonly string[];
}

/** Interface indexes mean something within one boot and one network namespace. */
const stamp = () => ({
  version: 1,
  boot: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  namespace: readlinkSync("/proc/thread-self/ns/net"),
});

export const NO_RECORD: NetworkRecord = { changed: [], addresses: [] };

export const printRecord = (record: NetworkRecord): string => JSON.stringify({ ...stamp(), ...record });

/** What an earlier process recorded; nothing when it was in another boot or network namespace, or is not to be read. */
export function readRecord(text: string | undefined): NetworkRecord {
  const record = text === undefined ? undefined : parsed(text);
  if (!isObject(record)) return NO_RECORD;
  const { version, boot, namespace, changed, addresses } = record;
  const now = stamp();
  if (version !== now.version || boot !== now.boot || namespace !== now.namespace) return NO_RECORD;
  if (!Array.isArray(changed) || !Array.isArray(addresses)) return NO_RECORD;
  return {
    changed: changed.filter(isChanged),
    addresses: addresses.filter((address) => typeof address === "string"),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is { [key: string]: unknown } => typeof value === "object" && value !== null;

const isChange = (value: unknown): boolean =>
  isObject(value) && typeof value.found === "string" && typeof value.made === "string";

const isChanged = (value: unknown): value is ChangedInterface =>
  isObject(value) &&
  typeof value.index === "number" &&
  isObject(value.changes) &&
  Object.values(value.changes).every(isChange);
