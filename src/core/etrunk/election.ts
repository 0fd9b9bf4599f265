import { assert } from "../base/assert.js";
import type { Cause, EtrunkState } from "../wire/etrunk-names.js";

/** Everything the election looks at: kept with each decision, for an operator asks why. */
export interface ElectionInputs {
  /** Addresses and a usable key are there, and the source address is on this host, or was when the peer was heard. */
  readonly canSpeak: boolean;
  /** There are members, and none of them is ready. */
  readonly allMembersDown: boolean;
  /** The tracked BFD session went down and no hello has come since. */
  readonly bfdDown: boolean;
  /** The tracked BFD session is down at the moment. */
  readonly bfdSessionDown: boolean;
  /** A believed hello came within the peer's fail time. */
  readonly hearing: boolean;
  /** Since the start no hello came, and our own fail time is not over. */
  readonly waiting: boolean;
  /** The state of the process before, when this one goes on from its checkpoint. */
  readonly resumed: EtrunkState | undefined;
  /** The peer said it leaves. */
  readonly peerLeaves: boolean;
  /** The peer is in Init because all its members are down. */
  readonly peerHasNoMember: boolean;
  /** The peer has been Master by TIMEOUT or BFD_DOWN for a second, and does not hear us. */
  readonly peerDeaf: "timeout" | "bfd" | undefined;
  /** Below 0: we win by selection, priority, system ID; above 0: the peer; 0: all equal. */
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
/** While the session is down under two living PEs, the winner says so and the loser says whose it was. */
const priority =
  (down: Cause) =>
  (i: ElectionInputs): Cause =>
    i.bfdSessionDown ? down : "PRI";

/**
 * The election of the E-Trunk's role, behaviour.md 3.4 and formats/e-trunk-hello.md 8.
 * The first row that holds decides; both ends read the same table, so with each other's hellos they never both lose.
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
  // Equal in everything: both are Master, as documented, and an alarm says so.
  { when: (i) => i.comparison <= 0, state: "Master", cause: priority("BFD_DOWN") },
  { when: () => true, state: "Backup", cause: priority("PEER_BFD_DOWN") },
];

export function elect(inputs: ElectionInputs): Decision {
  for (const row of election) if (row.when(inputs)) return { state: row.state, cause: row.cause(inputs) };
  assert(false, "no row of the election holds");
}

/** What one side brings to the election. */
export interface Candidate {
  readonly priority: number;
  readonly system: number;
  /** Available links or bandwidth of its auto members, as the select mode says; 0 without. */
  readonly available: number;
}

/** Below 0 when `a` wins. Both ends must compare under the same rule. */
export function compare(a: Candidate, b: Candidate, higherFirst: boolean): number {
  if (a.available !== b.available) return b.available - a.available;
  if (a.priority !== b.priority) return higherFirst ? b.priority - a.priority : a.priority - b.priority;
  return a.system - b.system;
}
