import { bridgeAddon } from "../native/bridge.js";
import { type KernelLink, linkAddon } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { readSysctl, writeSysctl } from "../sysctl.js";
import { systemError } from "../system-error.js";
import type { Links } from "./links.js";
import { writePortVlans } from "./port-vlans.js";
import type { Change, ChangedInterface } from "./record.js";

const IFF_UP = 1;

/**
 * What is to be of an interface, by what it is: `mac`, `mtu`, `up`, `master` (interface index of a bridge), `filtering` of
 * a bridge, `self-vlan/10` of it, `vlans` of a port of it, or the path of a sysctl with a `*` in place of the name.
 * Changed in this order, and put back in reverse.
 */
export type Wishes = ReadonlyMap<string, string>;

/** Undoes itself: what an interface was before is recorded, and put back when it is no longer wanted otherwise. */
export class InterfaceChanges {
  readonly #native = linkAddon();
  readonly #netlink: Netlink;
  readonly #record = new Map<number, Map<string, Change>>();
  readonly #save: () => void;
  readonly #failed: (text: string) => void;

  /** `save`: the record has to be on disk when it returns. */
  constructor(
    netlink: Netlink,
    recorded: readonly ChangedInterface[],
    save: () => void,
    failed: (text: string) => void,
  ) {
    this.#netlink = netlink;
    this.#save = save;
    this.#failed = failed;
    for (const { index, changes } of recorded) this.#record.set(index, new Map(Object.entries(changes)));
  }

  record(): ChangedInterface[] {
    return [...this.#record].map(([index, changes]) => ({ index, changes: Object.fromEntries(changes) }));
  }

  /** Puts back what is not wanted any more; `wanted` is the whole of it, by interface index. */
  undo(wanted: ReadonlyMap<number, Wishes>, links: Links): void {
    const gone = [...this.#record].flatMap(([index, changes]) =>
      backwards(changes)
        .filter(([what]) => wanted.get(index)?.has(what) !== true)
        .map(([what, change]) => ({ index, what, change, stands: this.#stands(index, what, change, links) })),
    );
    for (const { index, what, change, stands } of gone) {
      this.#forget(index, what);
      if (stands) this.#undo(index, what, change, links);
    }
  }

  /** Changes what is not as wanted. */
  apply(wanted: ReadonlyMap<number, Wishes>, links: Links): void {
    const due = [...wanted].flatMap(([index, wishes]) => this.#due(index, wishes, links));
    if (due.length === 0) return;
    // What was found has to be known after a kill at any moment.
    for (const { link, what, found, value } of due) this.#note(link.index, what, found, value);
    this.#save();
    for (const { link, what, value } of due) this.#attempt(link, what, () => this.#write(link, what, value));
  }

  /** What differs from what is wanted. */
  #due(index: number, wishes: Wishes, links: Links) {
    const link = links.at(index);
    if (link === undefined) return [];
    return [...wishes].flatMap(([what, value]) => {
      const found = this.#read(link, what, links);
      return found === undefined || found === value ? [] : [{ link, what, found, value }];
    });
  }

  /** What was found first is what is put back. */
  #note(index: number, what: string, found: string, made: string): void {
    const changes = this.#record.get(index) ?? new Map<string, Change>();
    this.#record.set(index, changes);
    changes.set(what, { found: changes.get(what)?.found ?? found, made });
  }

  #forget(index: number, what: string): void {
    const changes = this.#record.get(index);
    changes?.delete(what);
    if (changes?.size === 0) this.#record.delete(index);
  }

  /** False for an interface that is gone, and where somebody else had another idea meanwhile. */
  #stands(index: number, what: string, { made }: Change, links: Links): boolean {
    const link = links.at(index);
    return link !== undefined && this.#read(link, what, links) === made;
  }

  #undo(index: number, what: string, { found }: Change, links: Links): void {
    const link = links.at(index);
    if (link === undefined) return;
    // A bridge it was a port of may be gone.
    const value = what === "master" && links.at(Number(found)) === undefined ? "0" : found;
    this.#attempt(link, what, () => this.#write(link, what, value));
  }

  #attempt(link: KernelLink, what: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failed(`${link.name}: ${what}: ${(error as Error).message}`);
    }
  }

  /** Undefined where the kernel has no such thing, or it cannot be told. */
  #read(link: KernelLink, what: string, links: Links): string | undefined {
    const [kind, vlan] = what.split("/");
    if (kind === "self-vlan") return String(links.isInVlan(link.index, Number(vlan)));
    switch (what) {
      case "mac":
        return String(link.mac);
      case "mtu":
        return String(link.mtu);
      case "up":
        return String((link.flags & IFF_UP) !== 0);
      case "master":
        return String(link.master);
      case "filtering":
        return String(link.filtering);
      case "vlans":
        return links.vlansAt(link.index);
      default:
        return this.#readSysctl(what, link.name);
    }
  }

  #readSysctl(path: string, name: string): string | undefined {
    try {
      return readSysctl(path, name);
    } catch (error) {
      this.#failed(`${name}: ${path}: ${(error as Error).message}`);
      return undefined;
    }
  }

  #write(link: KernelLink, what: string, value: string): void {
    const [kind, vlan] = what.split("/");
    if (kind === "self-vlan") {
      const id = Number(vlan);
      const itself = { self: true, first: id, last: id, flags: 0 };
      check(bridgeAddon().portVlan(this.#netlink, link.index, value === "true", itself));
      return;
    }
    const number = Number(value);
    switch (what) {
      case "mac":
        check(this.#native.linkSet(this.#netlink, link.name, { mac: number }));
        break;
      case "mtu":
        check(this.#native.linkSet(this.#netlink, link.name, { mtu: number }));
        break;
      case "up":
        check(this.#native.linkSet(this.#netlink, link.name, { up: value === "true" }));
        break;
      case "master":
        check(this.#native.linkMaster(this.#netlink, link.index, number));
        break;
      case "filtering":
        check(bridgeAddon().bridgeFilter(this.#netlink, link.index, value === "true", undefined));
        break;
      case "vlans":
        writePortVlans(this.#netlink, link.index, value);
        break;
      default:
        writeSysctl(what, link.name, value);
    }
  }
}

/** What is put back before, and after, the rest. */
const PLACES: { readonly [what: string]: number } = { mtu: -1, vlans: 1 };

/**
 * The last change first; but the device's MTU before all, for the kernel bounds that of IPv6 by it and sets it along, and
 * the VLANs of a port when it is back in the bridge that had them.
 */
const backwards = (changes: ReadonlyMap<string, Change>): [what: string, change: Change][] =>
  [...changes].reverse().sort(([one], [other]) => (PLACES[one] ?? 0) - (PLACES[other] ?? 0));

function check(result: number): void {
  if (result < 0) throw systemError("refused", -result);
}
