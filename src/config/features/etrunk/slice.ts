import type { RecordOf } from "../../language/setting.js";
import type { BfdSlice } from "../bfd/slice.js";
import { type Interfaces, trunksOf } from "../interfaces/slice.js";
import type { identityRows, memberRows, membershipRows } from "./member-rows.js";
import type { etrunkRows } from "./rows.js";
import type { sessionRows } from "./system-rows.js";

export type Etrunk = RecordOf<typeof etrunkRows>;
/** An Eth-Trunk as a member of an E-Trunk. */
export type Member = RecordOf<typeof membershipRows & typeof memberRows>;

export type EtrunkSlice = RecordOf<typeof sessionRows & typeof identityRows> &
  BfdSlice &
  Interfaces<Member & { maxActiveLinknumber?: number }> & {
    /** By number. */
    etrunks?: { [id: string]: Etrunk };
  };

/** The E-Trunks by number, in the order in which they stand. */
export const etrunksOf = (model: EtrunkSlice): [id: number, etrunk: Etrunk][] =>
  Object.entries(model.etrunks ?? {}).map(([id, etrunk]) => [Number(id), etrunk]);

/** The trunks that are members of an E-Trunk, in the order in which they stand. */
export const membersOf = (model: EtrunkSlice, etrunk: number): [id: number, trunk: Member][] =>
  trunksOf(model).filter(([, { eTrunk }]) => eTrunk?.id === etrunk);
