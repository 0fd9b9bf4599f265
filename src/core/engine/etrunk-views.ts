import type { ElectionInputs } from "../etrunk/election.js";
import type { MemberInputs } from "../etrunk/member.js";

/** `display e-trunk`, the interface document's fields. Times of moves are microseconds of the monotonic clock. */
export interface EtrunkView {
  readonly id: number;
  readonly priority: number;
  readonly systemId: string;
  readonly peerAddress: string | null;
  readonly sourceAddress: string | null;
  readonly vpnInstance: string | null;
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
  readonly bfdState: string | null;
  readonly description: string | null;
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
  readonly history: readonly {
    readonly time: number;
    readonly from: string;
    readonly to: string;
    readonly causation: string;
  }[];
}

export interface EtrunkDecisionView {
  readonly id: number;
  readonly state: string;
  readonly causation: string;
  readonly decidedAt: number;
  readonly inputs: ElectionInputs | null;
  readonly members: readonly {
    readonly id: number;
    readonly state: string;
    readonly causation: string;
    readonly side: string | null;
    readonly inputs: MemberInputs | null;
  }[];
}
