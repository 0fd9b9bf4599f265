import type { LinkState } from "../contract/host.js";

/** The rate in Mbit/s of an interface that says none, as a veth. */
const DEFAULT_SPEED = 1_000;

/** The rate of an interface: the configured one, else its link's. */
export const speedOf = (configured: number | undefined, link: LinkState | undefined): number =>
  configured ?? (link?.speed || DEFAULT_SPEED);
