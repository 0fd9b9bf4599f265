import { RateLimit } from "../base/rate-limit.js";
import type { Micros } from "../base/time.js";

/** Most LACPDUs in any Fast_Periodic_Time, which is a second (6.4.16). */
const MOST_LACPDUS = 3;

/** Most frames of one slow protocol in a second (802.3 Annex 57A.2). */
const MOST_MARKERS = 10;

/**
 * Most slow-protocol frames of a port in a second that are looked at. A partner may send ten of LACP and ten of Marker (802.3
 * Annex 57A.2); what comes beyond all slow protocols would be a flood, which costs its own port alone.
 */
const MOST_RECEIVED = 50;

/** What a port has sent and heard lately. A port that takes over the interface of another one takes over its rates too. */
export class Rates {
  readonly lacpdus = new RateLimit(MOST_LACPDUS);
  /** State octet of the last LACPDU. */
  toldState = 0;
  /** Answers to Markers. */
  readonly markers = new RateLimit(MOST_MARKERS);
  readonly received = new RateLimit(MOST_RECEIVED);

  /** What was sent has left by now. */
  left(now: Micros): void {
    this.lacpdus.ended(now);
    this.markers.ended(now);
  }
}
