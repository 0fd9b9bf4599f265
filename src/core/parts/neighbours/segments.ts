import type { IpAddress } from "../../base/ip-address.js";
import { NEIGHBOUR_WIDTHS, type NeighbourService, type NeighboursOfProfile } from "../../base/neighbours/tables.js";
import { trunkDevice, trunkName, trunkOfName } from "../../base/trunk-names.js";
import type { NetworkAddress } from "../../contract/desired/network.js";
import type { DesiredRbsProfile } from "../../contract/desired/rbs.js";
import type { AddressState } from "../../contract/host.js";
import type { Device } from "../../device/device.js";
import { EXPIRE_TIME, type OwnNetwork, type Segment } from "../../neighbours/segment.js";

/** An interface under a profile, and the profile that its trunk's table belongs to. */
export interface ProfiledSegment extends Segment {
  readonly profile: string;
  readonly trunk: number;
}

const isOfNeighbours = (service: string): service is NeighbourService => service in NEIGHBOUR_WIDTHS;

/** Of a trunk, or of a sub-interface of it. */
const mainTrunkOf = (name: string): number | undefined => trunkOfName(name.split(".")[0] as string);

/** The tables that the profiles want: one for each of their services of neighbours, where they are bound to a trunk. */
export function wantedTables(profiles: readonly DesiredRbsProfile[]): NeighboursOfProfile[] {
  return profiles.flatMap(({ name: profile, services, interfaces }) => {
    const trunk = interfaces.map(mainTrunkOf).find((found) => found !== undefined);
    return trunk === undefined ? [] : services.filter(isOfNeighbours).map((service) => ({ profile, trunk, service }));
  });
}

/** The interfaces whose hosts are learned: what is bound to a profile, and the sub-interfaces of a trunk that is. */
export function segmentsOf(device: Device): ProfiledSegment[] {
  const { rbsProfiles = [], network, neighbourExpireTimes = {} } = device.desired ?? {};
  const bound = new Map(rbsProfiles.flatMap((profile) => profile.interfaces.map((name) => [name, profile] as const)));
  const configured = new Map(network?.interfaces.map(({ name, addresses }) => [name, addresses]));
  const segments: ProfiledSegment[] = [];
  const add = (name: string, vlan: number, profile: DesiredRbsProfile | undefined): void => {
    const trunk = mainTrunkOf(name);
    const link = device.names.linkOfAny(name);
    if (trunk === undefined || link === undefined || profile === undefined) return;
    const states = device.addresses.statesOn(link.index);
    segments.push({
      profile: profile.name,
      trunk,
      index: link.index,
      name,
      vlans: vlan * 65_536,
      mac: link.mac,
      expireTime: neighbourExpireTimes[name] ?? EXPIRE_TIME,
      ipv4: networksOf(states, true),
      ipv6: [...networksOf(states, false), ...tentativeOf(configured.get(name) ?? [], states)],
      arp: device.neighbours.of(profile.name, "arp"),
      nd: device.neighbours.of(profile.name, "nd"),
    });
  };
  for (const [name, profile] of bound) if (trunkOfName(name) !== undefined) add(name, 0, profile);
  for (const { name, made } of network?.interfaces ?? []) {
    if (made?.kind !== "sub-interface") continue;
    const trunk = mainTrunkOf(name);
    if (trunk === undefined || made.main !== trunkDevice(trunk)) continue;
    add(name, made.vlan, bound.get(name) ?? bound.get(trunkName(trunk)));
  }
  return segments;
}

const networksOf = (states: readonly AddressState[], isIpv4: boolean): OwnNetwork[] =>
  states
    .filter(({ address }) => address.isIpv4 === isIpv4)
    .map(({ address, prefixLength }) => ({ octets: octetsOf(address), length: prefixLength }));

/** IPv6 addresses that are configured and not usable yet. */
const tentativeOf = (configured: readonly NetworkAddress[], usable: readonly AddressState[]): OwnNetwork[] =>
  configured
    .filter(({ address }) => !address.isIpv4 && !usable.some((state) => state.address.text === address.text))
    .map(({ address, length }) => ({ octets: address.octets, length, isTentative: true }));

const octetsOf = ({ isIpv4, octets }: IpAddress): Uint8Array => (isIpv4 ? octets.subarray(12) : octets);
