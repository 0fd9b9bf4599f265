import { parseMac } from "../core/base/address.js";
import { type IpAddress, parseIpAddress } from "../core/base/ip-address.js";
import { trunkDevice, trunkName } from "../core/base/trunk-names.js";
import type {
  BridgePort,
  MadeInterface,
  NetworkAddress,
  NetworkBridge,
  NetworkInterface,
  NetworkWish,
  StaticRoute,
} from "../core/contract/desired/network.js";
import {
  type Bindings,
  deviceOf,
  loopbackDevice,
  mainDevice,
  mainOf,
  subInterfaceDevice,
  vlanifDevice,
} from "./devices.js";
import { parseInterfaceName } from "./language/interface-name.js";
import {
  interfaceOf,
  loopbacksOf,
  type Model,
  type PhysicalModel,
  physicalsOf,
  type SubInterfaceModel,
  subInterfacesOf,
  type TrunkModel,
  trunksOf,
  vlanifsOf,
} from "./model.js";
import { DEFAULT_PREFERENCE, type RouteEntry } from "./route-rows.js";
import { bridgePortsOf, vlansOfPort } from "./switch-ports.js";
import { DEFAULT_BRIDGE } from "./system-view.js";

/** What a model asks of the network of this host. The model must be free of problems. */
export function desiredNetwork(model: Model, bindings: Bindings): NetworkWish {
  return {
    interfaces: [
      ...trunksOf(model).map(([id, trunk]) => trunkWish(id, trunk)),
      ...physicalsOf(model).flatMap(([name, physical]) => physicalWish(model, name, physical, bindings)),
      ...subInterfacesOf(model).flatMap(([name, sub]) => subInterfaceWish(model, name, sub, bindings)),
      ...loopbacksOf(model).map(([name, loopback]) => {
        const made = { kind: "loopback", up: true, alias: loopback.description } as const;
        return wishOf(name, loopbackDevice(numberOf(name)), loopback, { made });
      }),
      ...vlanifsOf(model).map(([name, vlanif]) => {
        const vlan = numberOf(name);
        const made = { kind: "vlanif", vlan, ...looksOf(vlanif) } as const;
        return wishOf(name, vlanifDevice(vlan), vlanif, { made });
      }),
    ].filter(saysSomething),
    bridge: bridgeWish(model, bindings),
    routes: [...routesOf(model.ipRouteStatic ?? []), ...routesOf(model.ipv6RouteStatic ?? [])],
  };
}

const numberOf = (name: string): number => parseInterfaceName(name)!.numbers[0]!;
const looksOf = ({ shutdown, description }: SubInterfaceModel) => ({ up: !shutdown, alias: description });

/** Everything an interface can be given; of a loopback interface some is missing. */
type Addressed = Pick<SubInterfaceModel, "macAddress" | "mtu" | "ipAddress" | "ipv6Enable" | "ipv6Address" | "ipv6Mtu">;

function wishOf(
  name: string,
  device: string,
  record: Addressed,
  parts: { readonly made?: MadeInterface; readonly isShared?: boolean },
): NetworkInterface {
  const { macAddress, mtu, ipAddress = [], ipv6Enable = false, ipv6Address = [], ipv6Mtu } = record;
  const own = ipv6Enable ? ipv6Address : [];
  const linkLocal = own.find((entry) => "linkLocal" in entry);
  return {
    name,
    device,
    made: parts.made,
    mac: macAddress === undefined ? undefined : parseMac(macAddress),
    mtu,
    ipv6: ipv6Enable,
    ipv6Mtu: ipv6Enable ? ipv6Mtu : undefined,
    addresses: [
      ...ipAddress.map((entry) => networkAddress(entry, false)),
      ...own.flatMap((entry) => ("length" in entry ? [networkAddress(entry, entry.eui64 ?? false)] : [])),
    ],
    linkLocal: linkLocal && ip(linkLocal.address),
    isShared: parts.isShared ?? false,
  };
}

