import type { Micros } from "../core/base/time.js";

/** Milliseconds the wall clock must jump to count as set; a smaller difference is the time between two readings. */
const SET = 20;

/** Dates times of the monotonic clock. A moment keeps its date until the wall clock is set. */
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
