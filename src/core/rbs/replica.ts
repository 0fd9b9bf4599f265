import { NO_ROW } from "../base/neighbours/change-list.js";
import { MARKS, type NeighbourTable } from "../base/neighbours/table.js";
import type { HostEntry, HostRecords } from "../wire/rbs/host-records.js";
import type { ReplicaCounters } from "./entry-counters.js";
import { type EntryHash, hashOf, TableDigest } from "./table-digest.js";

/** Messages of a service about one batch, as they are compared. */
export interface Counted {
  readonly generation: number;
  readonly entries: number;
  readonly digest: EntryHash;
}

/** Of where the entries come from. */
export interface ReplicaOf {
  /** The number of the service on the wire. */
  readonly code: number;
  /** The peer's number. */
  readonly trunk: number;
  /** A number that no other batch of this process has. */
  readonly newBatch: () => number;
}

/** What the peer tells of one table, over one connection: puts, deletes, and what is left out of a batch (formats/rbs.md 5, 7). */
export class Replica {
  readonly #of: ReplicaOf;
  readonly #table: NeighbourTable;
  readonly #counters: ReplicaCounters;
  readonly #digest = new TableDigest();
  /** The peer's number of the batch, and ours. */
  #generation = 0;
  #batch: number;
  #inBatch = false;
  /** Something found no room, so that digests cannot be compared before the next batch. */
  #isOverflown = false;
  /** Digests that differed one after the other. */
  mismatchesInARow = 0;

  constructor(of: ReplicaOf, table: NeighbourTable, counters: ReplicaCounters) {
    this.#of = of;
    this.#table = table;
    this.#counters = counters;
    this.#batch = of.newBatch();
    table.unmarkAll(MARKS.received);
  }

  /** Nothing is told any more; what was told stays. */
  close(): void {
    this.cut();
    this.#table.unmarkAll(MARKS.received);
  }

  isOf(table: NeighbourTable, trunk: number): boolean {
    return this.#table === table && this.#of.trunk === trunk;
  }
  get isComparing(): boolean {
    return !this.#isOverflown;
  }

  /** A batch that runs removes nothing. */
  cut(): void {
    if (this.#inBatch) this.#counters.cut++;
    this.#inBatch = false;
  }

  begin(generation: number): void {
    this.cut();
    this.#inBatch = true;
    this.#generation = generation;
    this.#batch = this.#of.newBatch();
    this.#isOverflown = false;
    this.#counters.batches++;
    this.#digest.clear();
  }

  /** `now`: seconds. */
  take(records: HostRecords, generation: number, now: number): void {
    if (generation !== this.#generation) {
      this.#counters.ignored += records.count;
      return;
    }
    records.each((entry) => {
      if (entry.trunk !== this.#of.trunk) this.#counters.ignored++;
      else if (entry.isPut) this.#put(entry, now);
      else this.#delete(entry);
    });
  }

  #put(entry: HostEntry, now: number): void {
    const table = this.#table;
    const row = table.copy(entry.vlans, entry.octets, entry.at, entry, Math.max(0, now - entry.sinceHeard));
    if (row === NO_ROW) {
      this.#counters.dropped++;
      this.#isOverflown = true;
      return;
    }
    this.#counters.puts++;
    const [first, second] = hashOf({ ...entry, service: this.#of.code, width: table.width });
    this.#uncount(row);
    table.received[2 * row] = first;
    table.received[2 * row + 1] = second;
    table.generation[row] = this.#batch;
    this.#digest.add(first, second);
    table.mark(row, MARKS.received);
  }

  #delete({ vlans, octets, at }: HostEntry): void {
    const table = this.#table;
    const row = table.find(vlans, octets, at);
    if (row === NO_ROW || !table.has(row, MARKS.received)) {
      this.#counters.strayDeletes++;
      return;
    }
    this.#counters.deletes++;
    this.#uncount(row);
    table.dropCopy(row);
    table.unmark(row, MARKS.received);
  }

  /** Takes what the row counted for in this batch out of the digest. */
  #uncount(row: number): void {
    const { received, generation } = this.#table;
    if (this.#table.has(row, MARKS.received) && generation[row] === this.#batch)
      this.#digest.remove(received[2 * row] as number, received[2 * row + 1] as number);
  }

  /** Removes what this batch did not name. True: the two tables are alike; undefined: it cannot be said. */
  end(counted: Counted): boolean | undefined {
    if (!this.#inBatch || counted.generation !== this.#generation) {
      this.#counters.ignored++;
      return undefined;
    }
    this.#inBatch = false;
    const makesRoom = this.#smooth();
    // What found no room may find it now.
    if (this.#isOverflown) return makesRoom ? false : undefined;
    return this.compare(counted);
  }

  /** True: something was removed. */
  #smooth(): boolean {
    const table = this.#table;
    let any = false;
    for (let row = table.rowAfter(NO_ROW); row !== NO_ROW; row = table.rowAfter(row)) {
      if (table.generation[row] === this.#batch || !table.has(row, MARKS.copy | MARKS.received)) continue;
      // The mark keeps the row until the end.
      table.mark(row, MARKS.received);
      table.dropCopy(row);
      table.unmark(row, MARKS.received);
      any = true;
    }
    return any;
  }

  compare({ generation, entries, digest }: Counted): boolean | undefined {
    if (this.#inBatch || generation !== this.#generation) {
      this.#counters.ignored++;
      return undefined;
    }
    if (this.#isOverflown) return undefined;
    this.#counters.digests++;
    const isAlike = this.#digest.equals(entries, digest);
    this.mismatchesInARow = isAlike ? 0 : this.mismatchesInARow + 1;
    if (!isAlike) this.#counters.mismatches++;
    return isAlike;
  }
}
