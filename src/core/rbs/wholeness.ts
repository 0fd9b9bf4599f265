import type { NeighbourTable } from "../base/neighbours/table.js";
import { later, type Micros, NEVER, seconds } from "../base/time.js";

/** After so long a table that began empty has heard every host that speaks at all: an ARP entry lives no longer unasked. */
const LISTENING = seconds(1_200);

/**
 * Which tables may be all there is to know, so that a batch of them may end and remove the rest at the peer (formats/rbs.md 5): those
 * with entries of the process before, those that the peer told all it knows, and those that listened long enough.
 */
export class Wholeness {
  readonly #from = new WeakMap<NeighbourTable, Micros>();

  /** A table is there; nothing where it was before. */
  begins(table: NeighbourTable, now: Micros): void {
    if (!this.#from.has(table)) this.#from.set(table, later(now, LISTENING));
  }

  /** The peer told all that it knows. */
  learned(table: NeighbourTable, now: Micros): void {
    this.#from.set(table, now);
  }

  isWhole(table: NeighbourTable, now: Micros): boolean {
    return table.isRestored && (table.adopted > 0 || now >= (this.#from.get(table) ?? NEVER));
  }
}
