import type { InterfaceIndex } from "../../base/protocol.js";
import { isLinkLocal } from "../../device/addresses.js";
import type { Device } from "../../device/device.js";

/** What is known of the links and addresses of a host. */
interface OtherUsesOf {
  readonly links: Pick<Device["links"], "all" | "at">;
  readonly addresses: Pick<Device["addresses"], "on">;
}

/**
 * What members are besides: a port of a bridge or bond, the interface of an address, the interface under a VLAN or macvlan. Frames
 * then pass beside the trunk. In words, by interface index.
 */
export function otherUses(device: OtherUsesOf): (index: InterfaceIndex) => readonly string[] {
  const stacked = new Map<InterfaceIndex, string[]>();
  for (const { name, parent } of device.links.all())
    if (parent !== undefined) stacked.set(parent, [...(stacked.get(parent) ?? []), `under ${name}`]);
  return (index) => {
    const master = device.links.at(index)?.master;
    const port = master === undefined ? [] : [`a port of ${device.links.at(master)?.name ?? `interface ${master}`}`];
    const addresses = device.addresses
      .on(index)
      .flatMap((each) => (isLinkLocal(each) ? [] : `the interface of ${each.text}`));
    return [...port, ...addresses, ...(stacked.get(index) ?? [])];
  };
}
