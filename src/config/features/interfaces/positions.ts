import type { Position } from "../../feature.js";
import { type InterfaceKind, parseInterfaceName } from "../../language/interface-name.js";
import { mainOf } from "./devices.js";
import { kindOf } from "./slice.js";

const HAVE_SUB_INTERFACES: ReadonlySet<InterfaceKind> = new Set(["eth-trunk", "physical"]);

/** The view of an interface; a text where there is none. */
export function positionOf(name: string): Position | string {
  const kind = kindOf(name);
  switch (kind) {
    case "eth-trunk":
    case "null":
    case "loopback":
    case "vlanif":
      return { view: kind, name };
    case "physical":
    case "linux":
      return { view: "physical", name };
    case "sub-interface":
      return HAVE_SUB_INTERFACES.has(mainOf(name).kind)
        ? { view: "sub-interface", name }
        : `${mainOf(name).type} interfaces have no sub-interfaces.`;
    default:
      return `${parseInterfaceName(name)?.type} interfaces are not available in this version.`;
  }
}
