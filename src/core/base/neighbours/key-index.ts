import { NO_ROW } from "./change-list.js";

/** What an index asks of the rows whose keys it finds. */
interface Keys {
  hashOf(row: number): number;
}

/**
 * Finds rows by the hash of their keys: open addressing with linear probing, at most half full. A removal moves later rows up, so
 * the index holds no graves and its speed does not depend on what was removed.
 */
export class KeyIndex {
  readonly #keys: Keys;
  /** Row + 1 by slot; 0: free. */
  #slots = new Int32Array(2);

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /** Makes room for so many rows, a power of two; `rows`: those that are in it. */
  grow(capacity: number, rows: Iterable<number>): void {
    this.#slots = new Int32Array(2 * capacity);
    for (const row of rows) this.add(row);
  }

  get #mask(): number {
    return this.#slots.length - 1;
  }

  /** The row with this hash for which `isIt` holds; NO_ROW where there is none. */
  find(hash: number, isIt: (row: number) => boolean): number {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const row = (this.#slots[slot] as number) - 1;
      if (row === NO_ROW || isIt(row)) return row;
    }
  }

  add(row: number): void {
    let slot = this.#keys.hashOf(row) & this.#mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = row + 1;
  }

  remove(row: number): void {
    let free = this.#keys.hashOf(row) & this.#mask;
    while (this.#slots[free] !== row + 1) free = (free + 1) & this.#mask;
    for (let slot = (free + 1) & this.#mask; this.#slots[slot] !== 0; slot = (slot + 1) & this.#mask) {
      const home = this.#keys.hashOf((this.#slots[slot] as number) - 1) & this.#mask;
      // A row may move up only where its own search passes the free slot.
      if (((slot - home) & this.#mask) < ((slot - free) & this.#mask)) continue;
      this.#slots[free] = this.#slots[slot] as number;
      free = slot;
    }
    this.#slots[free] = 0;
  }
}
