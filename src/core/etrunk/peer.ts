import type { Mac } from "../base/address.js";
import type { MemberKey } from "../base/member-key.js";
import { later, type Micros, micros } from "../base/time.js";
import type { HelloMember, HelloView } from "../wire/etrunk-hello.js";
import { HEARING_YOU, HIGHER_FIRST, LEAVING, memberKind, SEQUENCE_CHECK } from "../wire/etrunk-hello.js";
import { CAUSES, type Cause, ETRUNK_STATES, type EtrunkState } from "../wire/etrunk-names.js";

/** A member of ours at both ends. */
export interface MemberPair {
  readonly key: MemberKey;
  readonly remote: MemberKey;
}

const isFrom = (member: HelloMember, { remote }: MemberPair): boolean =>
  memberKind(member) === remote.kind && member.localId === remote.id;
/** The member TLV has one kind for both ends. */
const isTo = (member: HelloMember, { key }: MemberPair): boolean =>
  memberKind(member) === key.kind && member.remoteId === key.id;

/** The peer by its last believed hello. */
export class Peer {
  /** Names the run of the peer. */
  readonly epoch: number;
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
  /** End of the peer's fail time. */
  deadline: Micros;
  readonly #failTime: Micros;

  constructor(hello: HelloView, ownFailTime: Micros, now: Micros, mayLeave: boolean) {
    this.epoch = hello.epoch;
    this.priority = hello.priority;
    this.system = hello.system;
    this.state = ETRUNK_STATES[hello.state - 1] as EtrunkState;
    this.cause = CAUSES[hello.reason - 1] as Cause;
    // A planned stop counts only in a hello that cannot be a replay.
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

  /** Starts the fail time again. */
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
  /** The peer is Master by TIMEOUT or BFD_DOWN, and does not hear us; the value names the cause. */
  get isDeafMaster(): "timeout" | "bfd" | undefined {
    if (this.state !== "Master" || this.hearsUs) return undefined;
    return this.cause === "TIMEOUT" ? "timeout" : this.cause === "BFD_DOWN" ? "bfd" : undefined;
  }

  /** The peer's end of our member: same kind, its local ID is our remote ID, and its remote ID our local ID. */
  memberOf(ours: MemberPair): HelloMember | undefined {
    return this.members.find((member) => isTo(member, ours) && isFrom(member, ours));
  }
  /** The peer has a member that fits ours only one way; such a member counts as absent. */
  fitsHalfway(ours: MemberPair): boolean {
    return this.members.some((member) => isTo(member, ours) !== isFrom(member, ours));
  }
}
