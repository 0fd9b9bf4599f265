import type { Random } from "../base/random.js";
import { type Micros, micros, seconds } from "../base/time.js";

const LONGEST = seconds(30);
const FIRST = seconds(1);

/** Waits of 1, 2, 4 ... 30 s before the next attempt, each shortened at random by up to a quarter (formats/rbs.md 1). */
export class BackOff {
  readonly #random: Random;
  #wait = FIRST;

  constructor(random: Random) {
    this.#random = random;
  }

  reset(): void {
    this.#wait = FIRST;
  }

  next(): Micros {
    const wait = this.#wait;
    this.#wait = micros(Math.min(2 * wait, LONGEST));
    return micros(Math.round(wait * (1 - this.#random.fraction() / 4)));
  }
}
