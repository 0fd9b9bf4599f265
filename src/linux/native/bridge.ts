import { addon } from "./addon.js";
import type { Netlink } from "./netlink.js";

/** BRIDGE_VLAN_INFO_*: frames without a tag are of this VLAN; frames of it leave without a tag. */
export const PORT_VLAN = { pvid: 2, untagged: 4 } as const;

/** A VLAN of a bridge port, or of a bridge itself. */
interface KernelPortVlan {
  readonly index: number;
  readonly vlan: number;
  /** PORT_VLAN */
  readonly flags: number;
}

/** VLANs in a row; `self` for those of the bridge itself. */
interface PortVlanRange {
  readonly self: boolean;
  readonly first: number;
  readonly last: number;
  /** PORT_VLAN */
  readonly flags: number;
}

interface BridgeFunctions {
  /** `pvid`: the VLAN that new ports and the bridge itself are in untagged, 0 for none. */
  bridgeFilter(netlink: Netlink, ifindex: number, on: boolean, pvid: number | undefined): number;
  portVlan(netlink: Netlink, ifindex: number, on: boolean, range: PortVlanRange): number;
  /** Of every port and bridge. */
  portVlans(netlink: Netlink): KernelPortVlan[] | number;
  /** Writes the VLANs of one port into a bitmap of 512 octets; EINVAL or EOPNOTSUPP from a kernel that cannot tell. */
  portVlanSet(netlink: Netlink, port: number, set: Uint8Array): number;
}

export const bridgeAddon = (): BridgeFunctions => addon();
