import type { RecordOf } from "../../language/setting.js";
import type { EtrunkSlice } from "../etrunk/slice.js";
import type { Interfaces } from "../interfaces/slice.js";
import type { bindingRows, profileRows, serviceRows } from "./rows.js";

export type Service = RecordOf<typeof serviceRows>;
export type Profile = RecordOf<typeof profileRows>;

export type RbsSlice = EtrunkSlice &
  Interfaces<RecordOf<typeof bindingRows> & { portswitch?: boolean }> & {
    /** By name. */
    remoteBackupServices?: { [name: string]: Service };
    remoteBackupProfiles?: { [name: string]: Profile };
  };

export const servicesOf = (model: RbsSlice): [name: string, service: Service][] =>
  Object.entries(model.remoteBackupServices ?? {});

export const profilesOf = (model: RbsSlice): [name: string, profile: Profile][] =>
  Object.entries(model.remoteBackupProfiles ?? {});

/** The interfaces that are bound to a profile, in the order in which they stand. */
export const boundTo = (model: RbsSlice, profile: string): string[] =>
  Object.entries(model.interfaces ?? {}).flatMap(([name, { remoteBackupProfile }]) =>
    remoteBackupProfile === profile ? [name] : [],
  );
