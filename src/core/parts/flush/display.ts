import { macToColons } from "../../base/address.js";
import type { FlushCounters } from "../../smartlink/flush-receiver.js";

/** One interface of `display smart-link flush`. */
export interface FlushInterfaceView {
  readonly name: string;
  readonly received: number;
  readonly sent: number;
  readonly dropped: number;
  /** Dropped frames by reason. */
  readonly drops: { readonly [reason: string]: number };
  readonly lastReason: string | null;
  /** Where the last one came in; of an Eth-Trunk the member. */
  readonly lastInterface: string | null;
  readonly lastSource: string | null;
  readonly lastControlVlan: number | null;
  /** ISO 8601 UTC. */
  readonly lastTime: string | null;
}

/** `counters`: of an interface that heeds Flush frames; another may send them all the same. */
export const flushInterfaceView = (
  name: string,
  counters: FlushCounters | undefined,
  sent: number,
  date: (at: number) => string,
): FlushInterfaceView => ({
  name,
  received: counters?.received ?? 0,
  sent,
  dropped: counters?.dropped ?? 0,
  drops: { ...counters?.reasons },
  lastReason: counters?.lastReason ?? null,
  lastInterface: counters?.lastInterface ?? null,
  lastSource: counters?.lastSource === undefined ? null : macToColons(counters.lastSource),
  lastControlVlan: counters?.lastControlVlan ?? null,
  lastTime: counters?.lastTime === undefined ? null : date(counters.lastTime),
});
