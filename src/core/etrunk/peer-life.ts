import { type Micros, NEVER } from "../base/time.js";
import type { HelloView } from "../wire/etrunk-hello.js";
import { Peer } from "./peer.js";
import { type BfdState, type EtrunkVariables, failTimeOf, type Writable } from "./state.js";

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
  etrunk.peer = peer;
  etrunk.hearing = true;
  etrunk.everHeard = true;
  etrunk.bfdFell = false;
  if (!isDeaf) etrunk.deafSince = NEVER;
  else if (becameDeaf) etrunk.deafSince = now;
  return becameDeaf;
}

/** Ends the hearing of a peer whose BFD session fell or whose fail time is over; true for the fail time. */
export function noticeSilence(etrunk: Writable<EtrunkVariables>, now: Micros): boolean {
  if (!etrunk.hearing || etrunk.peer === undefined) return false;
  if (etrunk.bfdFell) etrunk.hearing = false;
  if (now < etrunk.peer.deadline) return false;
  etrunk.hearing = false;
  etrunk.deafSince = NEVER;
  return true;
}

/** Takes over the state of the tracked BFD session; its fall counts until a hello is believed. */
export function bfdMoved(etrunk: Writable<EtrunkVariables>, bfd: BfdState): void {
  if (etrunk.bfd === "up" && bfd === "down") etrunk.bfdFell = true;
  if (bfd === "none") etrunk.bfdFell = false;
  etrunk.bfd = bfd;
}

/** Forgets the peer, since the configuration now names another one. */
export function forgetPeer(etrunk: Writable<EtrunkVariables>): void {
  etrunk.peer = undefined;
  etrunk.hearing = false;
  etrunk.everHeard = false;
  etrunk.bfdFell = false;
  etrunk.deafSince = NEVER;
  etrunk.startedAt = NEVER;
  etrunk.mismatch = undefined;
}
