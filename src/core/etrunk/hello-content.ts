import type { Micros } from "../base/time.js";
import {
  BFD_TRACKED,
  BFD_UP,
  HEARING_YOU,
  type HelloMember,
  HIGHER_FIRST,
  LEAVING,
  MEMBER_OFFSET,
  MEMBER_READY,
  MEMBER_SETTLED,
  MEMBER_UP,
  REVERT_ENABLED,
  SEQUENCE_CHECK,
} from "../wire/etrunk-hello.js";
import {
  CAUSES,
  ETRUNK_STATES,
  MEMBER_CAUSES,
  MEMBER_STATES,
  numberOf,
  SELECT_MODES,
  WORK_MODES,
} from "../wire/etrunk-names.js";
import type { Etrunk } from "./etrunk.js";
import type { EtrunkMember } from "./member.js";
import { identityOf } from "./sides.js";

/** The fixed part of our hello, without what makes each one different. */
export function fixedPart(etrunk: Etrunk) {
  const { settings } = etrunk;
  const flags =
    (settings.sequenceCheck ? SEQUENCE_CHECK : 0) |
    (settings.revert ? REVERT_ENABLED : 0) |
    (settings.bfd !== undefined ? BFD_TRACKED : 0) |
    (etrunk.leaves ? LEAVING : 0) |
    (settings.higherFirst ? HIGHER_FIRST : 0) |
    (etrunk.hearing ? HEARING_YOU : 0) |
    (etrunk.bfd === "up" ? BFD_UP : 0);
  return {
    flags,
    etrunk: etrunk.id,
    state: numberOf(ETRUNK_STATES, etrunk.state, 1),
    reason: numberOf(CAUSES, etrunk.cause, 1),
    priority: settings.priority,
    selectMode: numberOf(SELECT_MODES, settings.select, 0),
    failTime: Math.round(etrunk.failTime / 100_000),
    system: etrunk.deviceMac,
    revertDelay: settings.revertDelay,
  };
}

export const helloMembers = (etrunk: Etrunk, now: Micros): HelloMember[] =>
  [...etrunk.members.values()].map((member) => helloMember(etrunk, member, now));

function helloMember(etrunk: Etrunk, member: EtrunkMember, now: Micros): HelloMember {
  const { facts, desired, side } = member;
  const settled = etrunk.identities.get(member.trunk);
  const identity = settled ?? identityOf("first", desired, etrunk.deviceMac, undefined, undefined);
  const flags =
    (facts.up && member.carries ? MEMBER_UP : 0) |
    (facts.ready ? MEMBER_READY : 0) |
    (side === "second" ? MEMBER_OFFSET : 0) |
    (settled !== undefined ? MEMBER_SETTLED : 0);
  return {
    type: 1,
    workMode: numberOf(WORK_MODES, desired.mode, 0),
    state: numberOf(MEMBER_STATES, member.state, 1),
    reason: numberOf(MEMBER_CAUSES, member.cause, 1),
    localId: member.trunk,
    remoteId: desired.remoteTrunk,
    flags,
    availableLinks: facts.links,
    availableBandwidth: facts.bandwidth,
    systemPriority: identity?.systemPriority ?? 0,
    system: identity?.systemId ?? etrunk.deviceMac,
    key: identity?.key ?? facts.key,
    revertRemaining: etrunk.revertRemaining(member, now),
  };
}
