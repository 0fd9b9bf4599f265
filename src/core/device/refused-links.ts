import type { InterfaceIndex } from "../base/protocol.js";
import { Retries } from "../base/retries.js";
import type { Micros } from "../base/time.js";
import type { Links } from "./links.js";

/** Requests about interfaces that the machine refused: as Retries, and each interface by the name that it had then. */
export class RefusedLinks {
  readonly #links: Links;
  readonly #names = new Map<InterfaceIndex, string>();
  readonly #retries = new Retries<InterfaceIndex>();

  constructor(links: Links) {
    this.#links = links;
  }

  /** Without a text: granted, or wanted no more. */
  answered(index: InterfaceIndex, text: string | undefined, now: Micros): void {
    if (text === undefined) {
      this.#retries.over(index);
      this.#names.delete(index);
      return;
    }
    this.#retries.refused(index, text, now);
    // The interface may be gone when that is over.
    if (!this.#names.has(index)) this.#names.set(index, this.#links.at(index)?.name ?? `interface ${index}`);
  }

  /** What is refused, and why. */
  standing(): [name: string, text: string][] {
    return this.#retries.standing().map(([index, text]) => [this.#names.get(index) ?? `interface ${index}`, text]);
  }

  /** The requests to be made now. */
  due(now: Micros): InterfaceIndex[] {
    return this.#retries.due(now);
  }

  nextDeadline(): Micros {
    return this.#retries.nextDeadline();
  }
}
