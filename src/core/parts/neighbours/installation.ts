import type { Cursor } from "../../base/neighbours/change-list.js";
import { NO_ROW } from "../../base/neighbours/change-list.js";
import { ENTRY_OPERATIONS, EntryRows } from "../../base/neighbours/entry-rows.js";
import { MARKS, type NeighbourTable } from "../../base/neighbours/table.js";
import type { KeptTable } from "../../base/neighbours/tables.js";
import type { Neighbours } from "../../contract/host.js";
import type { Segment } from "../../neighbours/segment.js";

/** Entries that the kernel is given at once: some milliseconds. */
const MOST_AT_ONCE = 512;

/** How an entry stands in the kernel. */
export type EntryForm = "stale" | "validated";

/** Brings the entries of one table into the kernel and out of it, in the order in which they changed. */
export class Installation {
  readonly kept: KeptTable;
  readonly #table: NeighbourTable;
  readonly #cursor: Cursor;
  readonly #host: Neighbours;
  #form: EntryForm = "stale";
  #segments: ReadonlyMap<number, Segment> = new Map();

  constructor(kept: KeptTable, host: Neighbours) {
    this.kept = kept;
    this.#table = kept.table;
    this.#host = host;
    this.#cursor = kept.table.cursor();
  }

  get isPending(): boolean {
    return this.#cursor.isPending;
  }

  /** The interfaces of the table by VLANs. Where one is another, or the form is, the kernel is given all entries again. */
  configure(segments: ReadonlyMap<number, Segment>, form: EntryForm): void {
    const before = this.#segments;
    const isSame =
      form === this.#form &&
      segments.size === before.size &&
      [...segments].every(([vlans, { index }]) => before.get(vlans)?.index === index);
    this.#segments = segments;
    this.#form = form;
    if (!isSame) this.again();
  }

  segmentOf(vlans: number): Segment | undefined {
    return this.#segments.get(vlans);
  }

  /** What the kernel has is not known: it is given all of it. */
  again(): void {
    this.#table.reinstall();
    this.#cursor.restart();
  }

  /** Gives the kernel some of what changed; true where something was given. */
  run(rows: EntryRows): boolean {
    const table = this.#table;
    rows.count = 0;
    for (let n = 0; n < MOST_AT_ONCE; n++) {
      const row = this.#cursor.next();
      if (row === NO_ROW) break;
      const isClaimed = table.hasClaim(row);
      if (isClaimed ? table.isCurrent(row) : !table.has(row, MARKS.installed)) continue;
      const segment = this.#segments.get(table.vlans(row));
      if (segment !== undefined) {
        const operation = isClaimed ? ENTRY_OPERATIONS[this.#form] : ENTRY_OPERATIONS.delete;
        const { index } = segment;
        rows.add({
          index,
          operation,
          mac: table.mac(row),
          isRouter: table.isRouter(row),
          octets: table.addressAt(row),
        });
        table.installed(row);
      } else if (!isClaimed) table.installed(row);
    }
    this.#host.change(rows);
    return rows.count > 0;
  }

  close(): void {
    this.#cursor.close();
  }
}

export const entryRows = (): EntryRows => new EntryRows(MOST_AT_ONCE);
