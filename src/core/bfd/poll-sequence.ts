import { later, type Micros, micros, NEVER } from "../base/time.js";

/** bfd.DesiredMinTxInterval and bfd.RequiredMinRxInterval. */
export interface Intervals {
  readonly minTx: Micros;
  readonly minRx: Micros;
}

export const isSame = (one: Intervals, other: Intervals): boolean =>
  one.minTx === other.minTx && one.minRx === other.minRx;

/** What serves both: the peer is not sent to more slowly, nor expected to send faster, than either allows. */
const both = (one: Intervals, other: Intervals): Intervals => ({
  minTx: micros(Math.min(one.minTx, other.minTx)),
  minRx: micros(Math.max(one.minRx, other.minRx)),
});

/** RFC 5880 6.5 and 6.8.3: from when on a session's changed intervals hold. */
export class PollSequence {
  #inForce: Intervals;
  #wanted: Intervals;
  /** What the Final of the sequence under way confirms. */
  #polled: Intervals;
  /** When the sequence under way began; NEVER without one. */
  #began: Micros = NEVER;
  /** When the one after it may begin. */
  #next: Micros = NEVER;

  constructor(intervals: Intervals) {
    this.#inForce = intervals;
    this.#wanted = intervals;
    this.#polled = intervals;
  }

  get inForce(): Intervals {
    return this.#inForce;
  }
  /** What packets say. */
  get wanted(): Intervals {
    return this.#wanted;
  }
  get isPolling(): boolean {
    return this.#began !== NEVER;
  }

  /** The session is not Up: intervals hold at once, and nothing is polled. */
  reset(intervals: Intervals): void {
    this.#inForce = intervals;
    this.#wanted = intervals;
    this.#began = NEVER;
    this.#next = NEVER;
  }

  /** The session is Up: what may hold at once does, the rest waits for the peer's Final. */
  change(intervals: Intervals, now: Micros): void {
    this.#wanted = intervals;
    this.#inForce = both(this.#inForce, intervals);
    if (!this.isPolling && this.#next === NEVER) this.#begin(now);
  }

  #begin(now: Micros): void {
    this.#polled = this.#wanted;
    this.#began = now;
    this.#next = NEVER;
  }

  /** The peer knows what was polled. */
  final(now: Micros): void {
    if (!this.isPolling) return;
    this.#inForce = both(this.#polled, this.#wanted);
    // A late Final of this sequence must not end the next one, so that begins only as long after as this one took.
    if (!isSame(this.#polled, this.#wanted)) this.#next = later(now, micros(now - this.#began));
    this.#began = NEVER;
  }

  nextDeadline(): Micros {
    return this.#next;
  }
  /** Whether a sequence began. */
  expire(now: Micros): boolean {
    if (now < this.#next) return false;
    this.#begin(now);
    return true;
  }
}
