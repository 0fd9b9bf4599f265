import { later, type Micros, micros, seconds } from "../../base/time.js";
import type { EtrunkVariables, Writable } from "../state.js";
import type { Mismatch } from "./authenticator.js";

/** How long a mismatch keeps its alarm: the time of three hellos of the slowest sender. */
const MISMATCH_TIME = seconds(30);

/** Takes note of a refused hello; true when it may change what is told. */
export function noteMismatch(
  etrunk: Writable<EtrunkVariables>,
  failure: Mismatch["failure"],
  keyId: number | undefined,
  now: Micros,
): boolean {
  const before = etrunk.mismatch;
  const isSame = before?.failure === failure && before.keyId === keyId;
  const wasTold = isMismatchTold(etrunk);
  etrunk.mismatch = { failure, keyId, since: isSame ? before.since : now, at: now };
  return !isSame || wasTold !== isMismatchTold(etrunk);
}

/**
 * The peer itself is refused: it is not heard otherwise, or nothing else came for two hello intervals. Anybody can forge what is
 * refused, and beside the peer's own hellos that says nothing of the peer.
 */
export function isMismatchTold({ mismatch, hearing, settings }: EtrunkVariables): boolean {
  if (mismatch === undefined) return false;
  return !hearing || mismatch.at - mismatch.since >= micros(2 * settings.helloInterval);
}

/** Forgets a mismatch whose last hello is long ago. */
export function expireMismatch(etrunk: Writable<EtrunkVariables>, now: Micros): void {
  const { mismatch } = etrunk;
  if (mismatch !== undefined && now >= later(mismatch.at, MISMATCH_TIME)) etrunk.mismatch = undefined;
}
