import { type Micros, seconds } from "../../base/time.js";
import type { HelloView } from "../../wire/etrunk-hello.js";
import type { Freshness } from "./freshness.js";

/** Digests that are computed in a second for datagrams that do not look like the next hello of the peer. */
const MOST_DIGESTS = 500;
const SECOND = seconds(1);
/** How far ahead of the last fresh hello the next one may be. */
const AHEAD = 0x1_0000;

/**
 * Bounds the work for datagrams that are not authentic. Of the octets before the digest only epoch and sequence are hard to guess
 * for who does not see the path, so a datagram that has those of the peer's next hello is always checked. All others share a number of
 * checks a second. Who sees the path can copy them, and no field that is not signed could keep him out.
 */
export class Admission {
  readonly #freshness: Freshness;
  #since = -SECOND;
  #digests = 0;

  constructor(freshness: Freshness) {
    this.#freshness = freshness;
  }

  /** False: the datagram is dropped unread. */
  admits(hello: HelloView, now: Micros): boolean {
    const { last } = this.#freshness;
    if (last !== undefined && hello.epoch === last.epoch) {
      const ahead = hello.sequence - last.sequence;
      if (ahead > 0 && ahead <= AHEAD) return true;
    }
    if (now - this.#since >= SECOND) {
      this.#since = now;
      this.#digests = 0;
    }
    return ++this.#digests <= MOST_DIGESTS;
  }
}
