import { later, type Micros, NEVER, seconds } from "../base/time.js";
import { type EtrunkVariables, isSomeoneLeaving } from "./state.js";

/** How long two Masters are normal: in a hand-over each end learns of the other's change one hello later. */
const LONGEST_HAND_OVER = seconds(1);

/** Detects two Masters at once, and the end of that. */
export class SplitBrain {
  /** Begin of the time with two known Masters. */
  #since: Micros = NEVER;
  /** We are Master without hearing the peer, which may be Master too. */
  #isAlone = false;

  /** Takes over a decision; true when two Masters became one, and the one is ours. */
  follow(etrunk: EtrunkVariables, now: Micros): boolean {
    const { state, cause, hearing, peer, inputs } = etrunk;
    const isMaster = state === "Master";
    const areTwo = isMaster && hearing && peer?.state === "Master" && !isSomeoneLeaving(etrunk);
    // A peer that hears us first yields before we hear it; a peer that has just started was no Master.
    const hasYielded = this.#isAlone && peer?.cause !== "INIT";
    const isHealed = (this.#since !== NEVER || hasYielded) && isMaster && hearing && !areTwo;
    if (!areTwo) this.#since = NEVER;
    else if (this.#since === NEVER) this.#since = now;
    this.#isAlone = isMaster && (cause === "TIMEOUT" || inputs?.bfdDown === true);
    return isHealed;
  }

  /** Two Masters last longer than any hand-over. */
  isTrouble(now: Micros): boolean {
    return now >= later(this.#since, LONGEST_HAND_OVER);
  }

  nextDeadline(now: Micros): Micros {
    const due = later(this.#since, LONGEST_HAND_OVER);
    return due > now ? due : NEVER;
  }
}