const ip = (text: string): IpAddress => parseIpAddress(text)!;
const networkAddress = (entry: { address: string; length: number }, eui64: boolean): NetworkAddress => ({
  address: ip(entry.address),
  length: entry.length,
  eui64,
});

/** An interface that others make, and of which nothing is said, is left alone. */
const saysSomething = ({ made, mac, mtu, ipv6, addresses, isShared }: NetworkInterface): boolean =>
  made !== undefined || mac !== undefined || mtu !== undefined || ipv6 || addresses.length > 0 || isShared;

/** MAC address and MTU of a trunk are its data plane's. */
const trunkWish = (id: number, trunk: TrunkModel): NetworkInterface =>
  wishOf(trunkName(id), trunkDevice(id), without(trunk, "macAddress", "mtu"), { isShared: trunk.eTrunk !== undefined });

function without<Value extends object>(value: Value, ...attributes: readonly (keyof Value)[]): Value {
  const copy = { ...value };
  for (const attribute of attributes) delete copy[attribute];
  return copy;
}

function physicalWish(model: Model, name: string, physical: PhysicalModel, bindings: Bindings): NetworkInterface[] {
  const device = deviceOf(name, physical, bindings);
  if (device === undefined) return [];
  const trunk = physical.ethTrunk && (interfaceOf(model, trunkName(physical.ethTrunk.id)) as TrunkModel);
  // A trunk with an MTU of its own gives it to its members.
  return [wishOf(name, device, trunk?.mtu === undefined ? physical : without(physical, "mtu"), {})];
}

function subInterfaceWish(model: Model, name: string, sub: SubInterfaceModel, bindings: Bindings): NetworkInterface[] {
  const main = mainDevice(model, name, bindings);
  const { vlanTypeDot1q: vlan } = sub;
  if (main === undefined || vlan === undefined) return [];
  const isShared = (interfaceOf(model, mainOf(name).text) as TrunkModel | undefined)?.eTrunk !== undefined;
  const made = { kind: "sub-interface", main, vlan, ...looksOf(sub) } as const;
  return [wishOf(name, subInterfaceDevice(name, main), sub, { made, isShared })];
}

/** The sub-interfaces of a trunk, where its data plane makes them. */
export const desiredSubInterfaces = (model: Model, trunk: number) =>
  subInterfacesOf(model).flatMap(([name, { vlanTypeDot1q: vlan }]) =>
    vlan === undefined || mainOf(name).text !== trunkName(trunk)
      ? []
      : [{ vlan, device: subInterfaceDevice(name, trunkDevice(trunk)) }],
  );

function bridgeWish(model: Model, bindings: Bindings): NetworkBridge | undefined {
  const ports = bridgePortsOf(model).flatMap(([name, port]): BridgePort[] => {
    const { kind, numbers } = parseInterfaceName(name)!;
    const device = kind === "eth-trunk" ? trunkDevice(numbers[0]!) : deviceOf(name, port as PhysicalModel, bindings);
    return device === undefined ? [] : [{ device, vlans: vlansOfPort(model, port) }];
  });
  if (ports.length === 0 && vlanifsOf(model).length === 0) return undefined;
  return { device: model.vlanBridge ?? DEFAULT_BRIDGE, ports };
}

/** Routes of one destination and one preference are one, with several gateways. */
function routesOf(entries: readonly RouteEntry[]): StaticRoute[] {
  const routes = new Map<string, StaticRoute & { gateways: IpAddress[] }>();
  for (const { address, length, nextHop, preference: metric = DEFAULT_PREFERENCE } of entries) {
    const key = `${address} ${length} ${metric}`;
    const route = routes.get(key) ?? { destination: ip(address), length, metric, gateways: [] };
    route.gateways.push(ip(nextHop));
    routes.set(key, route);
  }
  return [...routes.values()];
}
