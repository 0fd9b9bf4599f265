import type { Micros } from "../base/time.js";
import { ETRUNK_STATES } from "../wire/etrunk-names.js";
import { compareWith } from "./comparison.js";
import { type ElectionInputs, elect } from "./election.js";
import type { EtrunkEvent } from "./etrunk-event.js";
import { type EtrunkVariables, hasPath, isPeerDeaf, isWaiting, type Writable } from "./state.js";

/** Decides the state of the E-Trunk; returns the event of a change. */
export function decide(etrunk: Writable<EtrunkVariables>, now: Micros): EtrunkEvent[] {
  const { state: from, cause: before } = etrunk;
  etrunk.inputs = electionInputs(etrunk, now);
  const { state, cause } = elect(etrunk.inputs);
  if (state === from && cause === before) return [];
  etrunk.state = state;
  etrunk.cause = cause;
  etrunk.decidedAt = now;
  if (state === from) return [];
  etrunk.history.add({ time: now, from, to: state, causation: cause });
  return [{ kind: "etrunk-state", etrunk: etrunk.settings.id, from, to: state, causation: cause }];
}

function electionInputs(etrunk: EtrunkVariables, now: Micros): ElectionInputs {
  const { peer, hearing, bfdFell, bfd, resumed } = etrunk;
  const members = [...etrunk.members.values()];
  return {
    canSpeak: hasPath(etrunk),
    allMembersDown: members.length > 0 && members.every((member) => !member.facts.ready),
    bfdDown: bfdFell,
    bfdSessionDown: bfd === "down" || bfd === "signalled",
    hearing,
    waiting: isWaiting(etrunk),
    resumed: ETRUNK_STATES.find((state) => state === resumed?.state),
    peerLeaves: peer?.leaves ?? false,
    peerHasNoMember: hearing && peer?.state === "Init" && peer.cause === "ALL_MEMBER_DOWN",
    peerDeaf: isPeerDeaf(etrunk, now) ? peer?.isDeafMaster : undefined,
    comparison: peer === undefined ? -1 : compareWith(etrunk, peer),
  };
}
