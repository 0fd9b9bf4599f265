import type { InterfaceIndex } from "../base/protocol.js";
import type { Host, LinkState } from "../contract/host.js";

/** The network interfaces of this host as the kernel last reported them, and the administrative state asked of each. */
export class Links {
  readonly #interfaces: Host["interfaces"];
  readonly #byIndex = new Map<InterfaceIndex, LinkState>();
  /** Administrative states that were asked for and not reported yet. */
  readonly #asked = new Map<InterfaceIndex, boolean>();

  constructor(interfaces: Host["interfaces"]) {
    this.#interfaces = interfaces;
  }

  /** Takes a report; returns the report before it. */
  changed(link: LinkState): LinkState | undefined {
    const before = this.#byIndex.get(link.index);
    if (!link.present || this.#asked.get(link.index) === link.up) this.#asked.delete(link.index);
    if (link.present) this.#byIndex.set(link.index, link);
    else this.#byIndex.delete(link.index);
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
    for (const link of this.#byIndex.values()) if (link.name === device) return link;
    return undefined;
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
