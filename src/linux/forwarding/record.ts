import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { Changes } from "../undo/changes.js";
import type { BackendName, Counts } from "./plane.js";

/** What the next process has to know of a member. The MAC address tells whether the interface is still the same one. */
export interface RecordedMember {
  readonly index: InterfaceIndex;
  readonly mac: number;
  readonly trunk: number;
  readonly slot: number;
  /** The interface had a clsact or ingress qdisc before it became a member. */
  readonly qdisc: boolean;
  readonly changes: Changes;
  readonly counts: Counts;
}

export interface RecordedTrunk {
  readonly trunk: number;
  /** Slot of each bucket, two hexadecimal digits each: flows must not move because the process changes. */
  readonly buckets: string;
  /** VLAN IDs of its sub-interfaces. */
  readonly vlans: readonly number[];
  /** Counted by members that left, and by earlier processes. */
  readonly counts: Counts;
}

export interface ForwardingRecord {
  /** Which backend forwards. */
  readonly backend: BackendName;
  readonly trunks: readonly RecordedTrunk[];
  readonly members: readonly RecordedMember[];
}
