import { trunkDevice, trunkSubDevice } from "../core/base/trunk-names.js";
import { type InterfaceName, parseInterfaceName } from "./language/interface-name.js";
import { interfaceOf, type Model, type PhysicalModel } from "./model.js";

/** Linux interfaces by configured name, as `--bind NAME=IFACE` gives them; they go before `linux-interface`. */
export type Bindings = ReadonlyMap<string, string>;

/** The Linux interface of a configured name: `--bind`, `linux-interface`, or the name itself; undefined: none yet. */
export function deviceOf(name: string, physical: PhysicalModel, bindings: Bindings): string | undefined {
  const own = parseInterfaceName(name)?.kind === "linux" ? name : undefined;
  return own ?? bindings.get(name) ?? physical.linuxInterface;
}

export const loopbackDevice = (id: number): string => `loopback${id}`;
export const vlanifDevice = (vlan: number): string => `vlanif${vlan}`;

/** The interface a sub-interface is one of. */
export const mainOf = (name: string): InterfaceName => parseInterfaceName(name.slice(0, name.lastIndexOf(".")))!;

/** The Linux name of the interface a sub-interface is one of; undefined: it has none yet. */
export function mainDevice(model: Model, name: string, bindings: Bindings): string | undefined {
  const main = mainOf(name);
  if (main.kind === "eth-trunk") return trunkDevice(main.numbers[0]!);
  return deviceOf(main.text, (interfaceOf(model, main.text) ?? {}) as PhysicalModel, bindings);
}

/** The Linux name of a sub-interface. */
export function subInterfaceDevice(name: string, main: string): string {
  const { kind, numbers } = mainOf(name);
  const number = parseInterfaceName(name)!.subInterface!;
  return kind === "eth-trunk" ? trunkSubDevice(numbers[0]!, number) : `${main}.${number}`;
}
