import type { Mac } from "../base/address.js";
import type { NeighbourTable } from "../base/neighbours/table.js";
import type { InterfaceIndex } from "../base/protocol.js";

/** An address of this host, 4 or 16 octets, and the bits of its network. */
export interface OwnNetwork {
  readonly octets: Uint8Array;
  readonly length: number;
  /** Duplicate address detection holds it back (RFC 4862 5.4): its network is ours, and nothing is sent from it. */
  readonly isTentative?: true;
}

/** Seconds; the default of `arp expire-time` (behaviour.md 4). */
export const EXPIRE_TIME = 1_200;

/** An interface over a trunk whose hosts are learned, and the tables that hold them. */
export interface Segment {
  readonly index: InterfaceIndex;
  /** Configured name. */
  readonly name: string;
  /** As in the tables: outer VLAN * 65,536; 0 of the trunk itself. */
  readonly vlans: number;
  readonly mac: Mac;
  /** Seconds without a packet of a host after which it is asked whether it is still there. */
  readonly expireTime: number;
  readonly ipv4: readonly OwnNetwork[];
  readonly ipv6: readonly OwnNetwork[];
  /** Undefined where the profile does not back them up. */
  readonly arp: NeighbourTable | undefined;
  readonly nd: NeighbourTable | undefined;
}

export function isIn({ octets, length }: OwnNetwork, address: Uint8Array): boolean {
  for (let n = 0; n < octets.length && 8 * n < length; n++) {
    const mask = (0xff00 >> Math.min(8, length - 8 * n)) & 0xff;
    if ((((octets[n] as number) ^ (address[n] as number)) & mask) !== 0) return false;
  }
  return true;
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => {
  for (let n = 0; n < one.length; n++) if (one[n] !== other[n]) return false;
  return true;
};

/** Our address in the network of a host, from which it can be asked. */
export const towards = (networks: readonly OwnNetwork[], host: Uint8Array): Uint8Array | undefined =>
  networks.find((network) => network.isTentative !== true && isIn(network, host))?.octets;

export const isOwnAddress = (networks: readonly OwnNetwork[], address: Uint8Array): boolean =>
  networks.some(({ octets }) => isSame(octets, address));
