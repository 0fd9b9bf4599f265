import { constants } from "node:os";
import type { InterfaceIndex } from "../core/base/protocol.js";
import { type KernelLink, linkAddon } from "./native/link.js";
import type { Netlink } from "./native/netlink.js";
import { systemError } from "./system-error.js";

/** The link of an index or a name; undefined when it is gone. Throws when the kernel does not tell. */
export function findLink(netlink: Netlink, which: InterfaceIndex | string): KernelLink | undefined {
  const link = linkAddon().linkGet(netlink, which);
  if (typeof link !== "number") return link;
  if (-link === constants.errno.ENODEV) return undefined;
  throw systemError(`query of interface ${which}`, -link);
}
