import { later, type Micros, NEVER } from "../base/time.js";
import type { HelloView } from "../wire/etrunk-hello.js";
import { Peer } from "./peer.js";
import {
  BFD_STEADY,
  type BfdState,
  type EtrunkVariables,
  failTimeOf,
  recentRuns,
  type Writable,
  waitsUntil,
} from "./state.js";

/** Runs of the peer that are remembered. */
const MOST_KEPT = 5;

/**
 * Takes over a believed hello. `mayLeave`: the hello cannot be a replay, so its planned stop counts. True when the peer
 * just became deaf, a Master that does not hear us.
 */
export function peerHeard(
  etrunk: Writable<EtrunkVariables>,
  hello: HelloView,
  mayLeave: boolean,
  now: Micros,
): boolean {
  const peer = new Peer(hello, failTimeOf(etrunk.settings), now, mayLeave);
  const isDeaf = peer.isDeafMaster !== undefined;
  const becameDeaf = isDeaf && etrunk.deafSince === NEVER;
  const isAlive = etrunk.peer !== undefined && now < etrunk.peer.deadline;
  const isOther = etrunk.peer !== undefined && (etrunk.peer.epoch !== peer.epoch || etrunk.peer.system !== peer.system);
  // Another run of the peer shows that the fall was true.
  if (etrunk.bfdFell && isAlive && !isOther) etrunk.bfdVote.refuted(now);
  etrunk.peerRuns = isOther ? [...recentRuns(etrunk, now).slice(1 - MOST_KEPT), now] : etrunk.peerRuns;
  etrunk.peer = peer;
  etrunk.hearing = true;
  etrunk.everHeard = true;
  etrunk.neverHeard = false;
  etrunk.bfdFell = false;
  if (!isDeaf) etrunk.deafSince = NEVER;
  else if (becameDeaf) etrunk.deafSince = now;
  return becameDeaf;
}

/**
 * Ends the hearing of a peer whose BFD session fell or whose fail time is over, and the wait for a first hello; tells what it was.
 */
export function noticeSilence(etrunk: Writable<EtrunkVariables>, now: Micros): "bfd" | "fail-time" | undefined {
  if (!etrunk.neverHeard && now >= waitsUntil(etrunk)) {
    etrunk.neverHeard = true;
    return "fail-time";
  }
  if (!etrunk.hearing || etrunk.peer === undefined) return undefined;
  const isLate = now >= etrunk.peer.deadline;
  if (!isLate && !etrunk.bfdFell) return undefined;
  etrunk.hearing = false;
  etrunk.deafSince = NEVER;
  return isLate ? "fail-time" : "bfd";
}

/**
 * Takes over the state of the tracked BFD session. Its silence counts until a hello is believed; what the peer signals is no silence.
 */
export function bfdMoved(etrunk: Writable<EtrunkVariables>, bfd: BfdState, now: Micros): void {
  const fell = (etrunk.bfd === "up" || etrunk.bfd === "signalled") && bfd === "down";
  if (fell && etrunk.bfdVote.isLost(now)) etrunk.bfdVote.fellWithout(now);
  else if (fell) etrunk.bfdFell = true;
  if (bfd === "none") etrunk.bfdFell = false;
  etrunk.bfd = bfd;
}

/** Follows how long the peer is heard while the tracked session does not stay up. */
export function followBfd(etrunk: Writable<EtrunkVariables>, now: Micros): void {
  if (etrunk.bfd !== "up") etrunk.bfdUpSince = NEVER;
  else if (etrunk.bfdUpSince === NEVER) etrunk.bfdUpSince = now;
  const isWanted = etrunk.hearing && etrunk.settings.bfd !== undefined;
  if (!isWanted || now >= later(etrunk.bfdUpSince, BFD_STEADY)) etrunk.bfdMissingSince = NEVER;
  else if (etrunk.bfdMissingSince === NEVER && etrunk.bfd !== "up") etrunk.bfdMissingSince = now;
}

/** Forgets the peer, since the configuration now names another one. */
export function forgetPeer(etrunk: Writable<EtrunkVariables>): void {
  etrunk.peer = undefined;
  etrunk.hearing = false;
  etrunk.everHeard = false;
  etrunk.neverHeard = false;
  etrunk.bfdFell = false;
  etrunk.deafSince = NEVER;
  etrunk.startedAt = NEVER;
  etrunk.mismatch = undefined;
  etrunk.peerRuns = [];
}
