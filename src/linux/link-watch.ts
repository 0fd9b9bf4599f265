import type { Mac } from "../core/base/address.js";
import type { InterfaceIndex } from "../core/base/protocol.js";
import type { LinkState } from "../core/contract/host.js";
import { IFF_UP, type KernelLink } from "./native/link.js";
import { watchAddon } from "./native/watch.js";
import { systemError } from "./system-error.js";

/** Kinds of interfaces that take frames of the interface under them. */
const STACKED: readonly string[] = ["vlan", "macvlan", "macvtap", "ipvlan", "ipvtap"];

export interface LinkWatchOptions {
  /** A link appeared, changed or is gone (`present` false). Called from `drain` only, once per change. */
  changed(link: LinkState): void;
  /** The kernel tells something of a link, which may be nothing that is reported. */
  touched?(index: InterfaceIndex): void;
  /** An event waits: call `drain`. */
  readable(): void;
  /** The port's own MAC address, where it has another one now; without it the one it has. */
  ownMac?(index: InterfaceIndex, mac: Mac): Mac;
}

export interface LinkWatch {
  /** Reports what is new; the first call reports every link there is. Returns how many reports it made. */
  drain(): number;
  /**
   * The links whose carrier is asked for every few milliseconds, since the kernel's own event may be a second late. Returns why
   * they are not, in one line: then the events are all there is.
   */
  setPolled(indexes: readonly InterfaceIndex[]): string | undefined;
  /** Every link as last reported; empty before the first `drain`. */
  all(): readonly LinkState[];
  close(): void;
}

/** Watches the links of this network namespace. Needs no capability. */
export function openLinkWatch(options: LinkWatchOptions): LinkWatch {
  return new KernelLinkWatch(options);
}

const linkState = (link: KernelLink): LinkState => {
  const up = (link.flags & IFF_UP) !== 0;
  return {
    index: link.index,
    name: link.name,
    present: link.present,
    ...(!link.present && { fate: link.moved ? "moved" : "deleted" }),
    up: link.present && up,
    // A link whose carrier the kernel does not tell (a tunnel) has none to lose, so it counts as having one.
    carrier: link.present && up && link.carrier !== 0,
    mac: link.mac as Mac,
    mtu: link.mtu,
    speed: link.speed,
    master: link.master || undefined,
    parent: STACKED.includes(link.kind) ? link.iflink || undefined : undefined,
  };
};

const REPORTED = ["name", "present", "up", "carrier", "mac", "mtu", "speed", "master", "parent"] as const;

const isSame = (one: LinkState, other: LinkState): boolean => REPORTED.every((field) => one[field] === other[field]);

class KernelLinkWatch implements LinkWatch {
  readonly #addon = watchAddon();
  readonly #changed: (link: LinkState) => void;
  readonly #touched: LinkWatchOptions["touched"];
  readonly #ownMac: LinkWatchOptions["ownMac"];
  readonly #watch;
  readonly #links = new Map<InterfaceIndex, LinkState>();
  /** Links seen in the dump under way. */
  #seen: Set<InterfaceIndex> | undefined;
  #reports = 0;

  constructor({ changed, touched, readable, ownMac }: LinkWatchOptions) {
    this.#changed = changed;
    this.#touched = touched;
    this.#ownMac = ownMac;
    const watch = this.#addon.watchOpen(readable);
    if (typeof watch === "number") throw systemError("netlink socket", -watch);
    this.#watch = watch;
  }

  drain(): number {
    const before = this.#reports;
    for (;;) {
      const message = this.#addon.watchNext(this.#watch);
      if (message === undefined) return this.#reports - before;
      if ("dump" in message) this.#dump(message.dump);
      else if ("name" in message) this.#take(linkState(message));
      else this.#answer(message.index, message.carrier);
    }
  }

  #dump(mark: "begin" | "end"): void {
    if (mark === "end")
      for (const link of [...this.#links.values()]) if (!this.#seen?.has(link.index)) this.#remove(link);
    this.#seen = mark === "begin" ? new Set() : undefined;
  }

  #take(told: LinkState): void {
    this.#touched?.(told.index);
    const link = { ...told, mac: this.#ownMac?.(told.index, told.mac) ?? told.mac };
    this.#seen?.add(link.index);
    const old = this.#links.get(link.index);
    if (!link.present) {
      if (old) this.#remove(old, link.fate);
      return;
    }
    if (old && isSame(old, link)) return;
    this.#links.set(link.index, link);
    this.#report(link);
  }

  /** An answer of -1 is a driver that cannot tell: the kernel's events stand. */
  #answer(index: InterfaceIndex, answer: number): void {
    const old = this.#links.get(index);
    if (!old || answer < 0) return;
    const carrier = old.up && answer === 1;
    if (carrier === old.carrier) return;
    const link = { ...old, carrier };
    this.#links.set(index, link);
    this.#report(link);
  }

  #remove(link: LinkState, fate?: LinkState["fate"]): void {
    this.#links.delete(link.index);
    this.#report({ ...link, present: false, up: false, carrier: false, fate });
  }

  #report(link: LinkState): void {
    this.#reports++;
    this.#changed(link);
  }

  setPolled(indexes: readonly InterfaceIndex[]): string | undefined {
    const error = this.#addon.watchPoll(this.#watch, Uint32Array.from(indexes));
    return error < 0 ? systemError("carrier watch", -error).message : undefined;
  }

  all(): readonly LinkState[] {
    return [...this.#links.values()];
  }

  close(): void {
    this.#addon.watchClose(this.#watch);
  }
}
