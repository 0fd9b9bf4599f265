import { later, type Micros, NEVER, seconds } from "../base/time.js";
import { type EtrunkVariables, isSomeoneLeaving } from "./state.js";

/** Each learns of the other's change one hello later, so a hand-over has two Masters, or none; so long that is no trouble. */
const LONGEST_HAND_OVER = seconds(1);

/** Two masters at once, and the moment from which there is one again. */
export class SplitBrain {
  /** Since when both are known to be Master. */
  #since: Micros = NEVER;
  /** We are Master, and the peer may be as well without our knowing. */
  #isAlone = false;

  /** Follows each decision: true when there is one master again and we are the one that stays. */
  follow(etrunk: EtrunkVariables, now: Micros): boolean {
    const { state, cause, hearing, peer, inputs } = etrunk;
    const isMaster = state === "Master";
    const areTwo = isMaster && hearing && peer?.state === "Master" && !isSomeoneLeaving(etrunk);
    // A peer that hears us first yields before we hear it; one that starts anew was no Master.
    const hasYielded = this.#isAlone && peer?.cause !== "INIT";
    const isHealed = (this.#since !== NEVER || hasYielded) && isMaster && hearing && !areTwo;
    if (!areTwo) this.#since = NEVER;
    else if (this.#since === NEVER) this.#since = now;
    this.#isAlone = isMaster && (cause === "TIMEOUT" || inputs?.bfdDown === true);
    return isHealed;
  }

  /** It is no hand-over any more: an operator has to know. */
  isTrouble(now: Micros): boolean {
    return now >= later(this.#since, LONGEST_HAND_OVER);
  }

  nextDeadline(now: Micros): Micros {
    const due = later(this.#since, LONGEST_HAND_OVER);
    return due > now ? due : NEVER;
  }
}
