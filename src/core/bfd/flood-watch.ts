import { later, type Micros, NEVER, seconds } from "../base/time.js";

/** More refused packets in a second than this are a flood. */
const MOST_REFUSED = 500;
const SECOND = seconds(1);
/** How long a flood is told after it was last seen. */
const TOLD_TIME = seconds(10);

/** Notices that packets are refused at a rate that no peer causes by its settings. */
export class FloodWatch {
  #since: Micros = -SECOND as Micros;
  #refused = 0;
  #until: Micros = NEVER;

  get isFlooded(): boolean {
    return this.#until !== NEVER;
  }

  /** A packet was refused; true when a flood begins. */
  refused(now: Micros): boolean {
    if (now - this.#since >= SECOND) {
      this.#since = now;
      this.#refused = 0;
    }
    if (++this.#refused <= MOST_REFUSED) return false;
    const begins = !this.isFlooded;
    this.#until = later(now, TOLD_TIME);
    return begins;
  }

  /** True when a flood is over. */
  expire(now: Micros): boolean {
    if (!this.isFlooded || now < this.#until) return false;
    this.#until = NEVER;
    return true;
  }

  nextDeadline(): Micros {
    return this.#until;
  }
}
