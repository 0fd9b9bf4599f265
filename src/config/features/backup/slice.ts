import type { RecordOf } from "../../language/setting.js";
import type { Member, Trunk } from "../eth-trunk/slice.js";
import type { Interfaces } from "../interfaces/slice.js";
import type { backupRows } from "./rows.js";

/** A 1:1 trunk, or a member of one. */
export type InPair = RecordOf<typeof backupRows> & Pick<Trunk, "mode"> & Member & { portswitch?: boolean };

export type BackupSlice = Interfaces<InPair>;
