import type { RecordOf } from "../../language/setting.js";
import { type Interfaces, physicalsOf } from "../interfaces/slice.js";
import type { lacpRows, lacpSystemRows } from "./lacp-rows.js";
import type { memberRows, membershipRows } from "./member-rows.js";
import type { trunkRows } from "./rows.js";

/** An Eth-Trunk of the model as this feature configures it. */
export type Trunk = RecordOf<typeof trunkRows & typeof lacpRows>;
/** A physical interface as a member. */
export type Member = RecordOf<typeof membershipRows & typeof memberRows>;

/** Settings of the E-Trunk feature: the trunk's E-Trunk, and its LACP system ID there. */
type InEtrunk = { eTrunk?: { readonly id: number }; lacpETrunkSystemId?: string };

export type EthTrunkSlice = RecordOf<typeof lacpSystemRows> & { lacpETrunkSystemId?: string } & Interfaces<
    Trunk & Member & InEtrunk & { speed?: number }
  >;

/** Names of the members of an Eth-Trunk, in the order in which they stand. */
export const membersOf = (model: Interfaces<Pick<Member, "ethTrunk">>, trunk: number): string[] =>
  physicalsOf(model).flatMap(([name, { ethTrunk }]) => (ethTrunk?.id === trunk ? [name] : []));
