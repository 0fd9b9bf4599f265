import { trunkDevice } from "../core/base/trunk-names.js";
import {
  type Bindings,
  deviceOf,
  loopbackDevice,
  mainDevice,
  mainOf,
  subInterfaceDevice,
  vlanifDevice,
} from "./devices.js";
import { compareInterfaceNames, parseInterfaceName, speedOfType } from "./language/interface-name.js";
import { type InterfaceModel, kindOf, type Model, type PhysicalModel, type SubInterfaceModel } from "./model.js";
import { pvidOf, type SwitchPort, vlansOfPort, vlansThere } from "./switch-ports.js";

export type ListedKind = "eth-trunk" | "physical" | "sub-interface" | "loopback" | "vlanif" | "null";

/** An interface as the configuration has it. */
export interface ListedInterface {
  readonly name: string;
  readonly kind: ListedKind;
  /** Linux name; undefined while it is bound to none. */
  readonly device: string | undefined;
  readonly shutdown: boolean;
  readonly description: string | undefined;
  readonly portswitch: boolean;
  /** The trunk it is a member of. */
  readonly ethTrunk: number | undefined;
  /** 802.1Q tag of a sub-interface, or the VLAN of a Vlanif. */
  readonly vlan: number | undefined;
  readonly ipv6: boolean;
  /** Mbit/s, as configured or as the type's name says. */
  readonly speed: number | undefined;
  /** IP addresses of its lines, in canonical form. */
  readonly addresses: readonly string[];
}

const NULL0 = "NULL0";

/** Every interface of the configuration in the order of displays; NULL0 is always there. */
export function listedInterfaces(model: Model, bindings: Bindings): ListedInterface[] {
  const listed = Object.entries(model.interfaces ?? {})
    .filter(([name]) => name !== NULL0)
    .map(([name, record]) => listedInterface(model, name, record, bindings));
  const all = [...listed, { ...NOTHING, name: NULL0, kind: "null" } as const];
  return all.sort((a, b) => compareInterfaceNames(parseInterfaceName(a.name)!, parseInterfaceName(b.name)!));
}

const NOTHING: Omit<ListedInterface, "name" | "kind"> = {
  device: undefined,
  shutdown: false,
  description: undefined,
  portswitch: false,
  ethTrunk: undefined,
  vlan: undefined,
  ipv6: false,
  speed: undefined,
  addresses: [],
};

/** What any sort of interface may have. */
type AnyInterface = Partial<PhysicalModel & SubInterfaceModel>;

function listedInterface(model: Model, name: string, record: InterfaceModel, bindings: Bindings): ListedInterface {
  const parsed = parseInterfaceName(name)!;
  const kind = kindOf(name);
  const [number = 0] = parsed.numbers;
  const {
    shutdown = false,
    description,
    portswitch = false,
    ethTrunk,
    vlanTypeDot1q,
    ...rest
  } = record as AnyInterface;
  const { ipAddress = [], ipv6Enable = false, ipv6Address = [], speed } = rest;
  const addresses = [...ipAddress, ...ipv6Address].flatMap((entry) => ("address" in entry ? [entry.address] : []));
  const own = {
    ...NOTHING,
    name,
    shutdown,
    description,
    portswitch,
    ethTrunk: ethTrunk?.id,
    ipv6: ipv6Enable,
    addresses,
  };
  switch (kind) {
    case "eth-trunk":
      return { ...own, kind, device: trunkDevice(number) };
    case "loopback":
      return { ...own, kind, device: loopbackDevice(number) };
    case "vlanif":
      return { ...own, kind, device: vlanifDevice(number), vlan: number };
    case "sub-interface": {
      const main = mainDevice(model, name, bindings);
      return { ...own, kind, device: main && subInterfaceDevice(name, main), vlan: vlanTypeDot1q };
    }
    default: {
      const device = deviceOf(name, record as PhysicalModel, bindings);
      return { ...own, kind: "physical", device, speed: speed ?? speedOfType(parsed) };
    }
  }
}

/** The main interface of a sub-interface. */
export const mainNameOf = (name: string): string => mainOf(name).text;

export interface ListedVlan {
  readonly id: number;
  readonly description: string | undefined;
  /** The host's interface in it. */
  readonly vlanif: string | undefined;
  readonly ports: readonly { readonly name: string; readonly tagged: boolean; readonly pvid: boolean }[];
}

/** The VLANs there are, and the Layer 2 ports that carry each. */
export function listedVlans(model: Model): ListedVlan[] {
  const names = Object.keys(model.interfaces ?? {});
  const ports = names
    .map((name) => ({ name, port: model.interfaces?.[name] as SwitchPort, parsed: parseInterfaceName(name)! }))
    .filter(({ port }) => port.portswitch)
    .sort((a, b) => compareInterfaceNames(a.parsed, b.parsed))
    .map(({ name, port }) => ({ name, pvid: pvidOf(port), ...vlansOfPort(model, port) }));
  return vlansThere(model).map((id) => ({
    id,
    description: model.vlans?.[id]?.description,
    vlanif: names.find((name) => name === `Vlanif${id}`),
    ports: ports.flatMap(({ name, pvid, untagged, tagged }) =>
      untagged === id || tagged.includes(id) ? [{ name, tagged: untagged !== id, pvid: pvid === id }] : [],
    ),
  }));
}
