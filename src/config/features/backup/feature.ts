import type { Feature } from "../../feature.js";
import { checkPairs } from "./checks.js";
import { desiredPairs } from "./desired.js";
import { backupRows } from "./rows.js";
import type { BackupSlice } from "./slice.js";

/** 1:1 Eth-Trunks: one of two members works. */
export const backup: Feature<BackupSlice> = {
  rows: { "eth-trunk": backupRows },
  check: checkPairs,
  desired: desiredPairs,
};
