import { keyOf } from "../../../core/base/lacp.js";
import type { Feature } from "../../feature.js";
import { kindOf, numberOf } from "../interfaces/slice.js";
import { trunkActions } from "./actions.js";
import { checkTrunks, memberOfTrunk, refusesMode } from "./checks.js";
import { desiredTrunks } from "./desired.js";
import { keptRows, lacpRows, lacpSystemRows } from "./lacp-rows.js";
import { memberRows, membershipRows } from "./member-rows.js";
import { trunkRows } from "./rows.js";
import type { EthTrunkSlice, Member, Trunk } from "./slice.js";

/** A trunk is tied to its members, and to the trunks whose port key may be its own, with their members. */
function tiesOfTrunk(name: string, { ethTrunk, lacpPortkey: key }: Member & Pick<Trunk, "lacpPortkey">): string[] {
  const trunk = kindOf(name) === "eth-trunk" ? numberOf(name) : ethTrunk?.id;
  if (trunk === undefined) return [];
  const automatic = automaticKeysOf(keyOf(trunk, 0));
  if (key === undefined) return [`trunk ${trunk}`, automatic];
  // Another key than such a one is no trunk's unless it is configured.
  const mayBeAutomatic = (key & 0xf) === (keyOf(trunk, 0) & 0xf);
  return [`trunk ${trunk}`, `port key ${key}`, ...(mayBeAutomatic ? [automaticKeysOf(key)] : [])];
}

/** Automatic keys differ by the trunk in their upper octet. */
const automaticKeysOf = (key: number): string => `port keys ${key >> 8}`;

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
  ties: { interfaces: tiesOfTrunk },
  concernsAll: ["lacpETrunkSystemId"],
  check: checkTrunks,
  desired: desiredTrunks,
};
