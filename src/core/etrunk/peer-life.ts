import { type Micros, NEVER } from "../base/time.js";
import type { HelloView } from "../wire/etrunk-hello.js";
import { Peer } from "./peer.js";
import { type BfdState, type EtrunkVariables, failTimeOf, type Writable } from "./state.js";

/** The peer lives: this hello of it is believed. `mayLeave`: nobody can have recorded it. True when it just became deaf. */
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

/** Takes what the clock and BFD say of the peer's silence; true when its fail time is over. */
export function noticeSilence(etrunk: Writable<EtrunkVariables>, now: Micros): boolean {
  if (!etrunk.hearing || etrunk.peer === undefined) return false;
  if (etrunk.bfdFell) etrunk.hearing = false;
  if (now < etrunk.peer.deadline) return false;
  etrunk.hearing = false;
  etrunk.deafSince = NEVER;
  return true;
}

/** The tracked BFD session changed: its fall counts until a hello is believed. */
export function bfdMoved(etrunk: Writable<EtrunkVariables>, bfd: BfdState): void {
  if (etrunk.bfd === "up" && bfd === "down") etrunk.bfdFell = true;
  if (bfd === "none") etrunk.bfdFell = false;
  etrunk.bfd = bfd;
}

/** The peer is another one: nothing is known of it. */
export function forgetPeer(etrunk: Writable<EtrunkVariables>): void {
  etrunk.peer = undefined;
  etrunk.hearing = false;
  etrunk.everHeard = false;
  etrunk.bfdFell = false;
  etrunk.deafSince = NEVER;
  etrunk.startedAt = NEVER;
  etrunk.mismatch = undefined;
}
