import { findLink } from "../find-link.js";
import type { KernelLink } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { portVlansText, readPortVlans } from "./port-vlans.js";
import type { LinkTable } from "./settings.js";

/** Links asked from the kernel one by one, for a caller that needs few of them. */
export class AskedLinks implements LinkTable {
  readonly #netlink: Netlink;

  constructor(netlink: Netlink) {
    this.#netlink = netlink;
  }

  /** Each is asked for anew anyway. */
  changed(): void {}

  at(index: number): KernelLink | undefined {
    return findLink(this.#netlink, index);
  }

  vlansAt(index: number): string {
    return portVlansText(readPortVlans(this.#netlink), index);
  }

  isInVlan(index: number, vlan: number): boolean {
    return readPortVlans(this.#netlink).get(index)?.has(vlan) ?? false;
  }
}
