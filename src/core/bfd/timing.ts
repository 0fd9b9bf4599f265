import type { Random } from "../base/random.js";
import { type Micros, micros, millis, seconds } from "../base/time.js";

/** 6.8.3: while a session is not Up it sends no faster. */
export const SLOW_INTERVAL = seconds(1);
/** Least interval of sessions that this process keeps itself; faster ones are handed to the pacer (decision 0014). */
export const PACED_BELOW = millis(50);
/** Least interval of the pacer. */
export const FASTEST = millis(10);

/** RFC 5880 6.8.7: least and greatest part of the interval between two packets, per 1000. */
export const jitterOf = (multiplier: number): readonly [least: number, greatest: number] =>
  multiplier === 1 ? [750, 900] : [750, 1000];

/** Part of the interval after which the next packet leaves. */
export function jitter(multiplier: number, random: Random): number {
  const [least, greatest] = jitterOf(multiplier);
  return (least + random.fraction() * (greatest - least)) / 1000;
}

/** 6.8.4, asynchronous mode: remote multiplier times the agreed remote interval. */
export const detectionTime = (remoteMultiplier: number, ownMinRx: number, remoteMinTx: number): Micros =>
  micros(remoteMultiplier * Math.max(ownMinRx, remoteMinTx));
