import { readFileSync, readlinkSync } from "node:fs";

/** Where a record is kept for the next process. It has to survive the death of this one, not that of the kernel. */
export interface RecordStore {
  /** What an earlier process left; undefined where none did. */
  load(): string | undefined;
  /** Written when it returns. May throw. */
  saveNow(text: string): void;
  /** Written behind. */
  save(text: string): void;
}

/** Interface indexes mean something within one boot and one network namespace. */
const stamp = () => ({
  version: 1,
  boot: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  namespace: readlinkSync("/proc/thread-self/ns/net"),
});

/** A record as text, bound to this boot and network namespace. */
export const printRecord = (record: object): string => JSON.stringify({ ...stamp(), ...record });

export const isObject = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === "object" && value !== null;

/** What an earlier process printed; undefined when it was in another boot or network namespace, or is not to be read. */
export function parseRecord(text: string | undefined): { readonly [key: string]: unknown } | undefined {
  let record: unknown;
  try {
    record = JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
  if (!isObject(record)) return undefined;
  const now = stamp();
  const isOfNow = record.version === now.version && record.boot === now.boot && record.namespace === now.namespace;
  return isOfNow ? record : undefined;
}
