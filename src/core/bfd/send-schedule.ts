import type { Random } from "../base/random.js";
import { type Micros, micros, NEVER } from "../base/time.js";
import { jitter } from "./timing.js";

/** When a session's next packet leaves (RFC 5880 6.8.7): periodically, and at once when it says something new. */
export class SendSchedule {
  readonly #random: Random;
  /** A packet is owed at once. */
  #isUrgent = true;
  /** An answer to a Poll is owed at once, beside the periodic packets. */
  #isFinalDue = false;
  /** Packets still owed by a session that ends. */
  #lastWords = 0;
  #lastSent: Micros = micros(0);
  /** The part of the interval after which the next packet leaves. */
  #jitter = 1;

  constructor(random: Random) {
    this.#random = random;
  }

  trigger(): void {
    this.#isUrgent = true;
  }
  answerPoll(): void {
    this.#isFinalDue = true;
  }
  /** The session ends: so many packets leave in a row. */
  sayLast(packets: number): void {
    this.#lastWords = packets;
  }
  get hasLastWords(): boolean {
    return this.#lastWords > 0;
  }

  /** `interval`: between periodic packets; NEVER where none are sent. */
  sendAt(interval: Micros): Micros {
    if (this.#isFinalDue || this.hasLastWords) return micros(0);
    if (interval === NEVER) return NEVER;
    return this.#isUrgent ? micros(0) : micros(this.#lastSent + Math.floor(interval * this.#jitter));
  }

  /** A packet leaves; true when it is the answer to a Poll, which leaves whatever the timer says. */
  taken(multiplier: number, now: Micros): boolean {
    if (this.#isFinalDue) {
      this.#isFinalDue = false;
      return true;
    }
    if (this.hasLastWords) this.#lastWords--;
    this.#isUrgent = false;
    this.#lastSent = now;
    this.#jitter = jitter(multiplier, this.#random);
    return false;
  }
}
