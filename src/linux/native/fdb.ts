import { addon } from "./addon.js";
import type { Netlink } from "./netlink.js";

interface FdbFunctions {
  /** Dynamic entries of a bridge's port, of one VLAN or for 0 of all. EINVAL or EOPNOTSUPP from a kernel before 5.19. */
  fdbFlush(netlink: Netlink, bridge: number, port: number, vlan: number): number;
  /** The same one by one, of any set of VLANs (a bitmap of 512 octets) and on any kernel; returns how many. */
  fdbSweep(netlink: Netlink, bridge: number, port: number, vlans: Uint8Array | undefined): number;
  /** Probes ARP and ND entries of an interface, so many at once and the others at their next use; returns how many. */
  neighbourProbe(netlink: Netlink, ifindex: number, most: number): number;
  /** Writes rows of ifindex and VLAN of the VLAN devices on an interface; returns how many there are. */
  vlanDevices(netlink: Netlink, ifindex: number, rows: Uint32Array): number;
}

export const fdbAddon = (): FdbFunctions => addon();
