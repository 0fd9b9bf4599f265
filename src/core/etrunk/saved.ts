import type { LacpIdentity } from "./etrunk-event.js";

/** Enough of an E-Trunk for the next process to go on in its role. Plain data. */
export interface SavedEtrunk {
  readonly etrunk: number;
  readonly state: string;
  readonly members: readonly { readonly trunk: number; readonly carries: boolean; readonly identity: LacpIdentity }[];
}
