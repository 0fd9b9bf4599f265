import { assert } from "../base/assert.js";
import type { MemberKey } from "../base/member-key.js";
import { later, type Micros, NEVER, seconds } from "../base/time.js";
import type { DesiredEtrunkMember } from "../contract/desired/etrunk.js";
import type { EtrunkState, MemberCause, MemberState } from "../wire/etrunk-names.js";
import { History, type Move } from "./history.js";
import type { LacpIdentity, Side } from "./identity.js";

/** How long a member that does not carry waits for the peer's, which is about to (formats/e-trunk-hello.md 8.7). */
const PEER_START = seconds(5);

/** What lies under a member: told by the trunk and its LACP. */
export interface MemberFacts {
  /** Enough links, and LACP, where used, has a partner or is in its first seconds of looking for one. */
  readonly ready: boolean;
  /** It forwards. */
  readonly up: boolean;
  readonly links: number;
  /** Mbit/s. */
  readonly bandwidth: number;
  /** LACP key the trunk would use. */
  readonly key: number;
}

/** The peer's half of a member; undefined in `MemberInputs` while it is absent, which is down. */
export interface PeerMember {
  readonly up: boolean;
  readonly ready: boolean;
  readonly state: MemberState;
}

/** Everything a member's decision looks at. */
export interface MemberInputs {
  readonly mode: DesiredEtrunkMember["mode"];
  readonly device: EtrunkState;
  /** The device is in Init only until it has heard the peer or waited for it. */
  readonly negotiating: boolean;
  /** We go on from a checkpoint and the peer has not been heard yet: everything stays as it was. */
  readonly peerUnknown: boolean;
  readonly ready: boolean;
  readonly carries: boolean;
  /** It carries, and its trunk is up. */
  readonly forwards: boolean;
  readonly peer: PeerMember | undefined;
  readonly revert: boolean;
  readonly revertOver: boolean;
  readonly waitOver: boolean;
  /** The selection by bandwidth made the device what it is. */
  readonly byBandwidth: boolean;
}

/** What the E-Trunk knows when its members decide. */
export interface Circumstances
  extends Pick<MemberInputs, "device" | "negotiating" | "peerUnknown" | "peer" | "byBandwidth"> {
  readonly revert: { readonly enabled: boolean; readonly delay: Micros };
}

/** @internal */
export interface MemberDecision {
  readonly state: MemberState;
  readonly cause: MemberCause;
}

interface Row {
  readonly when: (i: MemberInputs) => boolean;
  readonly state: MemberState;
  readonly cause: MemberCause;
}

const peerUp = (i: MemberInputs): boolean => i.peer?.up === true;
const peerComes = (i: MemberInputs): boolean =>
  i.peer?.ready === true && (i.peer.state === "Master" || i.peer.state === "Negotiation");
/** A recovered member of the Master device stays out while the peer's carries, for the revert delay or for good. */
const heldBack = (i: MemberInputs): boolean => !i.forwards && peerUp(i) && (!i.revert || !i.revertOver);

/**
 * A member's state, behaviour.md 3.5 and 3.7, formats/e-trunk-hello.md 8.7. The first row that holds decides.
 * @internal
 */
export const memberTable: readonly Row[] = [
  { when: (i) => i.mode === "force-master", state: "Master", cause: "FORCE_MASTER" },
  { when: (i) => i.mode === "force-backup", state: "Backup", cause: "FORCE_BACKUP" },
  { when: (i) => i.device === "Init" && i.negotiating, state: "Negotiation", cause: "ETRUNK_INIT" },
  { when: (i) => i.device === "Init", state: "Backup", cause: "ETRUNK_INIT" },
  { when: (i) => !i.ready, state: "Backup", cause: "LINK_DOWN" },
  { when: (i) => i.peerUnknown && i.carries, state: "Master", cause: "ETRUNK_MASTER" },
  { when: (i) => i.peerUnknown, state: "Backup", cause: "ETRUNK_BACKUP" },
  { when: (i) => i.device === "Master" && heldBack(i), state: "Backup", cause: "PEER_MEMBER_UP" },
  { when: (i) => i.device === "Master" && i.byBandwidth, state: "Master", cause: "LOCAL_BANDWIDTH_LARGE" },
  {
    when: (i) => i.device === "Master" && i.peer !== undefined && !peerUp(i),
    state: "Master",
    cause: "PEER_MEMBER_DOWN",
  },
  { when: (i) => i.device === "Master", state: "Master", cause: "ETRUNK_MASTER" },
  { when: (i) => peerUp(i) && i.byBandwidth, state: "Backup", cause: "PEER_BANDWIDTH_LARGE" },
  { when: peerUp, state: "Backup", cause: "PEER_MEMBER_UP" },
  { when: (i) => !i.carries && peerComes(i) && !i.waitOver, state: "Backup", cause: "ETRUNK_BACKUP" },
  { when: () => true, state: "Master", cause: "PEER_MEMBER_DOWN" },
];

