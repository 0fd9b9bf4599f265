import { withVlans } from "../../language/network-parameters.js";
import { filled, type RecordOf } from "../../language/setting.js";
import { type Interfaces, switchPortsOf } from "../interfaces/slice.js";
import { type AllowedVlans, DEFAULT_VLAN, switchRows, type vlanRows, type vlanSystemRows } from "./rows.js";

/** The Layer 2 settings of an interface. */
export type SwitchPort = RecordOf<typeof switchRows>;

export type VlanSlice = RecordOf<typeof vlanSystemRows> &
  Interfaces<SwitchPort & { linuxInterface?: string; ethTrunk?: object }> & {
    /** VLANs with settings of their own, by number. */
    vlans?: { [id: string]: RecordOf<typeof vlanRows> };
  };

/** The settings that make VLANs exist. */
type Vlans = { readonly vlanBatch?: readonly number[]; readonly vlans?: object };

/** The existing VLANs, ascending; a VLAN with a view of its own exists. */
export const vlansThere = (model: Vlans): number[] =>
  withVlans([DEFAULT_VLAN, ...Object.keys(model.vlans ?? {}).map(Number)], model.vlanBatch ?? []);

export const vlanExists = (model: Vlans, vlan: number): boolean =>
  vlan === DEFAULT_VLAN || (model.vlanBatch?.includes(vlan) ?? false) || Object.hasOwn(model.vlans ?? {}, String(vlan));

/** VLAN of untagged frames, also when it does not exist. */
export function pvidOf(port: SwitchPort): number {
  const { portLinkType, portDefaultVlan, portTrunkPvidVlan } = filled(switchRows, port);
  return portLinkType === "trunk" ? portTrunkPvidVlan : portDefaultVlan;
}

/** The VLANs that an interface carries: the existing ones of its lines. */
export function vlansOfPort(model: Vlans, port: SwitchPort) {
  const there = vlansThere(model);
  const pvid = pvidOf(port);
  const { portLinkType } = filled(switchRows, port);
  const allowed: AllowedVlans = portLinkType === "access" ? [] : (port.portTrunkAllowPassVlan ?? []);
  const listed = new Set(allowed === "all" ? there : allowed);
  return {
    untagged: there.includes(pvid) ? pvid : undefined,
    tagged: there.filter((vlan) => vlan !== pvid && listed.has(vlan)),
  };
}

/** The same with the VLAN of untagged frames among them. */
export function carriedBy(model: Vlans, port: SwitchPort): number[] {
  const { untagged, tagged } = vlansOfPort(model, port);
  return untagged === undefined ? tagged : [...tagged, untagged];
}

/** The ports of the bridge. */
export const bridgePortsOf = <Port extends SwitchPort>(model: Interfaces<Port>): [name: string, port: Port][] =>
  switchPortsOf(model).filter(([, { portswitch }]) => portswitch);
