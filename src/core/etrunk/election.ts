import { assert } from "../base/assert.js";
import type { Cause, EtrunkState } from "../wire/etrunk-names.js";

/** The inputs of the election. The last ones are kept, since `why e-trunk` shows them. */
export interface ElectionInputs {
  /**
   * Addresses and a usable key are configured, and the source address is on this host, or was when the peer was heard, or
   * a role is resumed.
   */
  readonly canSpeak: boolean;
  /** The E-Trunk has members, and none of them is ready. */
  readonly allMembersDown: boolean;
  /** The tracked BFD session went down, and no hello was believed since. */
  readonly bfdDown: boolean;
  /** The tracked BFD session is down at the moment. */
  readonly bfdSessionDown: boolean;
  /** A believed hello came within the peer's fail time. */
  readonly hearing: boolean;
  /** No hello was believed since the start, and our own fail time is not over. */
  readonly waiting: boolean;
  /** The state of the process before, when this one goes on from its checkpoint, or before the addresses changed. */
  readonly resumed: EtrunkState | undefined;
  /** The peer announced a planned stop. */
  readonly peerLeaves: boolean;
  /** The peer is in Init because all its members are down. */
  readonly peerHasNoMember: boolean;
  /** The peer has been Master by TIMEOUT or BFD_DOWN for a second, and does not hear us. */
  readonly peerDeaf: "timeout" | "bfd" | undefined;
  /**
   * The comparison by selection, priority and system ID: below 0 we win, above 0 the peer wins, 0 when all are equal.
   */
  readonly comparison: number;
}

export interface Decision {
  readonly state: EtrunkState;
  readonly cause: Cause;
}

interface Row {
  readonly when: (i: ElectionInputs) => boolean;
  readonly state: EtrunkState;
  readonly cause: (i: ElectionInputs) => Cause;
}

const always = (cause: Cause) => (): Cause => cause;
/**
 * The cause of a comparison. While the BFD session is down between two PEs that hear each other, it names the session.
 */
const priority =
  (down: Cause) =>
  (i: ElectionInputs): Cause =>
    i.bfdSessionDown ? down : "PRI";

/**
 * The election of an E-Trunk's state (behaviour.md 3.4, formats/e-trunk-hello.md 8): the first row that holds decides.
 * Both ends use this table, so two ends that hear each other never both become Backup.
 * @internal
 */
export const election: readonly Row[] = [
  { when: (i) => !i.canSpeak, state: "Init", cause: always("INIT") },
  { when: (i) => i.allMembersDown, state: "Init", cause: always("ALL_MEMBER_DOWN") },
  { when: (i) => i.peerLeaves, state: "Master", cause: always("PEER_NODE_DOWN") },
  { when: (i) => i.bfdDown, state: "Master", cause: always("BFD_DOWN") },
  { when: (i) => i.waiting && i.resumed === "Master", state: "Master", cause: always("PRI") },
  { when: (i) => i.waiting && i.resumed === "Backup", state: "Backup", cause: always("PRI") },
  { when: (i) => i.waiting, state: "Init", cause: always("INIT") },
  { when: (i) => !i.hearing, state: "Master", cause: always("TIMEOUT") },
  { when: (i) => i.peerHasNoMember, state: "Master", cause: always("PRI") },
  { when: (i) => i.peerDeaf === "timeout", state: "Backup", cause: always("PEER_TIMEOUT") },
  { when: (i) => i.peerDeaf === "bfd", state: "Backup", cause: always("PEER_BFD_DOWN") },
  // Two equal candidates are both Master (behaviour.md 3.4), and an alarm tells of it.
  { when: (i) => i.comparison <= 0, state: "Master", cause: priority("BFD_DOWN") },
  { when: () => true, state: "Backup", cause: priority("PEER_BFD_DOWN") },
];

export function elect(inputs: ElectionInputs): Decision {
  for (const row of election) if (row.when(inputs)) return { state: row.state, cause: row.cause(inputs) };
  assert(false, "no row of the election holds");
}

/** One end in the comparison. */
export interface Candidate {
  readonly priority: number;
  readonly system: number;
  /** Available links or bandwidth of its auto members, by the select mode; 0 where priorities decide. */
  readonly available: number;
}

/** Compares two candidates: below 0 when `a` wins. Both ends must use the same order of priorities. */
export function compare(a: Candidate, b: Candidate, higherFirst: boolean): number {
  if (a.available !== b.available) return b.available - a.available;
  if (a.priority !== b.priority) return higherFirst ? b.priority - a.priority : a.priority - b.priority;
  return a.system - b.system;
}
