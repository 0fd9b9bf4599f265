import { later, type Micros, NEVER, seconds } from "./time.js";

const WINDOW = seconds(1);

/** A limit of so many actions in any second, not only in fixed ones. */
export class RateLimit {
  /** A ring whose entry `#oldest` is overwritten next. */
  readonly #times: Micros[];
  #oldest = 0;
  /** How many of the newest have no final time yet. */
  #fresh = 0;

  constructor(most: number) {
    this.#times = Array.from({ length: most }, () => Number.NEGATIVE_INFINITY as Micros);
  }

  /** Time at which the next action is allowed, where so many are kept for later ones. */
  allowedAt(kept = 0): Micros {
    return later(this.#times[(this.#oldest + kept) % this.#times.length] as Micros, WINDOW);
  }

  /** Takes an action; false when the limit is used up. */
  take(now: Micros): boolean {
    if (now < this.allowedAt()) return false;
    this.#times[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#times.length;
    if (this.#fresh < this.#times.length) this.#fresh++;
    return true;
  }

  /** The actions since the last call took until now, and count from now. */
  ended(now: Micros): void {
    const { length } = this.#times;
    for (; this.#fresh > 0; this.#fresh--) this.#times[(this.#oldest + length - this.#fresh) % length] = now;
  }
}

/** How long a flood is told after it was last seen. */
const TOLD_TIME = seconds(10);

/** Notices that something comes more often than so many times in a second, until ten seconds after the last time that it did. */
export class FloodWatch {
  readonly #limit: RateLimit;
  #until: Micros = NEVER;

  constructor(most: number) {
    this.#limit = new RateLimit(most);
  }

  get isFlooded(): boolean {
    return this.#until !== NEVER;
  }

  /** It came; true when a flood begins. */
  came(now: Micros): boolean {
    if (this.#limit.take(now)) return false;
    const begins = !this.isFlooded;
    this.#until = later(now, TOLD_TIME);
    return begins;
  }

  /** True when a flood is over. */
  expire(now: Micros): boolean {
    if (now < this.#until) return false;
    this.#until = NEVER;
    return true;
  }

  nextDeadline(): Micros {
    return this.#until;
  }
}
