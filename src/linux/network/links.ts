import { type KernelLink, linkAddon } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { systemError } from "../system-error.js";
import { type PortVlanTable, portVlansText, readPortVlans } from "../undo/port-vlans.js";
import type { LinkTable } from "../undo/settings.js";

interface Dump {
  readonly all: readonly KernelLink[];
  readonly byName: ReadonlyMap<string, KernelLink>;
  readonly byIndex: ReadonlyMap<number, KernelLink>;
}

/** The links of this namespace, listed when they are asked for first, and again when something of them was changed. */
export class Links implements LinkTable {
  readonly #netlink: Netlink;
  #dump: Dump | undefined;
  #vlans: PortVlanTable | undefined;

  constructor(netlink: Netlink) {
    this.#netlink = netlink;
  }

  /** Something of a link was changed, made or removed: addresses are made of MAC addresses, for one. */
  changed(): void {
    this.#dump = undefined;
    this.#vlans = undefined;
  }

  /** Throws where the kernel does not list them. */
  #listed(): Dump {
    if (this.#dump !== undefined) return this.#dump;
    const all = linkAddon().linkList(this.#netlink);
    if (typeof all === "number") throw systemError("list of interfaces", -all);
    const byName = new Map(all.map((link) => [link.name, link]));
    const byIndex = new Map(all.map((link) => [link.index, link]));
    this.#dump = { all, byName, byIndex };
    return this.#dump;
  }

  get all(): readonly KernelLink[] {
    return this.#listed().all;
  }

  named(name: string): KernelLink | undefined {
    return this.#listed().byName.get(name);
  }

  at(index: number): KernelLink | undefined {
    return this.#listed().byIndex.get(index);
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
