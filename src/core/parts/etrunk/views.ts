import type { ElectionInputs } from "../../etrunk/election.js";
import type { MemberInputs } from "../../etrunk/member.js";

/** A move of a state: microseconds of the monotonic clock, which the daemon turns into ISO 8601 UTC. */
export interface MoveView {
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly causation: string;
}

/** `display e-trunk`, the interface document's fields. */
export interface EtrunkView {
  readonly id: number;
  readonly priority: number;
  readonly systemId: string;
  readonly peerAddress: string | null;
  readonly sourceAddress: string | null;
  readonly vpnInstance: string | null;
  readonly udpPort: number;
  readonly state: string;
  readonly causation: string;
  /** Units of 100 ms, as displays print them. */
  readonly sendPeriod: number;
  readonly failTime: number;
  readonly received: number;
  readonly sent: number;
  readonly receivedDropped: number;
  readonly sentDropped: number;
  readonly drops: { readonly [drop: string]: number };
  readonly sequence: boolean;
  readonly authenticationMode: string;
  readonly key: string;
  readonly sendKeyId: number;
  readonly priorityOrder: string;
  readonly selectMode: string;
  readonly peerState: string | null;
  readonly peerCausation: string | null;
  readonly hearing: boolean;
  readonly heard: boolean;
  readonly attention: readonly string[];
  readonly peerPriority: number | null;
  readonly peerSystemId: string | null;
  readonly peerFailTime: number | null;
  readonly peerSoftware: string | null;
  readonly revertEnabled: boolean;
  /** Seconds. */
  readonly revertDelay: number;
  readonly bfdSession: string | null;
  /** Of that session: `AdminDown`, `Down`, `Init`, `Up`; null where there is none. */
  readonly bfdState: string | null;
  /** `e-trunk bfd enable`. Milliseconds. */
  readonly dynamicBfd: {
    readonly minTx: number;
    readonly minRx: number;
    readonly detectMultiplier: number;
    readonly trackInterface: string | null;
  } | null;
  readonly description: string | null;
  readonly history: readonly MoveView[];
  readonly members: readonly EtrunkMemberView[];
}

export interface EtrunkMemberView {
  readonly type: "Eth-Trunk";
  readonly id: number;
  readonly remoteId: number;
  readonly physicalState: "Up" | "Down";
  readonly workMode: string;
  readonly state: string;
  readonly causation: string;
  readonly peerUp: boolean;
  readonly side: "first" | "second" | null;
  /** Seconds. */
  readonly revertRemaining: number;
  readonly history: readonly MoveView[];
}

/** `display e-trunk packet-statistics`. */
export interface EtrunkPacketsView {
  /** Hellos of no E-Trunk of ours, and datagrams too short to say of which. */
  readonly etrunkIdErrors: number;
  readonly lengthErrors: number;
  readonly etrunks: readonly {
    readonly id: number;
    readonly sent: number;
    readonly sentDropped: number;
    readonly received: number;
    readonly receivedDropped: number;
    readonly drops: { readonly [drop: string]: number };
    /** Believed though older than the last one: the sequence check is off. */
    readonly wentBackwards: number;
    /** Members whose local and remote IDs fit ours only one way. */
    readonly halfwayMembers: number;
  }[];
}

/** One session that `whitelist session-car` polices. Rates in kbit/s, bursts in octets. */
export interface SessionCarView {
  readonly etrunk: number;
  readonly protocol: "e-trunk-ipv4" | "e-trunk-ipv6";
  readonly sourceAddress: string;
  readonly destinationAddress: string;
  readonly port: number;
  readonly green: number;
  readonly yellow: number;
  readonly red: number;
  readonly cir: number;
  readonly cbs: number;
  readonly pir: number;
  readonly pbs: number;
}

/** What one end brings to the election. */
export interface CandidateView {
  readonly priority: number;
  readonly systemId: string;
  /** Links or Mbit/s, as the select mode says; 0 where priorities decide. */
  readonly available: number;
}

/** Inputs as documents hold them: what is not there is null. */
export type InputsView<Inputs> = {
  readonly [Input in keyof Inputs]: undefined extends Inputs[Input]
    ? Exclude<Inputs[Input], undefined> | null
    : Inputs[Input];
};

/** `why e-trunk N`: the last decision of the E-Trunk and of each member, with everything they looked at. */
export interface EtrunkDecisionView {
  readonly id: number;
  readonly state: string;
  readonly causation: string;
  readonly decidedAt: number;
  readonly inputs: InputsView<ElectionInputs> | null;
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
    readonly inputs: InputsView<MemberInputs> | null;
    readonly links: number;
    /** Mbit/s. */
    readonly bandwidth: number;
    /** Seconds. */
    readonly revertRemaining: number;
  }[];
}
