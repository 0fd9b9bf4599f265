/**
 * `why e-trunk N`: the last decisions with everything they looked at. Its JSON is a contract of its own: the two tables
 * below name each input of a decision for those outside, and name all of them, so an input is renamed, added or removed
 * here as well or nothing compiles.
 */
import { type Mac, macToColons } from "../../base/address.js";
import type { Moment } from "../../contract/questions.js";
import { comparisonWith, selectsWith } from "../../etrunk/comparison.js";
import type { Candidate, ElectionInputs } from "../../etrunk/election.js";
import type { Etrunk } from "../../etrunk/etrunk.js";
import type { MemberInputs, PeerMember } from "../../etrunk/member.js";
import type { EtrunkVariables } from "../../etrunk/state.js";

/** A JSON name for each input. */
type Names<Inputs> = { readonly [Input in keyof Inputs]: string };

const ELECTION = {
  canSpeak: "canSpeak",
  allMembersDown: "allMembersDown",
  bfdDown: "bfdDown",
  bfdSessionDown: "bfdSessionDown",
  hearing: "hearing",
  waiting: "waiting",
  resumed: "resumed",
  peerLeaves: "peerLeaves",
  peerHasNoMember: "peerHasNoMember",
  peerDeaf: "peerDeaf",
  comparison: "comparison",
} as const satisfies Names<ElectionInputs>;

const MEMBER = {
  device: "device",
  negotiating: "negotiating",
  peerUnknown: "peerUnknown",
  peer: "peer",
  byBandwidth: "byBandwidth",
  mode: "mode",
  ready: "ready",
  carries: "carries",
  forwards: "forwards",
  revert: "revert",
  revertOver: "revertOver",
  waitOver: "waitOver",
} as const satisfies Names<MemberInputs>;

const PEER_MEMBER = { up: "up", ready: "ready", state: "state" } as const satisfies Names<PeerMember>;

/** Inputs under their JSON names; what is not there is null. */
type Renamed<Inputs, Table extends Names<Inputs>> = {
  readonly [Input in keyof Inputs as Table[Input]]:
    | Exclude<Inputs[Input], undefined>
    | (undefined extends Inputs[Input] ? null : never);
};

type ElectionView = Renamed<ElectionInputs, typeof ELECTION>;
type PeerMemberView = Renamed<PeerMember, typeof PEER_MEMBER>;
export type MemberInputsView = Omit<Renamed<MemberInputs, typeof MEMBER>, "peer"> & {
  readonly peer: PeerMemberView | null;
};

/** What one end brings to the election. */
export interface CandidateView {
  readonly priority: number;
  readonly systemId: string;
  /** Links or Mbit/s, as the select mode says; 0 where priorities decide. */
  readonly available: number;
}

/** `why e-trunk N`: the last decision of the E-Trunk and of each member, with everything they looked at. */
export interface EtrunkDecisionView {
  readonly id: number;
  readonly state: string;
  readonly causation: string;
  /** ISO 8601 UTC. */
  readonly decidedAt: string;
  readonly inputs: ElectionView | null;
  /** What was compared; null while no peer was heard. */
  readonly comparison: {
    readonly ours: CandidateView;
    readonly theirs: CandidateView;
    readonly priorityOrder: "lower-first" | "higher-first";
    readonly selectMode: string;
  } | null;
  readonly attention: readonly string[];
  readonly members: readonly {
    readonly id: number;
    readonly state: string;
    readonly causation: string;
    readonly side: string | null;
    readonly inputs: MemberInputsView | null;
    readonly links: number;
    /** Mbit/s. */
    readonly bandwidth: number;
    /** Seconds. */
    readonly revertRemaining: number;
  }[];
}

/** In the order of the table. */
const renamed = <Inputs extends object, Table extends Names<Inputs>>(inputs: Inputs, table: Table) =>
  Object.fromEntries(
    (Object.keys(table) as (keyof Inputs & keyof Table)[]).map((input) => [table[input], inputs[input] ?? null]),
  ) as Renamed<Inputs, Table>;

const memberInputsView = (inputs: MemberInputs): MemberInputsView => ({
  ...renamed(inputs, MEMBER),
  peer: inputs.peer === undefined ? null : renamed(inputs.peer, PEER_MEMBER),
});

const candidateView = ({ priority, system, available }: Candidate): CandidateView => ({
  priority,
  systemId: macToColons(system as Mac),
  available,
});

function comparisonView(etrunk: EtrunkVariables): EtrunkDecisionView["comparison"] {
  if (etrunk.peer === undefined) return null;
  const { ours, theirs, higherFirst } = comparisonWith(etrunk, etrunk.peer);
  return {
    ours: candidateView(ours),
    theirs: candidateView(theirs),
    priorityOrder: higherFirst ? "higher-first" : "lower-first",
    // Where the ends differ, neither selects.
    selectMode: selectsWith(etrunk, etrunk.peer) ? etrunk.settings.select : "default",
  };
}

/** The last decisions with everything they looked at: `why e-trunk N`. */
export const decisionView = ({ id, variables, attention }: Etrunk, { now, date }: Moment): EtrunkDecisionView => ({
  id,
  state: variables.state,
  causation: variables.cause,
  decidedAt: date(variables.decidedAt),
  inputs: variables.inputs === undefined ? null : renamed(variables.inputs, ELECTION),
  comparison: comparisonView(variables),
  attention,
  members: [...variables.members.values()].map((member) => ({
    id: member.key.id,
    state: member.state,
    causation: member.cause,
    side: member.side ?? null,
    inputs: member.inputs === undefined ? null : memberInputsView(member.inputs),
    links: member.facts.links,
    bandwidth: member.facts.bandwidth,
    revertRemaining: member.revertRemaining(now),
  })),
});
