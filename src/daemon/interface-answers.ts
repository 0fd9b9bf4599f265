import { type ListedInterface, type ListedVlan, mainNameOf } from "../config/listed-interfaces.js";
import { macToColons } from "../core/base/address.js";
import type { Micros } from "../core/base/time.js";
import { trunkName } from "../core/base/trunk-names.js";
import type { AddressState, LinkState } from "../core/contract/host.js";
import { speedOf } from "../core/device/link-speed.js";
import type { Engine } from "../core/engine/engine.js";
import type { TrunkView } from "../core/parts/trunks/views.js";
import type { TrafficCounters } from "../linux/traffic-counters.js";
import type { InterfaceLine, IpAddressLine, VlanLine } from "./control-messages.js";
import type { LinkTimes } from "./link-times.js";
import type { TrafficHistory } from "./traffic-rates.js";

/** What lines of interfaces are made of. */
export interface InterfaceSources {
  readonly engine: Engine;
  readonly links: readonly LinkState[];
  readonly times: LinkTimes;
  readonly history: TrafficHistory;
  readonly counters: ReadonlyMap<string, TrafficCounters>;
  readonly now: Micros;
  /** ISO 8601 UTC of a time of that clock. */
  date(at: number): string;
}

type PhysicalState = InterfaceLine["physicalState"];

/** The lines of `display interface`, of all interfaces there are to show. */
export function interfaceLines(all: readonly ListedInterface[], sources: InterfaceSources): InterfaceLine[] {
  const links = new Map(sources.links.map((link) => [link.name, link]));
  const trunks = new Map(sources.engine.trunks().map((trunk) => [trunkName(trunk.id), trunk]));
  const listed = new Map(all.map((each) => [each.name, each]));
  const speedNamed = (name: string): number => {
    const { speed, device = "" } = listed.get(name) ?? {};
    return speedOf(speed, links.get(device));
  };
  return all.map((each) => line(each, { ...sources, links, speedNamed, trunk: trunks.get(mainOf(each)) }));
}

const mainOf = ({ name, kind }: ListedInterface): string => (kind === "sub-interface" ? mainNameOf(name) : name);

interface Surroundings extends Omit<InterfaceSources, "links"> {
  readonly links: ReadonlyMap<string, LinkState>;
  /** The trunk it is, or is a sub-interface of. */
  readonly trunk: TrunkView | undefined;
  speedNamed(name: string): number;
}

function line(each: ListedInterface, sources: Surroundings): InterfaceLine {
  const { engine, trunk, now, date } = sources;
  const { name, kind, ethTrunk, description, vlan, ipv6, portswitch } = each;
  const link = linkOf(each, sources.links);
  const addresses = addressesOf(each, link, engine);
  const physicalState = physicalStateOf(each, link, engine);
  const spoofing = kind === "null" || kind === "loopback";
  const isAddressed = portswitch || ethTrunk !== undefined || addresses.length > 0;
  const counters = link === undefined || spoofing ? undefined : sources.counters.get(link.name);
  const { up, down } = sources.times.of(link?.name ?? each.device ?? "");
  return {
    name,
    kind,
    interface: link?.name ?? null,
    ifindex: link?.index ?? null,
    physicalState,
    protocolState: spoofing || (physicalState === "up" && isAddressed) ? "up" : "down",
    spoofing,
    etrunkDown: trunk?.memberState === "Backup",
    description: description ?? null,
    layer: portswitch ? 2 : 3,
    ethTrunk: ethTrunk ?? null,
    vlan: vlan ?? null,
    mac: link === undefined || link.mac === 0 ? null : macToColons(link.mac),
    mtu: link?.mtu ?? null,
    ...bandwidths(each, sources),
    hashArithmetic: kind === "eth-trunk" ? (trunk?.hashArithmetic ?? null) : null,
    ports: kind === "eth-trunk" ? (trunk?.ports ?? []).map(portLine) : [],
    ipv4: addresses.filter(({ address }) => address.isIpv4).map(addressLine),
    ipv6Enabled: ipv6,
    ipv6: addresses.filter(({ address }) => !address.isIpv4).map(addressLine),
    lastUp: up === undefined ? null : date(up),
    lastDown: down === undefined ? null : date(down),
    counters: counters ?? null,
    rates: (link && counters && sources.history.rates(link.name, now, counters)) ?? null,
  };
}

const portLine = ({ name, status, weight }: TrunkView["ports"][number]) => ({ name, status, weight });
const addressLine = ({ address, prefixLength }: AddressState): IpAddressLine => ({
  address: address.text,
  length: prefixLength,
});

/** A loopback interface is `lo` where the kernel has no dummy devices. */
const linkOf = ({ kind, device = "" }: ListedInterface, links: ReadonlyMap<string, LinkState>) =>
  links.get(device) ?? (kind === "loopback" ? links.get("lo") : undefined);

/** On `lo` only its own, for all loopback interfaces are there. */
function addressesOf(each: ListedInterface, link: LinkState | undefined, engine: Engine): readonly AddressState[] {
  const all = link === undefined ? [] : engine.addressesOn(link.index);
  return link?.name === "lo" ? all.filter(({ address }) => each.addresses.includes(address.text)) : all;
}

function physicalStateOf(each: ListedInterface, link: LinkState | undefined, engine: Engine): PhysicalState {
  if (each.kind === "null" || each.kind === "loopback") return "up";
  if (each.shutdown) return "administratively-down";
  if (engine.isStandby(each.name)) return "standby";
  if (link === undefined) return "down";
  if (!link.up) return "administratively-down";
  return link.carrier ? "up" : "down";
}

function bandwidths({ name, kind }: ListedInterface, { trunk, speedNamed }: Surroundings) {
  if (kind === "physical") return { bandwidth: speedNamed(name), currentBandwidth: speedNamed(name) };
  if (kind !== "eth-trunk" || trunk === undefined) return { bandwidth: null, currentBandwidth: null };
  const sum = (ports: TrunkView["ports"]): number => ports.reduce((total, port) => total + speedNamed(port.name), 0);
  return { bandwidth: sum(trunk.ports), currentBandwidth: sum(trunk.ports.filter(({ distributing }) => distributing)) };
}

/** The lines of `display vlan`. */
export function vlanLines(vlans: readonly ListedVlan[], interfaces: readonly InterfaceLine[]): VlanLine[] {
  const up = new Set(interfaces.filter(({ physicalState }) => physicalState === "up").map(({ name }) => name));
  return vlans.map(({ id, description, vlanif, ports }) => ({
    id,
    description: description ?? null,
    vlanif: vlanif ?? null,
    ports: ports.map((port) => ({ ...port, up: up.has(port.name) })),
  }));
}
