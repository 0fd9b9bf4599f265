import type { Host } from "../core/host.js";
import type { Interfaces } from "./interfaces.js";
import type { FrameLink } from "./link.js";
import type { Store } from "./store.js";

export interface HostParts {
  readonly link: FrameLink;
  readonly interfaces: Interfaces;
  readonly store: Store;
}

/** The Host on Linux, of parts that are open. */
export const createHost = ({ link, interfaces, store }: HostParts): Host => ({
  link: { send: (out) => link.send(out) },
  interfaces: { set: (wish) => interfaces.set(wish) },
  store: { save: (name, text) => store.save(name, text) },
});
