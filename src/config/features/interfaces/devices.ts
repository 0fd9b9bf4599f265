import { trunkDevice, trunkSubDevice } from "../../../core/base/trunk-names.js";
import type { Bindings } from "../../facts.js";
import { type InterfaceName, parseInterfaceName } from "../../language/interface-name.js";
import { type Interfaces, interfaceOf, numberOf } from "./slice.js";

/** The setting of a physical interface that names its Linux interface. */
type Bound = { readonly linuxInterface?: string };

/** The Linux interface of a configured name: `--bind`, `linux-interface`, or the name itself; undefined: none yet. */
export function deviceOf(name: string, physical: Bound, bindings: Bindings): string | undefined {
  const own = parseInterfaceName(name)?.kind === "linux" ? name : undefined;
  return own ?? bindings.get(name) ?? physical.linuxInterface;
}

export const loopbackDevice = (id: number): string => `loopback${id}`;
export const vlanifDevice = (vlan: number): string => `vlanif${vlan}`;

/** The name of the interface a sub-interface is one of. */
export const mainNameOf = (name: string): string => name.slice(0, name.lastIndexOf("."));

/** The interface a sub-interface is one of. */
export const mainOf = (name: string): InterfaceName => parseInterfaceName(mainNameOf(name)) as InterfaceName;

/** The Linux name of the interface a sub-interface is one of; undefined: it has none yet. */
export function mainDevice(model: Interfaces<Bound>, name: string, bindings: Bindings): string | undefined {
  const main = mainOf(name);
  if (main.kind === "eth-trunk") return trunkDevice(numberOf(main.text));
  return deviceOf(main.text, interfaceOf(model, main.text) ?? {}, bindings);
}

/** The Linux name of a sub-interface. */
export function subInterfaceDevice(name: string, main: string): string {
  const { kind, text } = mainOf(name);
  const number = parseInterfaceName(name)?.subInterface ?? 0;
  return kind === "eth-trunk" ? trunkSubDevice(numberOf(text), number) : `${main}.${number}`;
}
