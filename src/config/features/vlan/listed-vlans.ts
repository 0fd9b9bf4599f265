import { compareInterfaceNames, type InterfaceName, parseInterfaceName } from "../../language/interface-name.js";
import { bridgePortsOf, pvidOf, type VlanSlice, vlansOfPort, vlansThere } from "./ports.js";

const nameOf = (text: string): InterfaceName => parseInterfaceName(text) as InterfaceName;

export interface ListedVlan {
  readonly id: number;
  readonly description: string | undefined;
  /** The Vlanif of the VLAN. */
  readonly vlanif: string | undefined;
  readonly ports: readonly { readonly name: string; readonly tagged: boolean; readonly pvid: boolean }[];
}

/** The existing VLANs, and the Layer 2 interfaces that carry each. */
export function listedVlans(model: VlanSlice): ListedVlan[] {
  const names = Object.keys(model.interfaces ?? {});
  const ports = bridgePortsOf(model)
    .sort(([a], [b]) => compareInterfaceNames(nameOf(a), nameOf(b)))
    .map(([name, port]) => ({ name, pvid: pvidOf(port), ...vlansOfPort(model, port) }));
  return vlansThere(model).map((id) => ({
    id,
    description: model.vlans?.[id]?.description,
    vlanif: names.find((name) => name === `Vlanif${id}`),
    ports: ports.flatMap(({ name, pvid, untagged, tagged }) =>
      untagged === id || tagged.includes(id) ? [{ name, tagged: untagged !== id, pvid: pvid === id }] : [],
    ),
  }));
}
