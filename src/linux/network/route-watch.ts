import { routeAddon } from "../native/route.js";
import { MARK } from "./addresses.js";

/** Hears that somebody took away a route of ours. A kernel that does not tell leaves it to the rounds of the core. */
export class RouteWatch {
  readonly #native = routeAddon();
  readonly #events;

  constructor(gone: () => void) {
    const events = this.#native.routeWatchOpen(MARK, () => {
      if (typeof events !== "number" && this.#native.routeWatchGone(events)) gone();
    });
    this.#events = events;
  }

  close(): void {
    if (typeof this.#events !== "number") this.#native.routeWatchClose(this.#events);
  }
}
