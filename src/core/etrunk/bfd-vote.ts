import { later, type Micros, micros, seconds } from "../base/time.js";

/** So many falls in such a time, each refuted by a hello, cost a session its vote. */
const MOST_FALLS = 3;
const FALLS_TIME = seconds(60);
/** How long the vote is lost the first time, and at most; each time it is twice as long. */
const FIRST_LOSS = seconds(30);
const LONGEST_LOSS = seconds(1_920);
/** After so long with its vote a session is steady again. */
const STEADY_TIME = seconds(600);

/**
 * Whether the tracked BFD session may say that the peer is gone. A fall is refuted by a fresh hello of the same run before the
 * peer's fail time is over. A session that falls often though the peer lives loses its vote, until it did not fall for a time that grows.
 */
export class BfdVote {
  /** Times of refuted falls, the latest last. */
  #falls: Micros[] = [];
  #loss = FIRST_LOSS;
  /** End of the loss of the vote. */
  lostUntil: Micros = micros(0);

  isLost(now: Micros): boolean {
    return now < this.lostUntil;
  }

  /** The session fell while its vote is lost: the time begins again. */
  fellWithout(now: Micros): void {
    this.lostUntil = later(now, this.#loss);
  }

  /** A fresh hello refutes a fall. */
  refuted(now: Micros): void {
    this.#falls = [...this.#falls.filter((at) => now - at < FALLS_TIME), now];
    if (this.#falls.length < MOST_FALLS) return;
    const isAgain = this.lostUntil > 0 && now - this.lostUntil < STEADY_TIME;
    this.#loss = isAgain ? micros(Math.min(this.#loss * 2, LONGEST_LOSS)) : FIRST_LOSS;
    this.lostUntil = later(now, this.#loss);
    this.#falls = [];
  }
}
