import { assert } from "../base/assert.js";
import type { MemberKey } from "../base/member-key.js";
import { later, type Micros, NEVER, seconds } from "../base/time.js";
import type { DesiredEtrunkMember } from "../contract/desired/etrunk.js";
import type { EtrunkState, MemberCause, MemberState } from "../wire/etrunk-names.js";
import { History, type Move } from "./history.js";
import type { LacpIdentity, Side } from "./identity.js";

/** How long a member waits for the peer's member, which is about to come up (formats/e-trunk-hello.md 8.7). */
const PEER_START = seconds(5);

/** The state of the interface under a member and of its LACP. */
export interface MemberFacts {
  /** The trunk has enough links, and its LACP has a partner or is in its first seconds of looking for one. */
  readonly ready: boolean;
  /** The trunk forwards. */
  readonly up: boolean;
  readonly links: number;
  /** Mbit/s. */
  readonly bandwidth: number;
  /** LACP key the trunk would use. */
  readonly key: number;
}

/** The peer's end of a member. */
export interface PeerMember {
  readonly up: boolean;
  readonly ready: boolean;
  readonly state: MemberState;
}

/** The inputs of a member's decision. */
export interface MemberInputs {
  readonly mode: DesiredEtrunkMember["mode"];
  readonly device: EtrunkState;
  /** The device is in Init only until it hears the peer or its fail time is over. */
  readonly negotiating: boolean;
  /** The process goes on from a checkpoint and has not heard the peer, so the member stays as it was. */
  readonly peerUnknown: boolean;
  readonly ready: boolean;
  readonly carries: boolean;
  /** The member carries, and its trunk is up. */
  readonly forwards: boolean;
  /** Undefined while no peer is heard. */
  readonly peer: PeerMember | undefined;
  readonly revert: boolean;
  readonly revertOver: boolean;
  /** The peer's member had its time to come up, or was up and fell. */
  readonly waitOver: boolean;
  /** The election was decided by bandwidth. */
  readonly byBandwidth: boolean;
}

/** The inputs that all members of an E-Trunk share. */
export interface Circumstances
  extends Pick<MemberInputs, "device" | "negotiating" | "peerUnknown" | "peer" | "byBandwidth"> {
  readonly revert: { readonly enabled: boolean; readonly delay: Micros };
  /** Epoch of the peer, which names its run. */
  readonly peerRun: number | undefined;
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
/** A recovered member of the Master stays Backup while the peer's member carries, for the revert delay or for good. */
const heldBack = (i: MemberInputs): boolean => !i.forwards && peerUp(i) && (!i.revert || !i.revertOver);

/**
 * The state of a member (behaviour.md 3.5 and 3.7, formats/e-trunk-hello.md 8.7): the first row that holds decides.
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

/** One member of an E-Trunk. */
export class EtrunkMember {
  readonly key: MemberKey;
  desired: DesiredEtrunkMember;
  facts: MemberFacts = NOTHING_READY;
  state: MemberState = "Negotiation";
  cause: MemberCause = "ETRUNK_INIT";
  side: Side | undefined;
  /** LACP identity towards the CE; undefined while the side is not known. */
  identity: LacpIdentity | undefined;
  /** The trunk came up since the last decision. */
  cameUp = false;
  readonly history = new History<MemberState, MemberCause>();
  /** Ends of the revert delay and of the wait for the peer's member. */
  revertUntil: Micros = NEVER;
  waitUntil: Micros = NEVER;
  inputs: MemberInputs | undefined;
  /** The run of the peer in which its member was up and is Master since; a member that fell is not about to come up. */
  #peerUpIn: number | undefined;

  constructor(key: MemberKey, desired: DesiredEtrunkMember) {
    this.key = key;
    this.desired = desired;
  }

  /** The member at the peer, which is of the same kind. */
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

  /** Decides the state; returns the change, if there is one. */
  decide(circumstances: Circumstances, now: Micros): MemberMove | undefined {
    const { revert, peerRun, ...rest } = circumstances;
    if (rest.peer?.up === true) this.#peerUpIn = peerRun;
    else if (rest.peer?.state !== "Master" || peerRun !== this.#peerUpIn) this.#peerUpIn = undefined;
    const peerFell = rest.peer?.up === false && this.#peerUpIn !== undefined;
    this.#runTimers(circumstances, now);
    this.inputs = {
      ...rest,
      mode: this.desired.mode,
      ready: this.facts.ready,
      carries: this.carries,
      forwards: this.forwards,
      revert: revert.enabled,
      revertOver: now >= this.revertUntil,
      waitOver: peerFell || now >= this.waitUntil,
    };
    const { state, cause } = decideMember(this.inputs);
    this.cause = cause;
    if (state === this.state) return undefined;
    const move: MemberMove = { time: now, from: this.state, to: state, causation: cause };
    this.state = state;
    this.history.add(move);
    return move;
  }

  /** Starts and stops both timers: each runs only while its event is still possible. */
  #runTimers({ device, peer, revert }: Circumstances, now: Micros): void {
    const auto = this.desired.mode === "auto" && this.facts.ready;
    // The condition holds until the member forwards, so an expired delay does not begin again while LACP comes up.
    const reverts = auto && !this.forwards && device === "Master" && peer?.up === true && revert.enabled;
    if (!reverts) this.revertUntil = NEVER;
    else if (this.revertUntil === NEVER) this.revertUntil = later(now, revert.delay);
    const waits = auto && !this.carries && device === "Backup" && peer?.up === false && peer.ready;
    if (!waits) this.waitUntil = NEVER;
    else if (this.waitUntil === NEVER) this.waitUntil = later(now, PEER_START);
  }

  /** The next deadline of both timers; a timer that was over at the last decision is not due again. */
  nextDeadline(now: Micros): Micros {
    const revert = this.revertUntil > now ? this.revertUntil : NEVER;
    const wait = this.waitUntil > now ? this.waitUntil : NEVER;
    return revert < wait ? revert : wait;
  }
}