/** @internal */
export function decideMember(inputs: MemberInputs): MemberDecision {
  for (const row of memberTable) if (row.when(inputs)) return row;
  assert(false, "no row of the member table holds");
}

export type MemberMove = Move<MemberState, MemberCause>;

const NOTHING_READY: MemberFacts = { ready: false, up: false, links: 0, bandwidth: 0, key: 0 };

/** One member interface of an E-Trunk. */
export class EtrunkMember {
  readonly key: MemberKey;
  desired: DesiredEtrunkMember;
  facts: MemberFacts = NOTHING_READY;
  state: MemberState = "Negotiation";
  cause: MemberCause = "ETRUNK_INIT";
  side: Side | undefined;
  /** What it shows the CE; undefined while its side is not known. */
  identity: LacpIdentity | undefined;
  /** Its trunk came up since the last decision. */
  cameUp = false;
  readonly history = new History<MemberState, MemberCause>();
  /** When the revert delay, or the wait for the peer's member, is over. */
  revertUntil: Micros = NEVER;
  waitUntil: Micros = NEVER;
  inputs: MemberInputs | undefined;

  constructor(key: MemberKey, desired: DesiredEtrunkMember) {
    this.key = key;
    this.desired = desired;
  }

  /** The interface at the peer, of the same kind. */
  get remote(): MemberKey {
    return { kind: this.key.kind, id: this.desired.remoteTrunk };
  }
  get carries(): boolean {
    return this.state === "Master";
  }
  get forwards(): boolean {
    return this.carries && this.facts.up;
  }

  /** Seconds until the revert delay is over; 0 while it does not run. */
  revertRemaining(now: Micros): number {
    return this.revertUntil === NEVER ? 0 : Math.max(0, Math.ceil((this.revertUntil - now) / 1_000_000));
  }

  /** Decides anew; the move it made, if it made one. */
  decide(circumstances: Circumstances, now: Micros): MemberMove | undefined {
    const { revert, ...rest } = circumstances;
    this.#runTimers(circumstances, now);
    this.inputs = {
      ...rest,
      mode: this.desired.mode,
      ready: this.facts.ready,
      carries: this.carries,
      forwards: this.forwards,
      revert: revert.enabled,
      revertOver: now >= this.revertUntil,
      waitOver: now >= this.waitUntil,
    };
    const { state, cause } = decideMember(this.inputs);
    this.cause = cause;
    if (state === this.state) return undefined;
    const move: MemberMove = { time: now, from: this.state, to: state, causation: cause };
    this.state = state;
    this.history.add(move);
    return move;
  }

  /** Both run only as long as what they wait for could still come. */
  #runTimers({ device, peer, revert }: Circumstances, now: Micros): void {
    const auto = this.desired.mode === "auto" && this.facts.ready;
    // Until it forwards: the delay that is over must not begin anew while LACP comes up.
    const reverts = auto && !this.forwards && device === "Master" && peer?.up === true && revert.enabled;
    if (!reverts) this.revertUntil = NEVER;
    else if (this.revertUntil === NEVER) this.revertUntil = later(now, revert.delay);
    const waits = auto && !this.carries && device === "Backup" && peer?.up === false && peer.ready;
    if (!waits) this.waitUntil = NEVER;
    else if (this.waitUntil === NEVER) this.waitUntil = later(now, PEER_START);
  }

  /** The later of two is not due again once it is over: what it held back has been decided. */
  nextDeadline(now: Micros): Micros {
    const revert = this.revertUntil > now ? this.revertUntil : NEVER;
    const wait = this.waitUntil > now ? this.waitUntil : NEVER;
    return revert < wait ? revert : wait;
  }
}
