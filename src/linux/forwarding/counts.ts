import type { TrafficCounters } from "../../core/contract/host.js";
import { asked } from "../answer.js";
import { readTrafficCounters, type TrafficTable } from "../traffic-counters.js";
import type { Counts } from "./plane.js";
import type { RecordedMember } from "./record.js";

export const NOTHING_COUNTED: Counts = [0, 0, 0, 0, 0];

export const sum = (one: Counts, other: Counts): Counts => one.map((count, at) => count + (other[at] ?? 0));

/** How the counters of a record are read: all of them where that is due, else those of new members alone. */
export interface Counting {
  readonly isDue: boolean;
  traffic(): TrafficTable;
}

export type RecordedCounts = Pick<RecordedMember, "counts" | "interface">;
const NO_TABLE: TrafficTable = { get: () => undefined };

/** What the interfaces of this namespace have counted; of none where it cannot be read. */
export const interfaceTable = (): TrafficTable => asked(readTrafficCounters).value ?? NO_TABLE;

/** What one has counted since it was made, in the order of a member's counts. */
export function interfaceCounts(table: TrafficTable, name: string): Counts | undefined {
  const traffic = table.get(name);
  if (traffic === undefined) return undefined;
  return [traffic.framesReceived, traffic.bytesReceived, traffic.framesSent, traffic.bytesSent, 0];
}

/**
 * What a member counted by the time of a record, and what passed its interface since then: frames go on while no process counts them.
 * LACPDUs of that time are among them. An interface that counted less since was made anew.
 */
export function countsGoneOn(table: TrafficTable, name: string, then: RecordedCounts): Counts {
  const now = interfaceCounts(table, name);
  if (now === undefined || then.interface === undefined) return then.counts;
  const passed = now.map((count, at) => count - (then.interface?.[at] ?? 0));
  return passed.some((count) => count < 0) ? then.counts : sum(then.counts, passed);
}

export const named = ([
  framesReceived = 0,
  bytesReceived = 0,
  framesSent = 0,
  bytesSent = 0,
  framesDropped = 0,
]: Counts): TrafficCounters => ({
  framesReceived,
  bytesReceived,
  framesSent,
  bytesSent,
  framesDropped,
});
