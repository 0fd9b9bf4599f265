import { type Cursor, NO_ROW } from "../base/neighbours/change-list.js";
import { MARKS, type NeighbourTable } from "../base/neighbours/table.js";
import { type Micros, seconds } from "../base/time.js";
import type { HostService } from "../wire/rbs/host-records.js";
import type { RbsWriter } from "../wire/rbs/writer.js";
import type { PublisherCounters } from "./entry-counters.js";
import { hashOf, TableDigest } from "./table-digest.js";

/** Records of one message: a slice of the work of a turn. */
const MOST_RECORDS = 512;

/** What entries are told under. */
export interface PublishedUnder {
  readonly backupId: number;
  readonly service: HostService;
  /** The number of the service on the wire. */
  readonly code: number;
  /** Our number. */
  readonly trunk: number;
}

/**
 * Tells the peer the entries of one table that this PE heard, over one connection (formats/rbs.md 5). The table's list of changed rows
 * is the queue: what is written is the entry as it is then, and what waits is the newest of each.
 *
 *   wanted --BATCH-BEGIN--> batch --all rows told: BATCH-END--> real time
 *                             ^------ refresh ---------------------'
 */
export class Publisher {
  readonly #under: PublishedUnder;
  readonly #table: NeighbourTable;
  readonly #counters: PublisherCounters;
  /** What the table has may be all there is: a batch may end. */
  readonly #isWhole: (now: Micros) => boolean;
  readonly #cursor: Cursor;
  readonly #digest = new TableDigest();
  #generation = 0;
  #isBatchWanted = true;
  #inBatch = false;
  #isDigestWanted = false;

  constructor(
    under: PublishedUnder,
    table: NeighbourTable,
    isWhole: (now: Micros) => boolean,
    counters: PublisherCounters,
  ) {
    this.#under = under;
    this.#table = table;
    this.#isWhole = isWhole;
    this.#counters = counters;
    table.unmarkAll(MARKS.told);
    this.#cursor = table.cursor();
    this.#cursor.restart();
  }

  /** A new batch; one that runs begins again. */
  refresh(): void {
    this.#isBatchWanted = true;
  }

  /** A digest as soon as no batch runs. */
  audit(): void {
    this.#isDigestWanted = true;
  }

  /** The table is told no more. */
  close(): void {
    this.#cursor.close();
    this.#table.unmarkAll(MARKS.told);
  }

  /** Writes the next message; 0 where none is due. */
  write(writer: RbsWriter, sequence: number, now: Micros): number {
    // A table that has just begun would empty the peer's: it tells entries, and no batch.
    if (this.#isBatchWanted && this.#isWhole(now)) return this.#begin(writer, sequence);
    const length = this.#cursor.isPending ? this.#writeEntries(writer, sequence, Math.floor(now / seconds(1))) : 0;
    if (length > 0 || this.#cursor.isPending) return length;
    if (this.#inBatch) {
      this.#inBatch = false;
      return this.#writeDigest(writer, sequence, "BATCH-END");
    }
    if (!this.#isDigestWanted) return 0;
    this.#isDigestWanted = false;
    return this.#writeDigest(writer, sequence, "DIGEST");
  }

  #begin(writer: RbsWriter, sequence: number): number {
    const { backupId, code } = this.#under;
    this.#isBatchWanted = false;
    this.#inBatch = true;
    this.#generation++;
    this.#counters.batches++;
    // What was told counts no more: the peer removes at the end what this batch did not name.
    this.#table.unmarkAll(MARKS.told);
    this.#digest.clear();
    this.#cursor.restart();
    return writer.batchBegin(sequence, {
      backupId,
      service: code,
      generation: this.#generation,
      entries: this.#table.owns,
    });
  }

  #writeEntries(writer: RbsWriter, sequence: number, now: number): number {
    const { backupId, code } = this.#under;
    writer.beginEntries(this.#under.service);
    while (writer.records < MOST_RECORDS) {
      const row = this.#cursor.next();
      if (row === NO_ROW) break;
      this.#tell(writer, row, now);
    }
    if (writer.records === 0) return 0;
    return writer.entries(sequence, { backupId, service: code, generation: this.#generation, inBatch: this.#inBatch });
  }

  #tell(writer: RbsWriter, row: number, now: number): void {
    const { width } = this.#table;
    const isPut = this.#table.isOwn(row);
    const isTold = this.#table.has(row, MARKS.told);
    if (!isPut && !isTold) return;
    const { code, trunk } = this.#under;
    const host = {
      trunk,
      vlans: this.#table.vlans(row),
      octets: this.#table.addressAt(row),
      at: 0,
      mac: this.#table.mac(row),
      isRouter: this.#table.isRouter(row),
    };
    const { sent } = this.#table;
    const at = 2 * row;
    const [first, second] = hashOf({ ...host, service: code, width });
    const isSame = isTold && sent[at] === first && sent[at + 1] === second;
    if (isPut && isSame && !this.#table.has(row, MARKS.contested)) return;
    if (isTold) this.#digest.remove(sent[at] as number, sent[at + 1] as number);
    writer.host({ ...host, isPut, sinceHeard: Math.max(0, now - this.#table.heard(row)) });
    if (isPut) {
      sent[at] = first;
      sent[at + 1] = second;
      this.#digest.add(first, second);
      this.#counters.puts++;
      this.#table.mark(row, MARKS.told);
      this.#table.unmark(row, MARKS.contested);
    } else {
      this.#counters.deletes++;
      this.#table.unmark(row, MARKS.told);
    }
  }

  #writeDigest(writer: RbsWriter, sequence: number, type: "BATCH-END" | "DIGEST"): number {
    const { backupId, code } = this.#under;
    const { entries, sums } = this.#digest;
    return writer.digest(type, sequence, {
      backupId,
      service: code,
      generation: this.#generation,
      entries,
      digest: sums,
    });
  }
}
