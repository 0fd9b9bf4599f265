import { numberedObjects } from "../../collections.js";
import type { Feature } from "../../feature.js";
import { vlanId } from "../../language/network-parameters.js";
import { vlanActions, vlanPortActions } from "./actions.js";
import { checkVlans, portInVlan, refusesInRunning, warnOfVlans } from "./checks.js";
import { desiredVlans } from "./desired.js";
import { type VlanSlice, vlansThere } from "./ports.js";
import { DEFAULT_VLAN, switchRows, vlanRows, vlanSystemRows } from "./rows.js";

/** A documented command that does not exist here. */
const NO_TUNNEL = ["port link-type dot1q-tunnel"];

/** `vlan 5` with a description implies `vlan batch 5`. */
function withVlansOfViews(model: VlanSlice): VlanSlice {
  const vlans = vlansThere(model).filter((vlan) => vlan !== DEFAULT_VLAN);
  return vlans.length === 0 ? model : { ...model, vlanBatch: vlans };
}

/** VLANs, the interfaces in Layer 2 mode, and their bridge. */
export const vlan: Feature<VlanSlice> = {
  views: [{ name: "vlan", kind: "a VLAN", collection: "vlans", promptOf: (id) => `vlan${id}` }],
  collections: [numberedObjects("vlans", "vlan", vlanId, { dropsEmpty: true })],
  rows: { system: vlanSystemRows, physical: switchRows, "eth-trunk": switchRows, vlan: vlanRows },
  actions: { system: vlanActions, vlan: vlanPortActions },
  unavailable: { physical: NO_TUNNEL, "eth-trunk": NO_TUNNEL },
  refuses: refusesInRunning,
  userOf: portInVlan,
  concernsAll: ["vlanBatch", "vlanBridge"],
  check: checkVlans,
  warn: warnOfVlans,
  complete: withVlansOfViews,
  desired: desiredVlans,
};
