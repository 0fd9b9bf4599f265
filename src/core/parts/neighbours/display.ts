import { type Mac, macToColons } from "../../base/address.js";
import { addressText } from "../../base/neighbours/address-text.js";
import type { NeighbourTable } from "../../base/neighbours/table.js";
import { EXPIRE_TIME, type Segment } from "../../neighbours/segment.js";

/** One entry of `display arp` or `display ipv6 neighbors`. */
export interface NeighbourView {
  readonly address: string;
  readonly mac: string;
  /** The interface, or the trunk of a VLAN that this PE has no interface for. */
  readonly interface: string;
  /** Null: untagged. */
  readonly vlan: number | null;
  /** `interface`: our own address. */
  readonly type: "interface" | "dynamic" | "remote-backup";
  /** Seconds until the host is asked; null of what does not age. */
  readonly expiresIn: number | null;
  /** Seconds since the host was heard; null of our own address. */
  readonly heard: number | null;
  readonly isRouter: boolean;
  /** It was given to the kernel; false of a VLAN or network that this PE lacks. */
  readonly installed: boolean;
  /** Probes that were not answered. */
  readonly probes: number;
}

export const ownView = ({ name, vlans }: Segment, octets: Uint8Array, mac: Mac): NeighbourView => ({
  address: addressText(octets),
  mac: macToColons(mac),
  interface: name,
  vlan: vlans === 0 ? null : Math.floor(vlans / 65_536),
  type: "interface",
  expiresIn: null,
  heard: null,
  isRouter: false,
  installed: true,
  probes: 0,
});

/** `place`: the name where the entry has no interface. `now`: seconds. */
export function entryView(
  table: NeighbourTable,
  row: number,
  segment: Segment | undefined,
  place: string,
  now: number,
): NeighbourView {
  const isOwn = table.isOwn(row);
  const heard = isOwn ? table.heard(row) : table.copyHeard(row);
  const ages = isOwn || table.copiesAge;
  const probes = table.probes[row] as number;
  const expiry = Math.max(heard + (segment?.expireTime ?? EXPIRE_TIME), table.ageFrom);
  return {
    address: addressText(table.addressAt(row)),
    mac: macToColons(table.mac(row)),
    interface: segment?.name ?? place,
    vlan: table.vlans(row) === 0 ? null : Math.floor(table.vlans(row) / 65_536),
    type: isOwn ? "dynamic" : "remote-backup",
    expiresIn: ages ? Math.max(0, expiry - now) : null,
    heard: Math.max(0, now - heard),
    isRouter: table.isRouter(row),
    installed: segment !== undefined && table.isCurrent(row),
    probes: probes > 3 ? 0 : probes,
  };
}
