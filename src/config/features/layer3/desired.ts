import { trunkDevice, trunkName } from "../../../core/base/trunk-names.js";
import type { MadeInterface, NetworkAddress, NetworkInterface } from "../../../core/contract/desired/network.js";
import type { Bindings, Facts } from "../../facts.js";
import type { DesiredPart } from "../../feature.js";
import { parsedAddress } from "../../language/network-parameters.js";
import { desiredOf, filled } from "../../language/setting.js";
import {
  deviceOf,
  loopbackDevice,
  mainDevice,
  mainNameOf,
  subInterfaceDevice,
  vlanifDevice,
} from "../interfaces/devices.js";
import { deviceRows } from "../interfaces/rows.js";
import {
  interfaceOf,
  loopbacksOf,
  numberOf,
  physicalsOf,
  subInterfacesOf,
  trunksOf,
  vlanifsOf,
} from "../interfaces/slice.js";
import { addressRows } from "./address-rows.js";
import { vlanifRows } from "./rows.js";
import type { Addressed, Layer3Slice, SubInterface } from "./slice.js";

type AnyInterface = NonNullable<Layer3Slice["interfaces"]>[string];

/** Settings of each interface, and the sub-interfaces of trunks, which the data plane makes. */
export const desiredLayer3 = (model: Layer3Slice, { bindings }: Facts): DesiredPart => ({
  network: {
    interfaces: [
      ...trunksOf(model).map(([id, trunk]) => desiredTrunk(id, trunk)),
      ...physicalsOf(model).flatMap(([name, physical]) => desiredPhysical(name, physical, bindings)),
      ...subInterfacesOf(model).flatMap(([name, sub]) => desiredSubInterface(model, name, sub, bindings)),
      ...loopbacksOf(model).map(([name, loopback]) => {
        const made = { kind: "loopback", up: true, alias: loopback.description } as const;
        return desiredInterface(name, loopbackDevice(numberOf(name)), loopback, { made });
      }),
      ...vlanifsOf(model).map(([name, vlanif]) => {
        const vlan = numberOf(name);
        const made = { kind: "vlanif", vlan, ...looksOf(vlanif) } as const;
        return desiredInterface(name, vlanifDevice(vlan), vlanif, { made });
      }),
    ].filter(saysSomething),
  },
  trunks: desiredSubInterfaces(model),
});

const { shutdown } = vlanifRows;
const looksOf = (record: SubInterface) => ({ ...desiredOf({ shutdown }, record), alias: record.description });

function desiredInterface(
  name: string,
  device: string,
  record: Addressed,
  { made, isShared = false }: { readonly made?: MadeInterface; readonly isShared?: boolean },
): NetworkInterface {
  const { ipAddress = [], ipv6Enable, ipv6Address = [], ipv6Mtu } = filled(addressRows, record);
  const own = ipv6Enable ? ipv6Address : [];
  const linkLocal = own.find((entry) => "linkLocal" in entry);
  return {
    name,
    device,
    made,
    ipv6Mtu: ipv6Enable ? ipv6Mtu : undefined,
    addresses: [
      ...ipAddress.map((entry) => networkAddress(entry, false)),
      ...own.flatMap((entry) => ("length" in entry ? [networkAddress(entry, entry.eui64 ?? false)] : [])),
    ],
    linkLocal: linkLocal && parsedAddress(linkLocal.address),
    isShared,
    ...desiredOf(deviceRows, record),
    ...desiredOf(addressRows, record),
  };
}

const networkAddress = (entry: { address: string; length: number }, eui64: boolean): NetworkAddress => ({
  address: parsedAddress(entry.address),
  length: entry.length,
  eui64,
});

/** True for an interface with settings; one without, made by other software, is left alone. */
const saysSomething = ({ made, mac, mtu, ipv6, addresses, isShared }: NetworkInterface): boolean =>
  made !== undefined || mac !== undefined || mtu !== undefined || ipv6 || addresses.length > 0 || isShared;

/** MAC address and MTU of a trunk are its data plane's. */
const desiredTrunk = (id: number, trunk: AnyInterface): NetworkInterface =>
  desiredInterface(trunkName(id), trunkDevice(id), without(trunk, "macAddress", "mtu"), {
    isShared: trunk.eTrunk !== undefined,
  });

function without<Value extends object>(value: Value, ...attributes: readonly (keyof Value)[]): Value {
  const copy = { ...value };
  for (const attribute of attributes) delete copy[attribute];
  return copy;
}

function desiredPhysical(name: string, physical: AnyInterface, bindings: Bindings): NetworkInterface[] {
  const device = deviceOf(name, physical, bindings);
  if (device === undefined) return [];
  // A trunk gives its members its MTU.
  return [desiredInterface(name, device, physical.ethTrunk ? without(physical, "mtu") : physical, {})];
}

function desiredSubInterface(
  model: Layer3Slice,
  name: string,
  sub: AnyInterface,
  bindings: Bindings,
): NetworkInterface[] {
  const main = mainDevice(model, name, bindings);
  const { vlanTypeDot1q: vlan } = sub;
  if (main === undefined || vlan === undefined) return [];
  const isShared = interfaceOf(model, mainNameOf(name))?.eTrunk !== undefined;
  const made = { kind: "sub-interface", main, vlan, ...looksOf(sub) } as const;
  return [desiredInterface(name, subInterfaceDevice(name, main), sub, { made, isShared })];
}

/** Of each trunk its sub-interfaces. */
function desiredSubInterfaces(model: Layer3Slice) {
  const byMain = new Map<string, [name: string, vlan: number][]>();
  for (const [name, { vlanTypeDot1q: vlan }] of subInterfacesOf(model)) {
    const main = mainNameOf(name);
    const those = byMain.get(main) ?? [];
    byMain.set(main, those);
    if (vlan !== undefined) those.push([name, vlan]);
  }
  return trunksOf(model).map(([id]) => {
    const those = byMain.get(trunkName(id)) ?? [];
    return {
      id,
      subInterfaces: those.map(([name, vlan]) => ({ vlan, device: subInterfaceDevice(name, trunkDevice(id)) })),
    };
  });
}
