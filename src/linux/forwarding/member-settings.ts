import { constants } from "node:os";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import { type KernelLink, linkAddon } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { planeAddon } from "../native/plane.js";
import { readSysctl, writeSysctl } from "../sysctl.js";
import { systemError } from "../system-error.js";
import type { Original } from "./record.js";

const IFF_PROMISC = 0x100;

/** A member has no addresses and answers no ARP: the trunk has them, and answers. */
const SYSCTLS: readonly (readonly [path: string, value: string])[] = [
  ["ipv4/conf/*/arp_ignore", "8"],
  ["ipv6/conf/*/disable_ipv6", "1"],
];

/** The link of an index; undefined when it is gone. Throws when it cannot be told. */
export function findLink(netlink: Netlink, which: InterfaceIndex | string): KernelLink | undefined {
  const link = linkAddon().linkGet(netlink, which);
  if (typeof link !== "number") return link;
  if (-link === constants.errno.ENODEV) return undefined;
  throw systemError(`query of interface ${which}`, -link);
}

/** What an interface is before it becomes a member. */
export function readOriginal(netlink: Netlink, link: KernelLink): Original {
  const found = SYSCTLS.map(([path]) => [path, readSysctl(path, link.name)] as const);
  return {
    promiscuous: (link.flags & IFF_PROMISC) !== 0,
    qdisc: planeAddon().hookQdisc(netlink, link.index),
    mtu: undefined,
    sysctls: Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined)),
  };
}

const check = (result: number, what: string): void => {
  if (result < 0) throw systemError(what, -result);
};

/**
 * Makes an interface a member. It becomes promiscuous, for the frames it takes are addressed to the trunk, or to
 * whoever is behind the bridge the trunk is in; giving it the trunk's MAC address would cover only the first, and take
 * its own from the LACPDUs. Set on the interface, not by a socket: it has to outlive this process.
 */
export function prepareMember(netlink: Netlink, link: KernelLink): void {
  for (const [path, value] of SYSCTLS) writeSysctl(path, link.name, value);
  if ((link.flags & IFF_PROMISC) === 0)
    check(linkAddon().linkPromiscuous(netlink, link.index, true), "promiscuous mode");
}

export function setMemberMtu(netlink: Netlink, name: string, mtu: number): void {
  check(linkAddon().linkSet(netlink, name, { mtu }), `MTU ${mtu}`);
}

/** Gives an interface back as it was found. What cannot be put back is left: the interface is on its way out. */
export function restoreMember(netlink: Netlink, link: KernelLink, original: Original): void {
  const native = linkAddon();
  if (!original.promiscuous) native.linkPromiscuous(netlink, link.index, false);
  if (original.mtu !== undefined) native.linkSet(netlink, link.name, { mtu: original.mtu });
  for (const [path, value] of Object.entries(original.sysctls)) {
    try {
      writeSysctl(path, link.name, value);
    } catch {}
  }
}
