import { addon } from "./addon.js";
import type { Netlink } from "./netlink.js";

interface NeighbourFunctions {
  /**
   * Puts in or takes away what the rows say (core/base/neighbours/entry-rows.ts). `errors` gets an errno for each, 0 where it was done.
   * Returns how many were refused.
   */
  neighboursChange(netlink: Netlink, rows: Uint8Array, errors: Uint32Array): number;
  /** Begins to read out what an interface has with addresses of 4 or 16 octets. The socket is for nothing else meanwhile. */
  neighboursAsk(netlink: Netlink, ifindex: number, width: number): number;
  /** Writes the next entries with our mark; fewer than there is room for at the end alone. EINTR: the list changed. */
  neighboursNext(netlink: Netlink, rows: Uint8Array): number;
}

export const neighbourAddon = (): NeighbourFunctions => addon();
