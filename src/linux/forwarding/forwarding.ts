import type { Mac } from "../../core/base/address.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { Forwarding, TrafficCounters, TrunkDevice, TrunkShare } from "../../core/host.js";
import type { Netlink } from "../addon.js";
import { findLink, restoreMember } from "./member-settings.js";
import type { Backend } from "./plane.js";
import { printRecord, type RecordedTrunk, type RecordStore, readRecord } from "./record.js";
import { Trunk } from "./trunk.js";
import { removeDevices } from "./trunk-device.js";

/** What could not be done, for the operator. */
export interface ForwardingProblem {
  readonly trunk: number;
  /** Undefined when the trunk itself is concerned. */
  readonly member: InterfaceIndex | undefined;
  /** One line. */
  readonly text: string;
}

export interface ForwardingOptions {
  readonly netlink: Netlink;
  readonly backend: Backend;
  readonly deviceMac: Mac;
  readonly record: RecordStore;
  failed(problem: ForwardingProblem): void;
}

/**
 * The data plane of the Eth-Trunks on Linux: each is a veth `eth-trunkN` with an inner end `etN-ul`, and a backend moves
 * frames between the inner end and the members.
 *
 * Until `commit` calls are only noted. Then what was told takes the place of what an earlier process left, which forwards
 * until that moment; so tell everything that is known at the start, members and distribution too, before it.
 */
export class LinuxForwarding implements Forwarding {
  readonly #options: ForwardingOptions;
  readonly #trunks = new Map<number, Trunk>();
  /** What an earlier process left, by trunk; emptied by `commit`. */
  readonly #left: Map<number, RecordedTrunk>;
  #committed = false;
  #saving = false;

  constructor(options: ForwardingOptions) {
    this.#options = options;
    this.#left = new Map(readRecord(options.record.load()).map((trunk) => [trunk.trunk, trunk]));
  }

  create(device: TrunkDevice): void {
    let trunk = this.#trunks.get(device.trunk);
    if (!trunk) {
      trunk = new Trunk(this.#site(device.trunk), device, this.#left.get(device.trunk));
      this.#trunks.set(device.trunk, trunk);
    }
    trunk.change(device);
    if (this.#committed) trunk.bring();
  }

  attach(trunk: number, member: InterfaceIndex): void {
    // Who moves it to another trunk may ask for that first.
    for (const [id, other] of this.#trunks) if (id !== trunk) other.detach(member);
    this.#trunks.get(trunk)?.attach(member);
  }

  detach(trunk: number, member: InterfaceIndex): void {
    this.#trunks.get(trunk)?.detach(member);
  }

  setDistribution(trunk: number, shares: readonly TrunkShare[]): void {
    this.#trunks.get(trunk)?.distribute(shares);
  }

  setCollecting(trunk: number, member: InterfaceIndex, on: boolean): void {
    this.#trunks.get(trunk)?.collect(member, on);
  }

  setCarrier(trunk: number, on: boolean): void {
    this.#trunks.get(trunk)?.setCarrier(on);
  }

  commit(): void {
    if (this.#committed) return;
    this.#committed = true;
    for (const trunk of this.#trunks.values()) trunk.bring();
    this.#clean();
    this.#save();
  }

  counters(trunk: number): TrafficCounters | undefined {
    return this.#trunks.get(trunk)?.counters();
  }

  memberCounters(trunk: number, member: InterfaceIndex): TrafficCounters | undefined {
    return this.#trunks.get(trunk)?.memberCounters(member);
  }

  destroy(trunk: number): void {
    const gone = this.#trunks.get(trunk);
    if (!gone) return;
    this.#trunks.delete(trunk);
    gone.end();
    if (this.#committed) removeDevices(this.#options.netlink, [trunk]);
    this.#saveSoon();
  }

  /** Leaves for good: devices and hooks go, members are as they were found. */
  leave(): void {
    const trunks = [...this.#trunks.keys()];
    for (const trunk of this.#trunks.values()) trunk.end();
    this.#trunks.clear();
    if (this.#committed) removeDevices(this.#options.netlink, trunks);
    this.#clean();
    this.#save();
  }

  /** Stops for a restart: frames go on as they do now, and the next process continues the counters. */
  release(): void {
    if (!this.#committed) return;
    this.#save(true);
    for (const trunk of this.#trunks.values()) trunk.release();
    this.#trunks.clear();
  }

  #site(trunk: number) {
    const { netlink, backend, deviceMac, failed } = this.#options;
    return {
      netlink,
      backend,
      deviceMac,
      failed: (member: InterfaceIndex | undefined, text: string) => failed({ trunk, member, text }),
      save: (at: "now" | "soon") => (at === "now" ? this.#save() : this.#saveSoon()),
    };
  }

  /** What the earlier process left and nobody asked for: trunks, and members of trunks there still are. */
  #clean(): void {
    const { netlink, backend } = this.#options;
    const members = new Set([...this.#trunks.values()].flatMap((trunk) => [...trunk.members()]));
    for (const { members: left } of this.#left.values())
      for (const { index, mac, original, qdisc } of left) {
        const link = members.has(index) ? undefined : findLink(netlink, index);
        // Another interface has its number now.
        if (link?.mac !== mac) continue;
        backend.clean(index, qdisc);
        restoreMember(netlink, link, original);
      }
    removeDevices(
      netlink,
      [...this.#left.keys()].filter((trunk) => !this.#trunks.has(trunk)),
    );
    this.#left.clear();
  }

  #save(counting = false): void {
    const trunks = [...this.#trunks.values()].map((trunk) => trunk.record(counting));
    // Until the commit its members are what the record says, though nothing of it is told yet.
    if (this.#committed) this.#options.record.save(printRecord([...trunks]));
  }

  /** Once for all that changes in this turn: flows have moved already, and a crash meanwhile only moves some again. */
  #saveSoon(): void {
    if (this.#saving) return;
    this.#saving = true;
    queueMicrotask(() => {
      this.#saving = false;
      this.#save();
    });
  }
}
