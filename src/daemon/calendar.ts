import type { Micros } from "../core/base/time.js";

/** Milliseconds by which the wall clock has to move for it to count as set; less is the time between two readings. */
const SET = 20;

/** Dates times of the monotonic clock. One moment keeps its date however often it is asked for, until the wall clock is set. */
export class Calendar {
  readonly #now: () => Micros;
  /** Milliseconds since 1970 when the monotonic clock began. */
  #beginning = Number.NaN;

  constructor(now: () => Micros) {
    this.#now = now;
  }

  /** ISO 8601 UTC, to the millisecond, of a time in microseconds. */
  date(at: number): string {
    const beginning = Date.now() - this.#now() / 1_000;
    if (!(Math.abs(beginning - this.#beginning) < SET)) this.#beginning = beginning;
    return new Date(this.#beginning + at / 1_000).toISOString();
  }
}
