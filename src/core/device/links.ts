import type { InterfaceIndex } from "../base/protocol.js";
import type { Host, LinkState } from "../contract/host.js";

/** The network interfaces of this host as the kernel last reported them, and the administrative state asked of each. */
export class Links {
  readonly #interfaces: Host["interfaces"];
  readonly #byIndex = new Map<InterfaceIndex, LinkState>();
  /** The interface that was last reported with a name: while a dump is read, one that is gone may still bear it. */
  readonly #byName = new Map<string, InterfaceIndex>();
  /** Administrative states that were asked for and not reported yet. */
  readonly #asked = new Map<InterfaceIndex, boolean>();

  constructor(interfaces: Host["interfaces"]) {
    this.#interfaces = interfaces;
  }

  /** Takes a report; returns the report before it. */
  changed(link: LinkState): LinkState | undefined {
    const before = this.#byIndex.get(link.index);
    if (!link.present || this.#asked.get(link.index) === link.up) this.#asked.delete(link.index);
    if (before !== undefined && this.#byName.get(before.name) === link.index) this.#byName.delete(before.name);
    if (link.present) {
      this.#byIndex.set(link.index, link);
      this.#byName.set(link.name, link.index);
    } else this.#byIndex.delete(link.index);
    return before;
  }

  all(): Iterable<LinkState> {
    return this.#byIndex.values();
  }

  at(index: InterfaceIndex): LinkState | undefined {
    return this.#byIndex.get(index);
  }

  /** The interface with a Linux name. */
  named(device: string): LinkState | undefined {
    const index = this.#byName.get(device);
    return index === undefined ? undefined : this.#byIndex.get(index);
  }

  /** Asks for an administrative state and an alias; nothing is asked where both are as they shall be. */
  set(link: LinkState, up: boolean, alias: string | undefined): void {
    const asked = this.#asked.get(link.index) ?? up;
    if (link.up === up && asked === up && alias === undefined) return;
    this.#asked.set(link.index, up);
    this.#interfaces.set({ device: link.name, up, ...(alias === undefined ? {} : { alias }) });
  }

  /** The kernel did not do what was asked of an interface, by Linux name. */
  refused(device: string): void {
    const link = this.named(device);
    if (link !== undefined) this.#asked.delete(link.index);
  }

  /** Asks that a link goes down, unless it is down or was asked to already. */
  takeDown(link: LinkState): void {
    if (!(this.#asked.get(link.index) ?? link.up)) return;
    this.#asked.set(link.index, false);
    this.#interfaces.set({ device: link.name, up: false });
  }
}
