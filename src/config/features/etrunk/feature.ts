import { numberedObjects } from "../../collections.js";
import type { Feature } from "../../feature.js";
import { etrunkActions } from "./actions.js";
import { checkEtrunks, trackerOfSession, warnOfEtrunks } from "./checks.js";
import { desiredEtrunks } from "./desired.js";
import { etrunkId, identityRows, memberRows, membershipRows } from "./member-rows.js";
import { etrunkRows } from "./rows.js";
import type { EtrunkSlice, Member } from "./slice.js";
import { sessionRows } from "./system-rows.js";

/** E-Trunks, and the Eth-Trunks that are members of them. */
export const etrunk: Feature<EtrunkSlice> = {
  views: [{ name: "e-trunk", kind: "an E-Trunk", collection: "etrunks" }],
  collections: [numberedObjects("etrunks", "e-trunk", etrunkId)],
  rows: {
    system: { ...sessionRows, ...identityRows },
    "eth-trunk": { ...membershipRows, ...memberRows },
    "e-trunk": etrunkRows,
  },
  actions: { system: etrunkActions },
  words: { "e-trunk": "E-Trunks", timer: "Timers of the E-Trunk" },
  userOf: trackerOfSession,
  ties: {
    etrunks: (id) => [`e-trunk ${id}`],
    interfaces: (_, { eTrunk }: Member) => (eTrunk === undefined ? [] : [`e-trunk ${eTrunk.id}`]),
  },
  check: checkEtrunks,
  warn: warnOfEtrunks,
  desired: desiredEtrunks,
};
