import type { LinkState } from "../contract/host.js";

/** Mbit/s of what has no rate: a veth, a NIC that does not say. */
const DEFAULT_SPEED = 1_000;

/** The rate of an interface: the configured one, else its link's. */
export const speedOf = (configured: number | undefined, link: LinkState | undefined): number =>
  configured ?? (link?.speed || DEFAULT_SPEED);
