import type { Mac } from "../../base/address.js";
import type { IpAddress } from "../../base/ip-address.js";

/** What the configuration says of the network of this host besides the trunks: always the whole of it. */
export interface NetworkWish {
  readonly interfaces: readonly NetworkInterface[];
  /** Undefined: nothing is a port of it and nobody lives on it. */
  readonly bridge: NetworkBridge | undefined;
  readonly routes: readonly StaticRoute[];
}

/** An interface: one that is there or comes, or one to be made. What is undefined is left as it is found. */
export interface NetworkInterface {
  /** Configured name, for messages. */
  readonly name: string;
  /** Linux name. */
  readonly device: string;
  /** Undefined: others make it. */
  readonly made: MadeInterface | undefined;
  readonly mac: Mac | undefined;
  readonly mtu: number | undefined;
  /** `ipv6 enable`; false: nothing is said. */
  readonly ipv6: boolean;
  readonly ipv6Mtu: number | undefined;
  /** In the order of the configuration: the first of a network is the one that speaks. */
  readonly addresses: readonly NetworkAddress[];
  /** In place of the one the kernel makes of the MAC address. */
  readonly linkLocal: IpAddress | undefined;
  /** Another device may have the same addresses, so they are not probed for: an E-Trunk's member. */
  readonly isShared: boolean;
}

/** An interface that exists because the configuration says so. */
export type MadeInterface = {
  readonly up: boolean;
  readonly alias: string | undefined;
} & (
  | { readonly kind: "loopback" }
  /** `main`: the Linux name of the interface whose frames with the tag are its own. */
  | { readonly kind: "sub-interface"; readonly main: string; readonly vlan: number }
  /** The host in a VLAN of the bridge. */
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

/** A port of the bridge and the VLANs it carries. Where the kernel cannot filter all ports carry the same. */
export interface BridgePort {
  /** Linux name. */
  readonly device: string;
  readonly vlans: PortVlans;
}

export interface PortVlans {
  /** Of frames without a tag, and without one it leaves; undefined: those are dropped. */
  readonly untagged: number | undefined;
  /** Ascending. */
  readonly tagged: readonly number[];
}

export interface StaticRoute {
  readonly destination: IpAddress;
  readonly length: number;
  /** `preference`: of several routes to a destination the smallest is used. */
  readonly metric: number;
  /** Those that are neighbours share the traffic. */
  readonly gateways: readonly IpAddress[];
}
