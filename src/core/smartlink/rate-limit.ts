import { later, type Micros, seconds } from "../base/time.js";

const WINDOW = seconds(1);

/** A limit of so many actions in any second, not only in fixed ones. */
export class RateLimit {
  readonly #times: Micros[];
  /** Position of the oldest action. */
  #oldest = 0;

  constructor(most: number) {
    this.#times = Array.from({ length: most }, () => Number.NEGATIVE_INFINITY as Micros);
  }

  /** Time at which the next action is allowed. */
  get next(): Micros {
    return later(this.#times[this.#oldest] as Micros, WINDOW);
  }

  /** Takes an action; false when the limit is used up. */
  take(now: Micros): boolean {
    if (now < this.next) return false;
    this.#times[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#times.length;
    return true;
  }
}
