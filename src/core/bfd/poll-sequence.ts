import { later, type Micros, micros, NEVER } from "../base/time.js";

/** bfd.DesiredMinTxInterval and bfd.RequiredMinRxInterval. */
export interface Intervals {
  readonly minTx: Micros;
  readonly minRx: Micros;
}

export const isSame = (one: Intervals, other: Intervals): boolean =>
  one.minTx === other.minTx && one.minRx === other.minRx;

/** Intervals that suit both settings: no slower sending and no faster expectation than either allows. */
const both = (one: Intervals, other: Intervals): Intervals => ({
  minTx: micros(Math.min(one.minTx, other.minTx)),
  minRx: micros(Math.max(one.minRx, other.minRx)),
});

/** Poll Sequence (RFC 5880 6.5, 6.8.3): decides when changed intervals of a session take effect. */
export class PollSequence {
  #inForce: Intervals;
  #wanted: Intervals;
  /** Intervals that the Final of the present sequence confirms. */
  #polled: Intervals;
  /** Time at which the present sequence began; NEVER without one. */
  #began: Micros = NEVER;
  /** Time at which the next sequence may begin. */
  #next: Micros = NEVER;

  constructor(intervals: Intervals) {
    this.#inForce = intervals;
    this.#wanted = intervals;
    this.#polled = intervals;
  }

  get inForce(): Intervals {
    return this.#inForce;
  }
  /** Intervals that packets carry. */
  get wanted(): Intervals {
    return this.#wanted;
  }
  get isPolling(): boolean {
    return this.#began !== NEVER;
  }

  /** For a session that is not Up: intervals take effect at once, without a poll. */
  reset(intervals: Intervals): void {
    this.#inForce = intervals;
    this.#wanted = intervals;
    this.#began = NEVER;
    this.#next = NEVER;
  }

  /** For a session that is Up: changes that are safe take effect at once, the others with the peer's Final. */
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

  /** The peer's Final has come. */
  final(now: Micros): void {
    if (!this.isPolling) return;
    this.#inForce = both(this.#polled, this.#wanted);
    // A late Final of this sequence must not end the next one, so the next one waits as long as this one took.
    if (!isSame(this.#polled, this.#wanted)) this.#next = later(now, micros(now - this.#began));
    this.#began = NEVER;
  }

  nextDeadline(): Micros {
    return this.#next;
  }
  /** Begins a sequence that is due; true when one began. */
  expire(now: Micros): boolean {
    if (now < this.#next) return false;
    this.#begin(now);
    return true;
  }
}
