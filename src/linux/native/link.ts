import { addon } from "./addon.js";
import type { Netlink } from "./netlink.js";

/** linux/if.h: the interface is administratively up. */
export const IFF_UP = 1;

/** An interface as RTM_NEWLINK and RTM_DELLINK describe it. */
export interface KernelLink {
  readonly index: number;
  readonly name: string;
  /** Empty for none. */
  readonly alias: string;
  /** IFF_* */
  readonly flags: number;
  /** 1, 0, or -1 when the kernel did not say. */
  readonly carrier: number;
  /** IF_OPER_* */
  readonly operstate: number;
  readonly mac: number;
  readonly mtu: number;
  readonly iflink: number;
  /** IFLA_GROUP; 0 when in none. */
  readonly group: number;
  /** Interface index of the bridge or other master it is a port of; 0 for none. */
  readonly master: number;
  /** IFLA_INFO_KIND: `veth`, `bridge`, `tun`; empty for a NIC. */
  readonly kind: string;
  /** Of a VLAN device; else 0. */
  readonly vlan: number;
  /** A bridge that filters by VLAN. */
  readonly filtering: boolean;
  readonly present: boolean;
  /** Of one that is gone: it went to another network namespace. Kernels before 4.16 do not say it. */
  readonly moved: boolean;
  /** Mbit/s of a NIC; 0 where unknown, and for an interface that has a kind. */
  readonly speed: number;
}

/** What is to be of a link; what is left out stays as it is. */
export interface LinkWish {
  readonly up?: boolean | undefined;
  readonly alias?: string | undefined;
  readonly mac?: number | undefined;
  readonly mtu?: number | undefined;
}

interface LinkFunctions {
  linkSet(netlink: Netlink, name: string, wish: LinkWish): number;
  linkGet(netlink: Netlink, nameOrIndex: string | number): KernelLink | number;
  linkList(netlink: Netlink): KernelLink[] | number;
  /** Port of a bridge; 0 of none. */
  linkMaster(netlink: Netlink, ifindex: number, master: number): number;
  linkRemove(netlink: Netlink, ifindex: number): number;
  /** Every link of a group at once. */
  linkRemoveGroup(netlink: Netlink, group: number): number;
  linkGroup(netlink: Netlink, ifindex: number, group: number): number;
  linkPromiscuous(netlink: Netlink, ifindex: number, on: boolean): number;
}

export const linkAddon = (): LinkFunctions => addon();
