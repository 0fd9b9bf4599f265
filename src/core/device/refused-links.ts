import type { InterfaceIndex } from "../base/protocol.js";
import type { Links } from "./links.js";

/** Names of interfaces of which the machine refuses something: each as it was then, for it may be gone when that is over. */
export class RefusedLinks {
  readonly #links: Links;
  readonly #names = new Map<InterfaceIndex, string>();

  constructor(links: Links) {
    this.#links = links;
  }

  /** The name for an alarm that begins with a text, or is over without one. */
  nameFor(index: InterfaceIndex, text: string | undefined): string {
    const name = this.#names.get(index) ?? this.#links.at(index)?.name ?? `interface ${index}`;
    if (text === undefined) this.#names.delete(index);
    else this.#names.set(index, name);
    return name;
  }
}
