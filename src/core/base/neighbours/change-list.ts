/** No row. */
export const NO_ROW = -1;
/** In place of the neighbour in the list: the row is not in it. */
const OUTSIDE = -2;

/** Where a consumer stands in the list: all rows from here to the end are still to be taken. */
export interface Cursor {
  readonly isPending: boolean;
  /** Takes the next row; NO_ROW when there is none. */
  next(): number;
  /** All rows are to be taken, in the order of their last change; those that change meanwhile are met again. */
  restart(): void;
  /** Nothing before the changes to come is to be taken. */
  skip(): void;
  close(): void;
}

/**
 * Rows in the order of their last change, each once. So the list is the queue of every consumer: what one has not taken
 * collapses to the newest value of a row, and nothing is queued beside it.
 *
 *   oldest change <-> ... <-> row <-> ... <-> newest change
 *                              '-- cursor: taken before it, pending from it on
 */
export class ChangeList {
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  #first = NO_ROW;
  #last = NO_ROW;
  readonly #cursors = new Set<ListCursor>();

  /** Rows from 0 to `rows` - 1 may be in the list. */
  grow(rows: number): void {
    const [next, previous] = [new Int32Array(rows).fill(OUTSIDE), new Int32Array(rows).fill(OUTSIDE)];
    next.set(this.#next);
    previous.set(this.#previous);
    this.#next = next;
    this.#previous = previous;
  }

  get first(): number {
    return this.#first;
  }

  after(row: number): number {
    return this.#next[row] as number;
  }

  /** The row changed: every consumer takes it once more. */
  touch(row: number): void {
    this.remove(row);
    this.#previous[row] = this.#last;
    this.#next[row] = NO_ROW;
    if (this.#last === NO_ROW) this.#first = row;
    else this.#next[this.#last] = row;
    this.#last = row;
    for (const cursor of this.#cursors) cursor.appended(row);
  }

  /** The row is not in the list any more; nothing where it was not. */
  remove(row: number): void {
    const [next, previous] = [this.#next[row] as number, this.#previous[row] as number];
    if (next === OUTSIDE) return;
    for (const cursor of this.#cursors) cursor.removed(row, next);
    if (previous === NO_ROW) this.#first = next;
    else this.#next[previous] = next;
    if (next === NO_ROW) this.#last = previous;
    else this.#previous[next] = previous;
    this.#next[row] = OUTSIDE;
    this.#previous[row] = OUTSIDE;
  }

  /** A cursor behind all rows. */
  cursor(): Cursor {
    const cursor = new ListCursor(this, () => this.#cursors.delete(cursor));
    this.#cursors.add(cursor);
    return cursor;
  }
}

class ListCursor implements Cursor {
  readonly #list: ChangeList;
  readonly close: () => void;
  #at = NO_ROW;

  constructor(list: ChangeList, close: () => void) {
    this.#list = list;
    this.close = close;
  }

  get isPending(): boolean {
    return this.#at !== NO_ROW;
  }

  next(): number {
    const row = this.#at;
    if (row !== NO_ROW) this.#at = this.#list.after(row);
    return row;
  }

  restart(): void {
    this.#at = this.#list.first;
  }

  skip(): void {
    this.#at = NO_ROW;
  }

  appended(row: number): void {
    if (this.#at === NO_ROW) this.#at = row;
  }

  removed(row: number, next: number): void {
    if (this.#at === row) this.#at = next;
  }
}
