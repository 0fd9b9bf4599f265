import type { DesiredPart } from "../../feature.js";
import { desiredOf } from "../../language/setting.js";
import { BACKUP, modeOf } from "../eth-trunk/rows.js";
import { trunksOf } from "../interfaces/slice.js";
import { backupRows } from "./rows.js";
import type { BackupSlice } from "./slice.js";

export const desiredPairs = (model: BackupSlice): DesiredPart => ({
  trunks: trunksOf(model).flatMap(([id, trunk]) =>
    modeOf(trunk) === BACKUP ? [{ id, backup: desiredOf(backupRows, trunk) }] : [],
  ),
});
