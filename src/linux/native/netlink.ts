import { addon } from "./addon.js";

/** A rtnetlink socket for requests. */
export interface Netlink {
  readonly kind: "netlink";
}

interface NetlinkFunctions {
  netlinkOpen(): Netlink | number;
  netlinkClose(netlink: Netlink): void;
}

export const netlinkAddon = (): NetlinkFunctions => addon();
