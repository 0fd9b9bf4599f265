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

/**
 * The existing VLANs, and the Layer 2 interfaces that carry each. VLANs times ports may be many, so a row is made when it is asked
 * for; what all rows are made of is made at once.
 */
export function listedVlans(model: VlanSlice): Iterable<ListedVlan> {
  const there = vlansThere(model);
  const names = new Set(Object.keys(model.interfaces ?? {}));
  const ports = bridgePortsOf(model)
    .sort(([a], [b]) => compareInterfaceNames(nameOf(a), nameOf(b)))
    .map(([name, port]) => {
      const { untagged, tagged } = vlansOfPort(model, port);
      return { name, pvid: pvidOf(port), untagged, tagged: new Set(tagged) };
    });
  const listedVlan = (id: number): ListedVlan => ({
    id,
    description: model.vlans?.[id]?.description,
    vlanif: names.has(`Vlanif${id}`) ? `Vlanif${id}` : undefined,
    ports: ports.flatMap(({ name, pvid, untagged, tagged }) =>
      untagged === id || tagged.has(id) ? [{ name, tagged: untagged !== id, pvid: pvid === id }] : [],
    ),
  });
  return {
    *[Symbol.iterator]() {
      for (const id of there) yield listedVlan(id);
    },
  };
}
