import type { Etrunk } from "./etrunk.js";

/** Two masters at once, and the moment from which there is one again. */
export class SplitBrain {
  /** Both are known to be Master. */
  isSeen = false;
  /** We are Master, and the peer may be as well without our knowing. */
  #isAlone = false;

  /** After each decision: true when it is over and we are the one that stays. */
  isOver({ state, cause, hearing, peer, inputs }: Etrunk, someoneLeaves: boolean): boolean {
    const isMaster = state === "Master";
    const areTwo = isMaster && hearing && peer?.state === "Master" && !someoneLeaves;
    // A peer that hears us first yields before we hear it; one that starts anew was no Master.
    const hasYielded = this.#isAlone && peer?.cause !== "INIT";
    const isOver = (this.isSeen || hasYielded) && isMaster && hearing && !areTwo;
    this.isSeen = areTwo;
    this.#isAlone = isMaster && (cause === "TIMEOUT" || inputs?.bfdDown === true);
    return isOver;
  }
}
