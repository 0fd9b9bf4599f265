import type { Random } from "../base/random.js";
import { type Micros, micros, millis, seconds } from "../base/time.js";

/** 6.8.3: while a session is not Up it sends no faster. */
export const SLOW_INTERVAL = seconds(1);
/** What this process sends and watches itself; faster sessions are handed to the pacer (architecture, Fast BFD). */
export const PACED_BELOW = millis(50);
/** The pacer's floor. */
export const FASTEST = millis(10);

/** RFC 5880 6.8.7: reduced by 0 to 25 %, by 10 to 25 % when the multiplier is 1. */
export function jittered(interval: Micros, multiplier: number, random: Random): Micros {
  const least = multiplier === 1 ? 0.1 : 0;
  return micros(Math.round(interval * (1 - least - random.fraction() * (0.25 - least))));
}

/** 6.8.4, asynchronous mode: remote multiplier times the agreed remote interval. */
export const detectionTime = (remoteMultiplier: number, ownMinRx: number, remoteMinTx: number): Micros =>
  micros(remoteMultiplier * Math.max(ownMinRx, remoteMinTx));
