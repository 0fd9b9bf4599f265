import { constants } from "node:os";
import type { Host, InterfaceWish } from "../core/contract/host.js";
import { linkAddon } from "./native/link.js";
import { netlinkAddon } from "./native/netlink.js";
import { Refusals, type TellRefusal } from "./refusals.js";
import { systemError } from "./system-error.js";

export interface Interfaces {
  set: Host["interfaces"]["set"];
  close(): void;
}

export interface InterfacesOptions {
  /** The kernel does not set the admin state or the alias of an interface, by Linux name. */
  readonly refused: TellRefusal<string>;
}

/** Octets of an alias that the kernel keeps (IFALIASZ with its end). */
const LONGEST_ALIAS = 255;

/** An alias in the octets the kernel takes, cut between two characters. */
function fitting(alias: string): string {
  const octets = new Uint8Array(LONGEST_ALIAS);
  return alias.slice(0, new TextEncoder().encodeInto(alias, octets).read);
}

/** Sets admin state and alias of Linux interfaces by rtnetlink; done when `set` returns. */
export function openInterfaces(options: InterfacesOptions): Interfaces {
  const native = linkAddon();
  const refusals = new Refusals(options.refused, (device) => device);
  const netlink = netlinkAddon().netlinkOpen();
  if (typeof netlink === "number") throw systemError("netlink socket", -netlink);
  return {
    set({ device, up, alias }: InterfaceWish): void {
      const errno = -native.linkSet(netlink, device, { up, alias: alias && fitting(alias) });
      // An interface that is gone is set when it comes.
      const isRefused = errno > 0 && errno !== constants.errno.ENODEV;
      const wish = up === undefined ? "alias" : `admin state ${up ? "up" : "down"}`;
      refusals.answered(device, isRefused ? systemError(wish, errno).message : undefined);
    },
    close: () => netlinkAddon().netlinkClose(netlink),
  };
}
