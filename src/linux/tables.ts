import { constants } from "node:os";
import type { InterfaceIndex } from "../core/base/protocol.js";
import type { FlushScope, Tables } from "../core/host.js";
import { addVlan, BITMAP_LENGTH } from "../core/wire/flush.js";
import { addon, type Netlink } from "./addon.js";
import { systemError } from "./system-error.js";

/**
 * Of more VLANs than this a port is swept: each request goes over the whole table, which takes the fortieth part of reading
 * it out.
 */
const MOST_REQUESTS = 40;
/** Neighbours probed at once for one Flush; the others when they are used next. */
const MOST_PROBES = 256;
/** VLAN devices on one interface that are looked at. */
const MOST_VLAN_DEVICES = 4_094;

const WITHOUT_BULK: readonly number[] = [constants.errno.EINVAL, constants.errno.EOPNOTSUPP];

export interface LinuxTables extends Tables {
  close(): void;
}

export interface LinuxTablesOptions {
  /** The kernel refused something, in one line; told once. */
  failed(text: string): void;
}

/** The kernel's tables by rtnetlink. Needs CAP_NET_ADMIN when something is to be emptied. */
export function openTables(options: LinuxTablesOptions): LinuxTables {
  const netlink = addon().netlinkOpen();
  if (typeof netlink === "number") throw systemError("rtnetlink socket", -netlink);
  return new NetlinkTables(netlink, options);
}

class NetlinkTables implements LinuxTables {
  readonly #native = addon();
  readonly #netlink: Netlink;
  readonly #options: LinuxTablesOptions;
  /** What was told: a storm would say it ten times a second. */
  readonly #told = new Set<string>();
  readonly #vlanDevices = new Uint32Array(2 * MOST_VLAN_DEVICES);

  constructor(netlink: Netlink, options: LinuxTablesOptions) {
    this.#netlink = netlink;
    this.#options = options;
  }

  flush({ bridge, ports, vlans }: FlushScope): void {
    if (bridge !== undefined) {
      const link = this.#native.linkGet(this.#netlink, bridge);
      // A bridge that filters none knows no VLANs.
      const known = typeof link !== "number" && link.filtering && vlans !== "all" ? vlans : undefined;
      for (const port of ports) this.#emptyPort(bridge, port, known);
    }
    // What is above: of a bridge the bridge itself, else the interface.
    for (const device of bridge === undefined ? ports : [bridge]) this.#probe(device, vlans);
  }

  #emptyPort(bridge: InterfaceIndex, port: InterfaceIndex, vlans: readonly number[] | undefined): void {
    if (vlans !== undefined && vlans.length > MOST_REQUESTS) {
      this.#sweep(bridge, port, vlans);
      return;
    }
    for (const vlan of vlans ?? [0]) {
      const result = this.#native.fdbFlush(this.#netlink, bridge, port, vlan);
      if (WITHOUT_BULK.includes(-result)) {
        this.#sweep(bridge, port, vlans);
        return;
      }
      this.#check(result, `forwarding database of interface ${port}`);
    }
  }

  #sweep(bridge: InterfaceIndex, port: InterfaceIndex, vlans: readonly number[] | undefined): void {
    let bitmap: Uint8Array | undefined;
    if (vlans !== undefined) {
      bitmap = new Uint8Array(BITMAP_LENGTH);
      for (const vlan of vlans) addVlan(bitmap, vlan);
    }
    const result = this.#native.fdbSweep(this.#netlink, bridge, port, bitmap);
    this.#check(result, `forwarding database of interface ${port}`);
  }

  #probe(device: InterfaceIndex, vlans: readonly number[] | "all"): void {
    this.#check(this.#native.neighbourProbe(this.#netlink, device, MOST_PROBES), `neighbours of interface ${device}`);
    const count = this.#native.vlanDevices(this.#netlink, device, this.#vlanDevices);
    for (let row = 0; row < Math.min(count, MOST_VLAN_DEVICES); row++) {
      const [index = 0, vlan = 0] = this.#vlanDevices.subarray(2 * row, 2 * row + 2);
      if (vlans === "all" || vlans.includes(vlan)) this.#native.neighbourProbe(this.#netlink, index, MOST_PROBES);
    }
  }

  #check(result: number, what: string): void {
    // An interface that went meanwhile took its entries along.
    if (result >= 0 || result === -constants.errno.ENODEV) return;
    const { message } = systemError(what, -result);
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#options.failed(message);
  }

  close(): void {
    this.#native.netlinkClose(this.#netlink);
  }
}
