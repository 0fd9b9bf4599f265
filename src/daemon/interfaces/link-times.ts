import type { Micros } from "../../core/base/time.js";
import type { LinkState } from "../../core/contract/host.js";

interface Times {
  readonly isUp: boolean;
  readonly up?: Micros;
  readonly down?: Micros;
}

const NEVER_SEEN: Times = { isUp: false };

/** When the links of this host last came up and went down, as far as it was seen; by Linux name. */
export class LinkTimes {
  readonly #times = new Map<string, Times>();
  #kept: ReadonlySet<string> = new Set();

  linkChanged({ name, present, up, carrier }: LinkState, now: Micros): void {
    const isUp = present && up && carrier;
    const before = this.#times.get(name);
    if (!present && !this.#kept.has(name)) this.#times.delete(name);
    else if (before === undefined) this.#times.set(name, { isUp });
    else if (before.isUp !== isUp) this.#times.set(name, { ...before, isUp, ...(isUp ? { up: now } : { down: now }) });
  }

  /** Those of the configuration are remembered when they are gone; interfaces of containers come and go. */
  keep(devices: ReadonlySet<string>): void {
    this.#kept = devices;
  }

  of(name: string): { readonly up?: Micros; readonly down?: Micros } {
    return this.#times.get(name) ?? NEVER_SEEN;
  }
}
