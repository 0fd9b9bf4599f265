import type { Host, InterfaceWish } from "../core/contract/host.js";
import { linkAddon } from "./native/link.js";
import { netlinkAddon } from "./native/netlink.js";
import { systemError } from "./system-error.js";

export interface Interfaces {
  set: Host["interfaces"]["set"];
  /** Wishes the kernel refused: the interface is gone, or CAP_NET_ADMIN is missing. */
  readonly refused: number;
  close(): void;
}

/** Sets admin state and alias of Linux interfaces by rtnetlink; done when `set` returns. */
export function openInterfaces(): Interfaces {
  const native = linkAddon();
  const netlink = netlinkAddon().netlinkOpen();
  if (typeof netlink === "number") throw systemError("netlink socket", -netlink);
  let refused = 0;
  return {
    set({ device, up, alias }: InterfaceWish): void {
      if (native.linkSet(netlink, device, { up, alias }) < 0) refused++;
    },
    get refused() {
      return refused;
    },
    close: () => netlinkAddon().netlinkClose(netlink),
  };
}
