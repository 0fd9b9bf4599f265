import { later, type Micros, micros, millis, NEVER, seconds } from "../../base/time.js";

/** Everything is looked at once in this time, one after the other, for each look takes the kernel a while. */
const ROUND = seconds(60);
/** After a configuration everything is looked at with these pauses. */
const HURRY = millis(5);

/** When each trunk is compared with the kernel, whose notifications may be lost or may not exist. */
export class Rounds {
  #left: number[] = [];
  #pause: Micros = ROUND;
  #hasBegun = false;
  #at = NEVER;

  /** A configuration was applied: begins a round, at once but for the first, after which everything is new. */
  begin(trunks: readonly number[], now: Micros): void {
    this.#fill(trunks);
    if (this.#hasBegun) this.#pause = HURRY;
    this.#hasBegun = true;
    this.#arm(now);
  }

  #fill(trunks: readonly number[]): void {
    this.#left = [...trunks];
    this.#pause = micros(Math.ceil(ROUND / Math.max(1, trunks.length)));
  }

  #arm(now: Micros): void {
    this.#at = this.#left.length === 0 ? NEVER : later(now, this.#pause);
  }

  /** The trunk to be looked at now. `trunks`: those of the next round. */
  due(trunks: readonly number[], now: Micros): number | undefined {
    if (now < this.#at) return undefined;
    const trunk = this.#left.shift();
    if (this.#left.length === 0) this.#fill(trunks);
    this.#arm(now);
    return trunk;
  }

  nextDeadline(): Micros {
    return this.#at;
  }
}
