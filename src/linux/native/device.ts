import { addon } from "./addon.js";
import type { Netlink } from "./netlink.js";

/** What a kernel can make; `vlanFiltering` is a bridge's. */
export interface DeviceKinds {
  readonly dummy: boolean;
  readonly vlan: boolean;
  readonly bridge: boolean;
  readonly vlanFiltering: boolean;
}

/** A device to be made. */
interface DeviceWish {
  readonly kind: "dummy" | "vlan" | "bridge";
  readonly name: string;
  /** Undefined: the kernel's choice. */
  readonly mac: number | undefined;
  readonly group: number;
  /** Interface index of the device a VLAN device stands on, and its VLAN ID; else 0. */
  readonly main: number;
  readonly vlan: number;
}

/** The greatest MTU of a veth. */
export const MOST_MTU = 65_535;

/** Group and MTU are the peer's. */
interface VethWish {
  readonly name: string;
  readonly peer: string;
  readonly mac: number;
  readonly group: number;
  readonly mtu: number;
}

interface DeviceFunctions {
  /** The device is down. */
  deviceCreate(netlink: Netlink, wish: DeviceWish): number;
  /** What this kernel has; loads its modules. Nothing is seen without CAP_NET_ADMIN. */
  deviceKinds(netlink: Netlink): DeviceKinds;
  /** Both ends are down. */
  vethCreate(netlink: Netlink, wish: VethWish): number;
}

export const deviceAddon = (): DeviceFunctions => addon();
