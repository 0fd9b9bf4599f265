import { mainNameOf } from "../../config/features/interfaces/devices.js";
import type { ListedInterface, ListedKind } from "../../config/features/layer3/listed-interfaces.js";
import type { ListedVlan } from "../../config/features/vlan/listed-vlans.js";
import { macToColons } from "../../core/base/address.js";
import { trunkOfName } from "../../core/base/trunk-names.js";
import type { AddressState, LinkState } from "../../core/contract/host.js";
import { type Moment, Refusal } from "../../core/contract/questions.js";
import { speedOf } from "../../core/device/link-speed.js";
import type { Engine } from "../../core/engine/engine.js";
import type { TrunkView } from "../../core/parts/trunks/questions.js";
import type { TrafficCounters, TrafficTable } from "../../linux/traffic-counters.js";
import type { LinkTimes } from "./link-times.js";
import type { TrafficHistory, TrafficRates } from "./traffic-rates.js";

/** An interface of the configuration: what it is to be, and what is under it. What is not known is null. */
export interface InterfaceView {
  readonly name: string;
  readonly kind: ListedKind;
  /** Linux name; null while there is none. */
  readonly interface: string | null;
  readonly ifindex: number | null;
  /** `standby`: down because another member, or another device, carries. */
  readonly physicalState: "up" | "down" | "administratively-down" | "standby";
  readonly protocolState: "up" | "down";
  /** NULL and loopback interfaces, which are up whatever happens. */
  readonly spoofing: boolean;
  /** Down because the other device of its E-Trunk carries. */
  readonly etrunkDown: boolean;
  readonly description: string | null;
  readonly layer: 2 | 3;
  /** The Eth-Trunk it is a member of. */
  readonly ethTrunk: number | null;
  /** Tag of a sub-interface, VLAN of a Vlanif. */
  readonly vlan: number | null;
  readonly mac: string | null;
  readonly mtu: number | null;
  /** Mbit/s: of a trunk what its members have together, and those that carry. */
  readonly bandwidth: number | null;
  readonly currentBandwidth: number | null;
  readonly hashArithmetic: string | null;
  readonly ports: readonly Pick<TrunkView["ports"][number], "name" | "status" | "weight">[];
  readonly ipv4: readonly IpAddressView[];
  readonly ipv6Enabled: boolean;
  readonly ipv6: readonly IpAddressView[];
  /** ISO 8601 UTC, when the link last came up and went down in the life of the daemon. */
  readonly lastUp: string | null;
  readonly lastDown: string | null;
  readonly counters: TrafficCounters | null;
  /** Over the last 300 seconds, or since the daemon watches. */
  readonly rates: TrafficRates | null;
}

interface IpAddressView {
  readonly address: string;
  readonly length: number;
}

export interface VlanView {
  readonly id: number;
  readonly description: string | null;
  /** The host's interface in it. */
  readonly vlanif: string | null;
  readonly ports: readonly {
    readonly name: string;
    readonly tagged: boolean;
    readonly pvid: boolean;
    readonly up: boolean;
  }[];
}

/** What is known of interfaces at one moment. */
export interface InterfaceSources extends Moment {
  readonly engine: Engine;
  /** By Linux name. */
  readonly links: ReadonlyMap<string, LinkState>;
  readonly times: LinkTimes;
  readonly history: TrafficHistory;
  readonly counters: TrafficTable;
}

/** `display interface`: all interfaces there are to show, one by one. */
export function* interfaceViews(all: readonly ListedInterface[], sources: InterfaceSources): Generator<InterfaceView> {
  const listed = new Map(all.map((each) => [each.name, each]));
  const speedNamed = (name: string): number => {
    const { speed, device = "" } = listed.get(name) ?? {};
    return speedOf(speed, sources.links.get(device));
  };
  // Those of a trunk's sub-interfaces follow it.
  let last: { readonly name: string; readonly trunk: TrunkView | undefined } | undefined;
  for (const each of all) {
    const name = each.kind === "sub-interface" ? mainNameOf(each.name) : each.name;
    if (last?.name !== name) last = { name, trunk: trunkNamed(name, sources) };
    yield interfaceView(each, { ...sources, speedNamed, trunk: last.trunk });
  }
}

function trunkNamed(name: string, { engine, now, date }: InterfaceSources): TrunkView | undefined {
  const id = trunkOfName(name);
  if (id === undefined) return undefined;
  const answer = engine.ask("eth-trunk", { id }, { now, date });
  return answer instanceof Refusal || "trunks" in answer ? undefined : answer;
}

interface Surroundings extends InterfaceSources {
  /** The trunk it is, or is a sub-interface of. */
  readonly trunk: TrunkView | undefined;
  speedNamed(name: string): number;
}

function interfaceView(each: ListedInterface, sources: Surroundings): InterfaceView {
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
const addressLine = ({ address, prefixLength }: AddressState): IpAddressView => ({
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

function physicalStateOf(
  each: ListedInterface,
  link: LinkState | undefined,
  engine: Engine,
): InterfaceView["physicalState"] {
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

/** `display vlan`, VLAN by VLAN; `interfaces` are those of the configuration. */
export function* vlanViews(
  vlans: Iterable<ListedVlan>,
  interfaces: readonly ListedInterface[],
  { engine, links }: Pick<InterfaceSources, "engine" | "links">,
): Generator<VlanView> {
  const listed = new Map(interfaces.map((each) => [each.name, each]));
  const isUp = (name: string): boolean => {
    const each = listed.get(name);
    return each !== undefined && physicalStateOf(each, linkOf(each, links), engine) === "up";
  };
  for (const { id, description, vlanif, ports } of vlans)
    yield {
      id,
      description: description ?? null,
      vlanif: vlanif ?? null,
      ports: ports.map((port) => ({ ...port, up: isUp(port.name) })),
    };
}
