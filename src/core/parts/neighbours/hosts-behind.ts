import type { Mac } from "../../base/address.js";
import type { IpAddress } from "../../base/ip-address.js";
import type { InterfaceIndex } from "../../base/protocol.js";
import { trunkDevice, trunkOfDevice } from "../../base/trunk-names.js";
import type { NetworkWish } from "../../contract/desired/network.js";
import type { Device } from "../../device/device.js";

/** An interface of this host, and its addresses that are reached over a trunk. */
export interface HostInterface {
  readonly index: InterfaceIndex;
  readonly mac: Mac;
  readonly addresses: readonly IpAddress[];
}

/** The interfaces of this host behind a trunk: the trunk's device, its sub-interfaces, the Vlanif interfaces of its VLANs. */
export function hostsBehind({ desired, links, addresses }: Device, trunk: number): HostInterface[] {
  const vlanifs = desired?.network && vlanifsBehind(desired.network, trunkDevice(trunk));
  return [...links.all()]
    .filter(({ name }) => trunkOfDevice(name) === trunk || vlanifs?.has(name) === true)
    .map(({ index, mac }) => ({ index, mac, addresses: addresses.on(index) }))
    .filter((host) => host.addresses.length > 0);
}

/** Linux names of the Vlanif interfaces in the VLANs that a port of the bridge carries. */
function vlanifsBehind({ interfaces, bridge }: NetworkWish, port: string): ReadonlySet<string> {
  const { untagged, tagged = [] } = bridge?.ports.find(({ device }) => device === port)?.vlans ?? {};
  const vlans = new Set([untagged, ...tagged]);
  const behind = interfaces.filter(({ made }) => made?.kind === "vlanif" && vlans.has(made.vlan));
  return new Set(behind.map(({ device }) => device));
}
