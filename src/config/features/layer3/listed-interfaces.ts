import { trunkDevice } from "../../../core/base/trunk-names.js";
import type { Bindings } from "../../facts.js";
import {
  compareInterfaceNames,
  type InterfaceName,
  parseInterfaceName,
  speedOfType,
} from "../../language/interface-name.js";
import type { RecordOf } from "../../language/setting.js";
import { deviceOf, loopbackDevice, mainDevice, subInterfaceDevice, vlanifDevice } from "../interfaces/devices.js";
import type { physicalRows } from "../interfaces/rows.js";
import { type Interfaces, kindOf, numberOf } from "../interfaces/slice.js";
import type { subInterfaceRows } from "./rows.js";

export type ListedKind = "eth-trunk" | "physical" | "sub-interface" | "loopback" | "vlanif" | "null";

/** An interface as the configuration has it. */
export interface ListedInterface {
  readonly name: string;
  readonly kind: ListedKind;
  /** Linux name; undefined while unbound. */
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

const nameOf = (text: string): InterfaceName => parseInterfaceName(text) as InterfaceName;

/** Every interface of the configuration in the order of displays; NULL0 is always there. */
export function listedInterfaces(model: Interfaces<Listed>, bindings: Bindings): ListedInterface[] {
  const listed = Object.entries(model.interfaces ?? {})
    .filter(([name]) => name !== NULL0)
    .map(([name, record]) => listedInterface(model, name, record, bindings));
  const all = [...listed, { ...NOTHING, name: NULL0, kind: "null" } as const];
  return all
    .map((each) => [nameOf(each.name), each] as const)
    .sort(([a], [b]) => compareInterfaceNames(a, b))
    .map(([, each]) => each);
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

/** The listed attributes of an interface; its sort decides which of them it can have. */
type Listed = RecordOf<typeof subInterfaceRows & typeof physicalRows> & {
  portswitch?: boolean;
  ethTrunk?: { readonly id: number };
};

function listedInterface(model: Interfaces<Listed>, name: string, record: Listed, bindings: Bindings): ListedInterface {
  const parsed = nameOf(name);
  const kind = kindOf(name);
  const number = numberOf(name);
  const { shutdown = false, description, portswitch = false, ethTrunk, vlanTypeDot1q, ...rest } = record;
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
      const device = deviceOf(name, record, bindings);
      return { ...own, kind: "physical", device, speed: speed ?? speedOfType(parsed) };
    }
  }
}
