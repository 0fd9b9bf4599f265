import { constants } from "node:os";
import type { InterfaceIndex } from "../core/base/protocol.js";
import { addVlan, BITMAP_LENGTH, hasVlan, vlansOf } from "../core/base/vlan-set.js";
import type { FlushScope, Tables } from "../core/contract/host.js";
import { bridgeAddon } from "./native/bridge.js";
import { fdbAddon } from "./native/fdb.js";
import { linkAddon } from "./native/link.js";
import { type Netlink, netlinkAddon } from "./native/netlink.js";
import { Refusals, type TellRefusal } from "./refusals.js";
import { systemError } from "./system-error.js";

/**
 * Most requests for one Flush beyond one for each port. Each VLAN after a port's first is a request more, and each request
 * walks the whole table, which costs the fortieth part of reading it out; beyond this number ports are swept instead.
 */
const MOST_FURTHER_REQUESTS = 40;
/** Neighbours probed at once for one Flush; the kernel probes the others when they are used next. */
const MOST_PROBES = 256;
/** Most VLAN devices on one interface that are considered. */
const MOST_VLAN_DEVICES = 4_094;

const WITHOUT_BULK: readonly number[] = [constants.errno.EINVAL, constants.errno.EOPNOTSUPP];

export interface LinuxTables extends Tables {
  close(): void;
}

/** A table of the kernel, and the interface whose entries are to go or to be probed. */
interface TableOf {
  readonly table: "forwarding database" | "neighbours";
  readonly interface: InterfaceIndex;
}

export interface LinuxTablesOptions {
  /** The kernel does not empty the table of an interface. */
  readonly refused: TellRefusal<TableOf>;
}

/** The kernel's tables by rtnetlink. Needs CAP_NET_ADMIN when something is to be emptied. */
export function openTables(options: LinuxTablesOptions): LinuxTables {
  const netlink = netlinkAddon().netlinkOpen();
  if (typeof netlink === "number") throw systemError("rtnetlink socket", -netlink);
  return new NetlinkTables(netlink, options);
}

class NetlinkTables implements LinuxTables {
  readonly #native = fdbAddon();
  readonly #netlink: Netlink;
  readonly #refusals: Refusals<TableOf>;
  readonly #vlanDevices = new Uint32Array(2 * MOST_VLAN_DEVICES);

  constructor(netlink: Netlink, options: LinuxTablesOptions) {
    this.#netlink = netlink;
    this.#refusals = new Refusals(options.refused, (of) => `${of.table} ${of.interface}`);
  }

  flush({ bridge, ports, vlans, above }: FlushScope): void {
    if (bridge !== undefined) {
      const link = linkAddon().linkGet(this.#netlink, bridge);
      // A bridge without VLAN filtering knows no VLANs.
      const known = typeof link !== "number" && link.filtering && vlans !== "all" ? vlans : undefined;
      const most = 1 + MOST_FURTHER_REQUESTS / ports.length;
      for (const port of ports) this.#answered("forwarding database", port, this.#emptyPort(bridge, port, known, most));
    }
    this.#probe(bridge === undefined ? ports : [bridge], vlans, above);
  }

  /** Empties one port; with more VLANs than `most` it is swept. Returns the first refusal as the addon does. */
  #emptyPort(bridge: InterfaceIndex, port: InterfaceIndex, named: readonly number[] | undefined, most: number): number {
    const vlans = named !== undefined && named.length > most ? this.#carried(port, named) : named;
    if (vlans !== undefined && vlans.length > most) return this.#sweep(bridge, port, vlans);
    let refusal = 0;
    for (const vlan of vlans ?? [0]) {
      const result = this.#native.fdbFlush(this.#netlink, bridge, port, vlan);
      if (WITHOUT_BULK.includes(-result)) return this.#sweep(bridge, port, vlans);
      if (refusal === 0) refusal = Math.min(0, result);
    }
    return refusal;
  }

  /** The named VLANs that a port carries; undefined where it carries no others. */
  #carried(port: InterfaceIndex, named: readonly number[]): readonly number[] | undefined {
    const set = new Uint8Array(BITMAP_LENGTH);
    if (bridgeAddon().portVlanSet(this.#netlink, port, set) < 0) return named;
    const carried = named.filter((vlan) => hasVlan(set, vlan));
    return carried.length > 0 && carried.length === vlansOf(set).length ? undefined : carried;
  }

  #sweep(bridge: InterfaceIndex, port: InterfaceIndex, vlans: readonly number[] | undefined): number {
    let bitmap: Uint8Array | undefined;
    if (vlans !== undefined) {
      bitmap = new Uint8Array(BITMAP_LENGTH);
      for (const vlan of vlans) addVlan(bitmap, vlan);
    }
    return this.#native.fdbSweep(this.#netlink, bridge, port, bitmap);
  }

  /** Probes the neighbours over bridges or interfaces, and over the VLAN devices on them. */
  #probe(bases: readonly InterfaceIndex[], vlans: readonly number[] | "all", above: readonly InterfaceIndex[]): void {
    const wanted = vlans === "all" ? undefined : new Set(vlans);
    const devices = new Set(bases);
    for (const base of bases) {
      const count = this.#native.vlanDevices(this.#netlink, base, this.#vlanDevices);
      for (let row = 0; row < Math.min(count, MOST_VLAN_DEVICES); row++) {
        const [index = 0, vlan = 0] = this.#vlanDevices.subarray(2 * row, 2 * row + 2);
        if (wanted?.has(vlan) ?? true) devices.add(index);
      }
    }
    for (const device of above) devices.add(device);
    let left = MOST_PROBES;
    for (const device of devices) {
      const found = this.#native.neighbourProbe(this.#netlink, device, left);
      this.#answered("neighbours", device, found);
      left = Math.max(0, left - Math.max(0, found));
    }
  }

  #answered(table: TableOf["table"], index: InterfaceIndex, result: number): void {
    // An interface that is gone took its entries along.
    const isRefused = result < 0 && result !== -constants.errno.ENODEV;
    this.#refusals.answered({ table, interface: index }, isRefused ? systemError(table, -result).message : undefined);
  }

  close(): void {
    netlinkAddon().netlinkClose(this.#netlink);
  }
}
