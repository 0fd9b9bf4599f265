import { withVlans } from "./language/network-parameters.js";
import { type Model, type PhysicalModel, switchPortsOf, type TrunkModel } from "./model.js";
import type { AllowedVlans } from "./switch-rows.js";
import { DEFAULT_VLAN } from "./vlan-view.js";

/** An interface as far as Layer 2 mode goes. */
export type SwitchPort = Pick<
  PhysicalModel & TrunkModel,
  "portswitch" | "portLinkType" | "portDefaultVlan" | "portTrunkPvidVlan" | "portTrunkAllowPassVlan"
>;

/** The VLANs there are, ascending. One that has a view of its own is there. */
export const vlansThere = (model: Model): number[] =>
  withVlans([DEFAULT_VLAN, ...Object.keys(model.vlans ?? {}).map(Number)], model.vlanBatch ?? []);

/** VLAN of untagged frames, whether it is there or not. */
export const pvidOf = ({ portLinkType, portDefaultVlan, portTrunkPvidVlan }: SwitchPort): number =>
  (portLinkType === "trunk" ? portTrunkPvidVlan : portDefaultVlan) ?? DEFAULT_VLAN;

/** The VLANs a port carries: those of its lines that are there. */
export function vlansOfPort(model: Model, port: SwitchPort) {
  const there = vlansThere(model);
  const pvid = pvidOf(port);
  const allowed: AllowedVlans = port.portLinkType === "access" ? [] : (port.portTrunkAllowPassVlan ?? []);
  const listed = new Set(allowed === "all" ? there : allowed);
  return {
    untagged: there.includes(pvid) ? pvid : undefined,
    tagged: there.filter((vlan) => vlan !== pvid && listed.has(vlan)),
  };
}

/** The ports of the bridge. */
export const bridgePortsOf = (model: Model): [name: string, port: SwitchPort][] =>
  switchPortsOf(model).filter(([, { portswitch }]) => portswitch);
