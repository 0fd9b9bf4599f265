import type { Random } from "../base/random.js";
import { type Micros, micros, NEVER } from "../base/time.js";
import { jitter } from "./timing.js";

/** The time of a session's next packet (RFC 5880 6.8.7): periodic, or at once when its content changed. */
export class SendSchedule {
  readonly #random: Random;
  /** A packet must leave at once, since its content changed. */
  #isUrgent = true;
  /** A Final must leave at once, beside the periodic packets. */
  #isFinalDue = false;
  /** Packets that an ended session must still send. */
  #lastWords = 0;
  #lastSent: Micros = micros(0);
  /** Part of the interval after which the next packet leaves. */
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
  /** Sets the number of packets that leave in a row when the session ends. */
  sayLast(packets: number): void {
    this.#lastWords = packets;
  }
  get hasLastWords(): boolean {
    return this.#lastWords > 0;
  }

  /** Time of the next packet. `interval`: between periodic packets; NEVER where none are sent. */
  sendAt(interval: Micros): Micros {
    if (this.#isFinalDue || this.hasLastWords) return micros(0);
    if (interval === NEVER) return NEVER;
    return this.#isUrgent ? micros(0) : micros(this.#lastSent + Math.floor(interval * this.#jitter));
  }

  /** Takes the next packet; true when it is a Final, which leaves independently of the timer. */
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
