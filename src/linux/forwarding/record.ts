import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { Changes } from "../undo/changes.js";
import type { BackendName, Counts } from "./plane.js";

/** A member for the next process. Its MAC address tells whether the interface is still the same one. */
export interface RecordedMember {
  readonly index: InterfaceIndex;
  readonly mac: number;
  readonly trunk: number;
  readonly slot: number;
  /** The interface had a clsact or ingress qdisc before it became a member. */
  readonly qdisc: boolean;
  readonly changes: Changes;
  readonly counts: Counts;
  /** What its interface had counted by then, where the counts themselves end with the process. */
  readonly interface?: Counts | undefined;
}

export interface RecordedTrunk {
  readonly trunk: number;
  /** Slot of each bucket, two hexadecimal digits each, so that flows stay on their member when the process changes. */
  readonly buckets: string;
  /** VLAN IDs of its sub-interfaces. */
  readonly vlans: readonly number[];
  /** Counts of members that left, and of earlier processes. */
  readonly counts: Counts;
}

export interface ForwardingRecord {
  /** Which backend forwards. */
  readonly backend: BackendName;
  readonly trunks: readonly RecordedTrunk[];
  readonly members: readonly RecordedMember[];
}
