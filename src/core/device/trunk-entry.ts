import type { Trunk } from "../ethtrunk/trunk.js";
import type { LacpIdentity } from "../etrunk/etrunk-event.js";
import type { Aggregator } from "../lacp/aggregator.js";
import type { SelectionLimits } from "../lacp/selection.js";
import type { MemberCause, MemberState } from "../wire/etrunk-names.js";

/** What an E-Trunk made of a member trunk. */
export interface EtrunkRole {
  /** It may carry traffic: its member state is Master. */
  readonly carries: boolean;
  readonly state: MemberState;
  readonly cause: MemberCause;
  /** Undefined while its side is not known: LACP then says nothing. */
  readonly identity: LacpIdentity | undefined;
}

/** A trunk that exists, its LACP in mode static, and its role where it is a member of an E-Trunk. */
export interface TrunkEntry {
  readonly trunk: Trunk;
  aggregator: Aggregator | undefined;
  role: EtrunkRole | undefined;
}

/** Before the E-Trunk has decided anything. */
export const UNDECIDED: EtrunkRole = {
  carries: false,
  state: "Negotiation",
  cause: "ETRUNK_INIT",
  identity: undefined,
};

/** As the process before left it, until its E-Trunk says otherwise. */
export const resumedRole = (carries: boolean, identity: LacpIdentity): EtrunkRole =>
  carries
    ? { carries, state: "Master", cause: "ETRUNK_MASTER", identity }
    : { carries, state: "Backup", cause: "ETRUNK_BACKUP", identity };

/** Without LACP a standby member takes its links down, for nothing else would tell the CE. */
export const waitsByCarrier = ({ trunk, role }: TrunkEntry): boolean =>
  role !== undefined && !role.carries && trunk.signalsByCarrier;

export const limitsOf = ({ trunk, role }: TrunkEntry): SelectionLimits => ({
  shutdown: trunk.desired.shutdown,
  leastLinks: trunk.desired.leastLinks,
  leastBandwidth: trunk.desired.leastBandwidth,
  standby: role !== undefined && !role.carries,
  silent: role !== undefined && role.identity === undefined,
});
