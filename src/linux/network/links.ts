import { addon, type KernelLink, type Netlink } from "../addon.js";
import { systemError } from "../system-error.js";

/** The links of this namespace at one moment. */
export class Links {
  readonly all: readonly KernelLink[];
  readonly #byName: ReadonlyMap<string, KernelLink>;
  readonly #byIndex: ReadonlyMap<number, KernelLink>;

  constructor(netlink: Netlink) {
    const all = addon().linkList(netlink);
    if (typeof all === "number") throw systemError("list of interfaces", -all);
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
}
