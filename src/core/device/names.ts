import { trunkDevice, trunkSubDevice } from "../base/trunk-names.js";
import type { DesiredInterface } from "../contract/desired/trunk.js";
import type { LinkState } from "../contract/host.js";
import type { Links } from "./links.js";

/** The interfaces of the configuration by their configured name, and which Linux interface each is bound to. */
export class Names {
  readonly #links: Links;
  readonly #interfaces = new Map<string, DesiredInterface>();
  readonly #byDevice = new Map<string, DesiredInterface>();

  constructor(links: Links) {
    this.#links = links;
  }

  /** Returns how the interface was configured before. */
  set(desired: DesiredInterface): DesiredInterface | undefined {
    const before = this.#interfaces.get(desired.name);
    if (before?.device !== undefined && before.device !== desired.device) this.#byDevice.delete(before.device);
    this.#interfaces.set(desired.name, desired);
    if (desired.device !== undefined) this.#byDevice.set(desired.device, desired);
    return before;
  }

  /** Returns the Linux name that no configured interface is bound to any more. */
  delete(name: string): string | undefined {
    const device = this.#interfaces.get(name)?.device;
    this.#interfaces.delete(name);
    if (device === undefined || this.#byDevice.get(device)?.name !== name) return undefined;
    this.#byDevice.delete(device);
    return device;
  }

  interfaces(): Iterable<DesiredInterface> {
    return this.#interfaces.values();
  }

  interface(name: string): DesiredInterface | undefined {
    return this.#interfaces.get(name);
  }

  /** The interface that is bound to a Linux name. */
  boundTo(device: string): DesiredInterface | undefined {
    return this.#byDevice.get(device);
  }

  /** The link under a configured interface; undefined while there is none. */
  linkOf(name: string): LinkState | undefined {
    const device = this.#interfaces.get(name)?.device;
    return device === undefined ? undefined : this.#links.named(device);
  }

  /** The link under any configured name: a trunk's device, one of its sub-interfaces, a physical interface, a Linux name. */
  linkOfAny(name: string): LinkState | undefined {
    const [, id, sub] = /^Eth-Trunk(\d+)(?:\.(\d+))?$/i.exec(name) ?? [];
    if (id === undefined) return this.linkOf(name) ?? this.#links.named(name);
    const trunk = Number(id);
    return this.#links.named(sub === undefined ? trunkDevice(trunk) : trunkSubDevice(trunk, Number(sub)));
  }
}
