import { isEqual } from "../../base/equal.js";
import { MEMBER_KINDS } from "../../base/member-key.js";
import { earliest, later, type Micros, millis, NEVER } from "../../base/time.js";
import {
  BFD_TRACKED,
  BFD_UP,
  HEARING_YOU,
  type HelloFields,
  type HelloMember,
  HIGHER_FIRST,
  LEAVING,
  MEMBER_OFFSET,
  MEMBER_READY,
  MEMBER_SETTLED,
  MEMBER_UP,
  REVERT_ENABLED,
  SEQUENCE_CHECK,
} from "../../wire/etrunk-hello.js";
import {
  CAUSES,
  ETRUNK_STATES,
  MEMBER_CAUSES,
  MEMBER_STATES,
  numberOf,
  SELECT_MODES,
  WORK_MODES,
} from "../../wire/etrunk-names.js";
import type { EtrunkMember } from "../member.js";
import { identityOf } from "../sides.js";
import { type EtrunkVariables, failTimeOf, isLeaving } from "../state.js";

/** The fixed part of our hello, without epochs and sequence number. */
export type FixedPart = Omit<HelloFields, "epoch" | "sequence" | "peerEpoch">;

export function fixedPart(etrunk: EtrunkVariables): FixedPart {
  const { settings } = etrunk;
  const flags =
    (settings.sequenceCheck ? SEQUENCE_CHECK : 0) |
    (settings.revert ? REVERT_ENABLED : 0) |
    (settings.bfd !== undefined ? BFD_TRACKED : 0) |
    (isLeaving(etrunk) ? LEAVING : 0) |
    (settings.higherFirst ? HIGHER_FIRST : 0) |
    (etrunk.hearing ? HEARING_YOU : 0) |
    (etrunk.bfd === "up" ? BFD_UP : 0);
  return {
    flags,
    etrunk: settings.id,
    state: numberOf(ETRUNK_STATES, etrunk.state, 1),
    reason: numberOf(CAUSES, etrunk.cause, 1),
    priority: settings.priority,
    selectMode: numberOf(SELECT_MODES, settings.select, 0),
    failTime: Math.round(failTimeOf(settings) / 100_000),
    system: etrunk.deviceMac,
    revertDelay: settings.revertDelay,
  };
}

/** The member TLVs of our hello at this moment. */
export const helloMembers = (etrunk: EtrunkVariables, now: Micros): HelloMember[] =>
  [...etrunk.members.values()].map((member) => ({
    ...helloMember(etrunk, member),
    revertRemaining: member.revertRemaining(now),
  }));

/** The content of our hello whose change is sent at once. */
export const helloContent = (etrunk: EtrunkVariables): HelloContent => ({
  fixed: fixedPart(etrunk),
  members: [...etrunk.members.values()].map((member) => helloMember(etrunk, member)),
});

/** A hello without the fields that change with time alone. */
export interface HelloContent {
  readonly fixed: FixedPart;
  readonly members: readonly Omit<HelloMember, "revertRemaining">[];
}

function helloMember(etrunk: EtrunkVariables, member: Readonly<EtrunkMember>): HelloContent["members"][number] {
  const { facts, desired, side } = member;
  const identity = member.identity ?? identityOf("first", desired, etrunk.deviceMac, undefined, undefined);
  const flags =
    (facts.up && member.carries ? MEMBER_UP : 0) |
    (facts.ready ? MEMBER_READY : 0) |
    (side === "second" ? MEMBER_OFFSET : 0) |
    (member.identity !== undefined ? MEMBER_SETTLED : 0);
  return {
    type: numberOf(MEMBER_KINDS, member.key.kind, 1),
    workMode: numberOf(WORK_MODES, desired.mode, 0),
    state: numberOf(MEMBER_STATES, member.state, 1),
    reason: numberOf(MEMBER_CAUSES, member.cause, 1),
    localId: member.key.id,
    remoteId: member.remote.id,
    flags,
    availableLinks: facts.links,
    availableBandwidth: facts.bandwidth,
    systemPriority: identity?.systemPriority ?? 0,
    system: identity?.systemId ?? etrunk.deviceMac,
    key: identity?.key ?? facts.key,
  };
}

/** Least distance of a triggered hello from the hello before it. */
const TRIGGERED_GAP = millis(10);
const URGENT_GAP = millis(100);
const ANSWER_GAP = millis(100);

/**
 * The time of the next hello: periodic, triggered by a change of its content, or in answer to a sender that has to prove itself.
 */
export class HelloSchedule {
  #due = false;
  #content: HelloContent | undefined;
  #lastSent: Micros = -NEVER as Micros;
  /** The last hello that was no answer: answers do not move the period. */
  #periodFrom: Micros = -NEVER as Micros;
  #answerDue = false;
  #lastAnswer: Micros = -NEVER as Micros;

  trigger(): void {
    this.#due = true;
  }

  /** Takes over the content of the next hello; a change triggers a hello. */
  saying(content: HelloContent): void {
    if (!isEqual(content, this.#content)) this.#due = true;
    this.#content = content;
  }

  /** Triggers an answer; there is at most one in 100 ms, so that replayed hellos cause no flood. */
  answer(): void {
    this.#answerDue = true;
  }

  /** Time of the next hello that is no answer. */
  #ownAt(interval: Micros, urgent: boolean): Micros {
    const periodic = later(this.#periodFrom, urgent ? URGENT_GAP : interval);
    return this.#due ? earliest(periodic, later(this.#lastSent, TRIGGERED_GAP)) : periodic;
  }

  sendAt(interval: Micros, urgent: boolean): Micros {
    const own = this.#ownAt(interval, urgent);
    if (!this.#answerDue) return own;
    const answer = Math.max(later(this.#lastSent, TRIGGERED_GAP), later(this.#lastAnswer, ANSWER_GAP)) as Micros;
    return earliest(own, answer);
  }

  /** A hello leaves; true when it is an answer alone. */
  taken(interval: Micros, urgent: boolean, now: Micros): boolean {
    const isOwn = now >= this.#ownAt(interval, urgent);
    if (this.#answerDue) this.#lastAnswer = now;
    if (isOwn) this.#periodFrom = now;
    if (isOwn) this.#due = false;
    this.#answerDue = false;
    this.#lastSent = now;
    return !isOwn;
  }
}
