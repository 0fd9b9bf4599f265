import { isEqual } from "../base/equal.js";
import { type Micros, seconds } from "../base/time.js";
import { type HelloMember, MEMBER_READY, MEMBER_UP } from "../wire/etrunk-hello.js";
import { MEMBER_STATES } from "../wire/etrunk-names.js";
import { selectedByBandwidth } from "./comparison.js";
import type { EtrunkEvent } from "./etrunk-event.js";
import type { EtrunkMember, PeerMember } from "./member.js";
import { identityOf, settleSide } from "./sides.js";
import { type EtrunkVariables, isResuming, isWaiting } from "./state.js";

/** The peer's end of a member by its last hello; a member that the hello does not name is down. */
const peerMember = (told: HelloMember | undefined): PeerMember => ({
  up: told !== undefined && (told.flags & MEMBER_UP) !== 0,
  ready: told !== undefined && (told.flags & MEMBER_READY) !== 0,
  state: MEMBER_STATES[(told?.state ?? 1) - 1] ?? "Backup",
});

/** The peer is Master, and each member that we carry is up at the peer. */
export const hasTakenOver = ({ peer, members }: EtrunkVariables): boolean =>
  peer?.state === "Master" &&
  [...members.values()].every((member) => !member.carries || peerMember(peer.memberOf(member)).up);

/** Decides the state, side and LACP identity of a member; returns the events of a change. */
export function judgeMember(etrunk: EtrunkVariables, member: EtrunkMember, now: Micros): EtrunkEvent[] {
  const { peer, settings } = etrunk;
  const events: EtrunkEvent[] = [];
  const told = peer?.memberOf(member);
  const heard = etrunk.hearing && peer?.leaves !== true;
  const move = member.decide(
    {
      device: etrunk.state,
      negotiating: etrunk.cause === "INIT",
      peerUnknown: isResuming(etrunk),
      peer: heard ? peerMember(told) : undefined,
      peerRun: peer?.epoch,
      revert: { enabled: settings.revert, delay: seconds(settings.revertDelay) },
      byBandwidth: selectedByBandwidth(etrunk),
    },
    now,
  );
  const about = { etrunk: settings.id, member: member.key };
  if (move !== undefined) {
    const { from, to, causation } = move;
    events.push({ kind: "member-state", ...about, from, to, causation });
  }
  const isNewIdentity = settle(etrunk, member, told);
  if (isNewIdentity || move !== undefined) events.push({ kind: "member-role", ...about, isNewIdentity });
  return events;
}

/** Decides side and LACP identity; true when the identity changed. */
function settle(etrunk: EtrunkVariables, member: EtrunkMember, told: HelloMember | undefined): boolean {
  const { peer, settings, deviceMac } = etrunk;
  member.side = settleSide(member, {
    alone: settings.addresses === undefined,
    hearing: etrunk.hearing,
    waiting: isWaiting(etrunk),
    weAreSmaller: peer === undefined || deviceMac < peer.system,
    peer: told,
  });
  const before = member.identity;
  member.identity = member.side && identityOf(member.side, member.desired, deviceMac, told, before);
  return !isEqual(member.identity, before);
}
