import type { Bindings } from "../config/facts.js";
import { type ListedInterface, listedInterfaces } from "../config/features/layer3/listed-interfaces.js";
import type { Model } from "../config/model.js";
import { trunkName } from "../core/base/trunk-names.js";
import { Addresses } from "../core/device/addresses.js";
import { Links } from "../core/device/links.js";
import { otherUses } from "../core/parts/trunks/other-uses.js";
import { openAddressWatch } from "../linux/address-watch.js";
import { asked } from "../linux/answer.js";
import { openLinkWatch } from "../linux/link-watch.js";
import { StartFailure } from "./start-failure.js";

/** The links and addresses of this host at this moment. Throws StartFailure where the kernel does not list them. */
function hostNow() {
  const links = new Links({ set: () => {} });
  const addresses = new Addresses();
  const { refusal } = asked(() => {
    const readable = () => {};
    const watches = [
      openLinkWatch({ changed: (link) => void links.changed(link), readable }),
      openAddressWatch({ changed: (address) => addresses.changed(address), readable }),
    ];
    for (const watch of watches) {
      watch.drain();
      watch.close();
    }
  });
  if (refusal !== undefined) throw new StartFailure(refusal);
  return { links, addresses };
}

/**
 * What of this host does not fit the configuration, each in one line: interfaces that are not there, and members that are something
 * else besides. The daemon starts all the same, waits for the first and has an alarm for the others.
 */
export function warningsHere(model: Model, bindings: Bindings): string[] {
  const host = hostNow();
  const usesOf = otherUses(host);
  const warnings = ({ name, kind, device, ethTrunk }: ListedInterface): string[] => {
    if (kind !== "physical" || device === undefined) return [];
    const bound = name === device ? name : `${name}, bound to ${device},`;
    const link = host.links.named(device);
    if (link === undefined) return [`${bound} is not there.`];
    const uses = ethTrunk === undefined ? [] : usesOf(link.index);
    if (uses.length === 0) return [];
    return [`${bound} is also ${uses.join(", ")}: frames pass beside ${trunkName(ethTrunk ?? 0)}.`];
  };
  return listedInterfaces(model, bindings).flatMap(warnings);
}
