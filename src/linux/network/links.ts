import { type KernelLink, linkAddon } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { systemError } from "../system-error.js";
import { type PortVlanTable, portVlansText, readPortVlans } from "../undo/port-vlans.js";
import type { LinkTable } from "../undo/settings.js";

/** The links of this namespace at one moment. */
export class Links implements LinkTable {
  readonly all: readonly KernelLink[];
  readonly #byName: ReadonlyMap<string, KernelLink>;
  readonly #byIndex: ReadonlyMap<number, KernelLink>;
  readonly #netlink: Netlink;
  /** Asked for when the first one wants to know. */
  #vlans: PortVlanTable | undefined;

  constructor(netlink: Netlink) {
    const all = linkAddon().linkList(netlink);
    if (typeof all === "number") throw systemError("list of interfaces", -all);
    this.#netlink = netlink;
    this.all = all;
    this.#byName = new Map(all.map((link) => [link.name, link]));
    this.#byIndex = new Map(all.map((link) => [link.index, link]));
  }

  named(name: string): KernelLink | undefined {
    return this.#byName.get(name);
  }

  at(index: number): KernelLink | undefined {
    return this.#byIndex.get(index);
  }

  /** VLANs of a bridge port or a bridge, in one line. */
  vlansAt(index: number): string {
    this.#vlans ??= readPortVlans(this.#netlink);
    return portVlansText(this.#vlans, index);
  }

  isInVlan(index: number, vlan: number): boolean {
    this.#vlans ??= readPortVlans(this.#netlink);
    return this.#vlans.get(index)?.has(vlan) ?? false;
  }
}
