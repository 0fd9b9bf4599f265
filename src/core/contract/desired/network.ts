import type { Mac } from "../../base/address.js";
import type { IpAddress } from "../../base/ip-address.js";

/** Settings of this host's network besides the trunks, always all of them. */
export interface NetworkWish {
  readonly interfaces: readonly NetworkInterface[];
  /** The bridge; undefined when no interface is in it and no Vlanif on it. */
  readonly bridge: NetworkBridge | undefined;
  readonly routes: readonly StaticRoute[];
}

/** An interface that exists, comes later, or is to be made. Undefined settings are left as they are found. */
export interface NetworkInterface {
  /** Configured name, for messages. */
  readonly name: string;
  /** Linux name. */
  readonly device: string;
  /** How it is made; undefined: other software makes it. */
  readonly made: MadeInterface | undefined;
  readonly mac: Mac | undefined;
  readonly mtu: number | undefined;
  /** `ipv6 enable`; false: IPv6 is left as it is. */
  readonly ipv6: boolean;
  readonly ipv6Mtu: number | undefined;
  /** Addresses in the order of the configuration; the first one of a network is the source address there. */
  readonly addresses: readonly NetworkAddress[];
  /** Link-local address instead of the one that the kernel makes of the MAC address. */
  readonly linkLocal: IpAddress | undefined;
  /** The interface is a member of an E-Trunk: the other PE has the same addresses, so they are not probed for. */
  readonly isShared: boolean;
}

/** An interface that the daemon makes, since the configuration says so. */
export type MadeInterface = {
  readonly up: boolean;
  readonly alias: string | undefined;
} & (
  | { readonly kind: "loopback" }
  /** `main`: the Linux name of the interface whose frames with the tag are its own. */
  | { readonly kind: "sub-interface"; readonly main: string; readonly vlan: number }
  /** The host's own interface in a VLAN of the bridge. */
  | { readonly kind: "vlanif"; readonly vlan: number }
);

export interface NetworkAddress {
  readonly address: IpAddress;
  readonly length: number;
  /** `address` is a prefix of 64 bits; the rest is made of the MAC address (RFC 4291 2.5.1). */
  readonly eui64: boolean;
}

/** The bridge of the interfaces in Layer 2 mode. */
export interface NetworkBridge {
  /** Linux name; one that is there already is adopted. */
  readonly device: string;
  readonly ports: readonly BridgePort[];
}

/** An interface in the bridge and its VLANs. Where the kernel cannot filter VLANs, all interfaces carry the same. */
export interface BridgePort {
  /** Linux name. */
  readonly device: string;
  readonly vlans: PortVlans;
}

export interface PortVlans {
  /** VLAN of untagged frames, in both directions; undefined: they are dropped. */
  readonly untagged: number | undefined;
  /** VLANs of tagged frames, ascending. */
  readonly tagged: readonly number[];
}

export interface StaticRoute {
  readonly destination: IpAddress;
  readonly length: number;
  /** `preference`: of several routes to a destination the smallest is used. */
  readonly metric: number;
  /** Gateways; those that are reachable neighbours share the traffic. */
  readonly gateways: readonly IpAddress[];
}
