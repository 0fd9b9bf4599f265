import type { Mac } from "../base/address.js";
import type { MemberKey } from "../base/member-key.js";
import { later, type Micros, micros } from "../base/time.js";
import type { HelloMember, HelloView } from "../wire/etrunk-hello.js";
import { HEARING_YOU, HIGHER_FIRST, LEAVING, memberKind, SEQUENCE_CHECK } from "../wire/etrunk-hello.js";
import { CAUSES, type Cause, ETRUNK_STATES, type EtrunkState } from "../wire/etrunk-names.js";

/** A member of ours: which it is here and at the peer. */
export interface MemberPair {
  readonly key: MemberKey;
  readonly remote: MemberKey;
}

const isFrom = (member: HelloMember, { remote }: MemberPair): boolean =>
  memberKind(member) === remote.kind && member.localId === remote.id;
/** A hello names the kind once, for both ends. */
const isTo = (member: HelloMember, { key }: MemberPair): boolean =>
  memberKind(member) === key.kind && member.remoteId === key.id;

/** The last believed hello, and what follows from when it came. */
export class Peer {
  readonly priority: number;
  readonly system: Mac;
  readonly state: EtrunkState;
  readonly cause: Cause;
  readonly flags: number;
  readonly selectMode: number;
  /** Units of 100 ms; 0 = not carried. */
  readonly failTime: number;
  /** Seconds. */
  readonly revertDelay: number;
  readonly software: string;
  readonly members: readonly HelloMember[];
  readonly heardAt: Micros;
  /** When its silence counts. */
  deadline: Micros;
  readonly #failTime: Micros;

  constructor(hello: HelloView, ownFailTime: Micros, now: Micros, mayLeave: boolean) {
    this.priority = hello.priority;
    this.system = hello.system;
    this.state = ETRUNK_STATES[hello.state - 1] as EtrunkState;
    this.cause = CAUSES[hello.reason - 1] as Cause;
    // A planned stop is believed only from a hello nobody can have recorded.
    this.flags = mayLeave ? hello.flags : hello.flags & ~LEAVING;
    this.selectMode = hello.selectMode;
    this.failTime = hello.failTime;
    this.revertDelay = hello.revertDelay;
    this.software = hello.software;
    this.members = hello.members.map((member) => ({ ...member }));
    this.heardAt = now;
    this.#failTime = hello.failTime === 0 ? ownFailTime : micros(hello.failTime * 100_000);
    this.deadline = later(now, this.#failTime);
  }

  /** Its silence counts from now on only. */
  excuse(now: Micros): void {
    this.deadline = later(now, this.#failTime);
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }
  get hearsUs(): boolean {
    return this.has(HEARING_YOU);
  }
  get leaves(): boolean {
    return this.has(LEAVING);
  }
  get checksSequence(): boolean {
    return this.has(SEQUENCE_CHECK);
  }
  get higherFirst(): boolean {
    return this.has(HIGHER_FIRST);
  }
  /** Master because it heard nothing or its BFD session failed, and it does not hear us. */
  get isDeafMaster(): "timeout" | "bfd" | undefined {
    if (this.state !== "Master" || this.hearsUs) return undefined;
    return this.cause === "TIMEOUT" ? "timeout" : this.cause === "BFD_DOWN" ? "bfd" : undefined;
  }

  /** The member that is ours: of the same kind, its local ID our remote one and the other way round. */
  memberOf(ours: MemberPair): HelloMember | undefined {
    return this.members.find((member) => isTo(member, ours) && isFrom(member, ours));
  }
  /** Members that fit halfway are absent, and counted. */
  fitsHalfway(ours: MemberPair): boolean {
    return this.members.some((member) => isTo(member, ours) !== isFrom(member, ours));
  }
}

/** Epochs and sequence numbers of both ends (formats/e-trunk-hello.md 6). */
export class Freshness {
  /** Our run; a new one when the peer times out. */
  epoch: number;
  sequence = 0;
  /** That of the last hello believed. */
  peerEpoch = 0;
  #lastEpoch = -1;
  #lastSequence = -1;

  constructor(epoch: number) {
    this.epoch = epoch;
  }

  next(): number {
    if (this.sequence === 0xffff_ffff) this.renew();
    return ++this.sequence;
  }

  /** Nothing recorded so far carries this epoch, so nothing old is believed. */
  renew(): void {
    this.epoch++;
    this.sequence = 0;
    this.#lastEpoch = -1;
    this.#lastSequence = -1;
  }

  isNewer(hello: HelloView): boolean {
    return hello.epoch > this.#lastEpoch || (hello.epoch === this.#lastEpoch && hello.sequence > this.#lastSequence);
  }
  answersUs(hello: HelloView): boolean {
    return hello.peerEpoch === this.epoch;
  }

  believe(hello: HelloView): void {
    this.#lastEpoch = hello.epoch;
    this.#lastSequence = hello.sequence;
    this.peerEpoch = hello.epoch;
  }
}
