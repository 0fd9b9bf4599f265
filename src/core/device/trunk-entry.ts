import type { Trunk } from "../ethtrunk/trunk.js";
import type { LacpIdentity } from "../etrunk/identity.js";
import type { Aggregator } from "../lacp/aggregator.js";
import type { MemberCause, MemberState } from "../wire/etrunk-names.js";

/** What an E-Trunk made of a member trunk. */
export interface EtrunkRole {
  /** The trunk may carry traffic: its member state is Master. */
  readonly carries: boolean;
  readonly state: MemberState;
  readonly cause: MemberCause;
  /** Undefined while the side is not known: LACP then sends nothing. */
  readonly identity: LacpIdentity | undefined;
}

/** A trunk that exists, its LACP in mode static, and its role where it is a member of an E-Trunk. */
export interface TrunkEntry {
  readonly trunk: Trunk;
  aggregator: Aggregator | undefined;
  role: EtrunkRole | undefined;
}
