import { constants } from "node:os";
import { bridgeAddon } from "../native/bridge.js";
import { IFF_UP, type KernelLink, linkAddon } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { systemError } from "../system-error.js";
import { writePortVlans } from "./port-vlans.js";
import { readSysctl, writeSysctl } from "./sysctl.js";

const IFF_PROMISC = 0x100;

/** Where settings are read: interfaces, and the VLANs of bridges and their ports. */
export interface LinkTable {
  /** Settings of links were written, so what was read before may stand no more. */
  changed(): void;
  at(index: number): KernelLink | undefined;
  /** VLANs of a bridge port or a bridge, in one line. */
  vlansAt(index: number): string;
  isInVlan(index: number, vlan: number): boolean;
}

/**
 * A setting of an interface, read and written as text. `detail` is the part of its name behind the slash. Both methods throw an
 * Error when the kernel refuses.
 */
interface Setting {
  /** Undefined where the kernel has no such thing. */
  read(link: KernelLink, table: LinkTable, detail: string): string | undefined;
  write(netlink: Netlink, link: KernelLink, value: string, detail: string): void;
}

function check(result: number): void {
  if (result < 0) throw systemError("refused", -result);
}

const set = (netlink: Netlink, { name }: KernelLink, wish: Parameters<ReturnType<typeof linkAddon>["linkSet"]>[2]) =>
  check(linkAddon().linkSet(netlink, name, wish));

/** Many a driver changes the address of an interface only while it is down. */
function setMac(netlink: Netlink, link: KernelLink, mac: number): void {
  const result = linkAddon().linkSet(netlink, link.name, { mac });
  if (result !== -constants.errno.EBUSY || (link.flags & IFF_UP) === 0) {
    check(result);
    return;
  }
  set(netlink, link, { up: false });
  try {
    set(netlink, link, { mac });
  } finally {
    set(netlink, link, { up: true });
  }
}

const SETTINGS: { readonly [name: string]: Setting } = {
  mac: {
    read: ({ mac }) => String(mac),
    write: (netlink, link, value) => setMac(netlink, link, Number(value)),
  },
  alias: {
    read: ({ alias }) => alias,
    write: (netlink, link, value) => set(netlink, link, { alias: value }),
  },
  mtu: {
    read: ({ mtu }) => String(mtu),
    write: (netlink, link, value) => set(netlink, link, { mtu: Number(value) }),
  },
  up: {
    read: ({ flags }) => String((flags & IFF_UP) !== 0),
    write: (netlink, link, value) => set(netlink, link, { up: value === "true" }),
  },
  promiscuous: {
    read: ({ flags }) => String((flags & IFF_PROMISC) !== 0),
    write: (netlink, { index }, value) => check(linkAddon().linkPromiscuous(netlink, index, value === "true")),
  },
  master: {
    read: ({ master }) => String(master),
    write: (netlink, { index }, value) => check(linkAddon().linkMaster(netlink, index, Number(value))),
  },
  filtering: {
    read: ({ filtering }) => String(filtering),
    write: (netlink, { index }, value) =>
      check(bridgeAddon().bridgeFilter(netlink, index, value === "true", undefined)),
  },
  vlans: {
    read: ({ index }, table) => table.vlansAt(index),
    write: (netlink, { index }, value) => writePortVlans(netlink, index, value),
  },
  "self-vlan": {
    read: ({ index }, table, detail) => String(table.isInVlan(index, Number(detail))),
    write: (netlink, { index }, value, detail) => {
      const itself = { self: true, first: Number(detail), last: Number(detail), flags: 0 };
      check(bridgeAddon().portVlan(netlink, index, value === "true", itself));
    },
  },
};

/** The name of any other setting is the path of a sysctl below /proc/sys/net/, a `*` in place of the interface's name. */
const sysctl = (path: string): Setting => ({
  read: ({ name }) => readSysctl(path, name),
  write: (_, { name }, value) => writeSysctl(path, name, value),
});

export function readSetting(what: string, link: KernelLink, table: LinkTable): string | undefined {
  const [name = "", detail = ""] = what.split("/");
  return (SETTINGS[name] ?? sysctl(what)).read(link, table, detail);
}

export function writeSetting(what: string, netlink: Netlink, link: KernelLink, value: string): void {
  const [name = "", detail = ""] = what.split("/");
  (SETTINGS[name] ?? sysctl(what)).write(netlink, link, value, detail);
}
