import type { Feature } from "../../feature.js";
import { trunkActions } from "./actions.js";
import { checkTrunks, memberOfTrunk, refusesMode } from "./checks.js";
import { desiredTrunks } from "./desired.js";
import { keptRows, lacpRows, lacpSystemRows } from "./lacp-rows.js";
import { memberRows, membershipRows } from "./member-rows.js";
import { trunkRows } from "./rows.js";
import type { EthTrunkSlice } from "./slice.js";

/** Eth-Trunks, manual and with static LACP, and their members. */
export const ethTrunk: Feature<EthTrunkSlice> = {
  views: [{ name: "eth-trunk", kind: "an Eth-Trunk", collection: "interfaces", promptOf: (name) => name }],
  rows: {
    system: lacpSystemRows,
    physical: { ...membershipRows, ...memberRows },
    "eth-trunk": { ...trunkRows, ...lacpRows, ...keptRows },
  },
  actions: { "eth-trunk": trunkActions },
  unavailable: { "eth-trunk": ["mode lacp-dynamic"] },
  words: {
    lacp: "Link Aggregation Control Protocol",
    least: "Lower threshold of active links",
    max: "Upper threshold of active links",
    preempt: "Preemption by a better port",
    vrrp: "Virtual Router Redundancy Protocol",
  },
  refuses: refusesMode,
  userOf: memberOfTrunk,
  check: checkTrunks,
  desired: desiredTrunks,
};
