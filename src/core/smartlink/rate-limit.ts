import { later, type Micros, seconds } from "../base/time.js";

const WINDOW = seconds(1);

/** At most so many in any second. */
export class RateLimit {
  readonly #times: Micros[];
  /** Where the oldest stands. */
  #oldest = 0;

  constructor(most: number) {
    this.#times = Array.from({ length: most }, () => Number.NEGATIVE_INFINITY as Micros);
  }

  /** When the next one may be taken. */
  get next(): Micros {
    return later(this.#times[this.#oldest] as Micros, WINDOW);
  }

  /** Takes one if one is left. */
  take(now: Micros): boolean {
    if (now < this.next) return false;
    this.#times[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#times.length;
    return true;
  }
}
