import type { Mac } from "../../core/base/address.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import { innerName, subInterfaceInnerName, trunkName } from "../../core/base/trunk-names.js";
import type { Forwarding, TrafficCounters, TrunkDevice, TrunkShare } from "../../core/contract/host.js";
import { asked } from "../answer.js";
import { findLink } from "../find-link.js";
import type { KernelLink } from "../native/link.js";
import { Refusals } from "../refusals.js";
import { Slices } from "../slices.js";
import type { TrafficTable } from "../traffic-counters.js";
import { AskedLinks } from "../undo/asked-links.js";
import { InterfaceChanges } from "../undo/changes.js";
import { backendNamed } from "./choice.js";
import type { ForwardingContext, ForwardingOptions, ForwardingSubject, TrunkInterface } from "./context.js";
import { countsGoneOn, interfaceTable } from "./counts.js";
import { ForwardedTrunk } from "./forwarded-trunk.js";
import { giveBack, isTheSame } from "./member-interface.js";
import type { LooksAt } from "./plane.js";
import { type Place, PlaneWatch, placesBeside, subPlaces } from "./plane-watch.js";
import type { ForwardingRecord, RecordedMember, RecordedTrunk } from "./record.js";
import { removeDevices } from "./trunk-device.js";

/** How long counters may pass unrecorded, in milliseconds. */
const RECORD_PERIOD = 60_000;

/**
 * The data plane of the Eth-Trunks on Linux: each is a veth `eth-trunkN` with an inner end `etN-ul`, and a backend moves
 * frames between the inner end and the members.
 *
 * Until `commit` calls are only noted, and an earlier process's data plane goes on forwarding. `commit` then puts the noted state
 * in its place; so the caller tells everything it knows at the start, members and distribution too, before `commit`.
 */
export class LinuxForwarding implements Forwarding {
  readonly #options: ForwardingOptions;
  readonly #refusals: Refusals<ForwardingSubject>;
  readonly #unprotected: Refusals<TrunkInterface>;
  readonly #trunks = new Map<number, ForwardedTrunk>();
  readonly #links: AskedLinks;
  readonly #watch: PlaneWatch;
  readonly #changes: InterfaceChanges;
  /** The record of an earlier process. */
  readonly #recorded: ForwardingRecord | undefined;
  /** Members and trunks of that record that were not taken over yet; empty after `commit`. */
  readonly #left: Map<InterfaceIndex, RecordedMember>;
  readonly #leftTrunks: Map<number, RecordedTrunk>;
  /** Inner ends of all devices an earlier process may have left. */
  #leftInners: readonly string[];
  readonly #slices = new Slices();
  /** What interfaces had counted when the first member of an earlier process was taken over. */
  #trafficThen: TrafficTable | undefined;
  #recordedAt = 0;
  #committed = false;
  #saving = false;
  /** Members whose counters cannot be read. */
  readonly #uncounted: Refusals<InterfaceIndex>;
  #isLeaving = false;

  constructor(options: ForwardingOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.refused, ({ trunk, member }) => `${trunk} ${member ?? ""}`);
    this.#unprotected = new Refusals(options.unprotected, ({ trunk, device }) => `${trunk} ${device}`);
    this.#recorded = options.record.load();
    const { trunks, members } = this.#recorded ?? { trunks: [], members: [] };
    this.#uncounted = new Refusals(options.uncounted, String);
    this.#links = new AskedLinks(options.netlink);
    this.#watch = new PlaneWatch({
      nftables: options.backend.name === "nftables",
      readable: options.readable,
      everywhere: () => this.#places(),
    });
    this.#changes = new InterfaceChanges({
      netlink: options.netlink,
      recorded: members,
      save: () => this.#saveNow(),
    });
    this.#left = new Map(members.map((member) => [member.index, member]));
    this.#leftTrunks = new Map(trunks.map((trunk) => [trunk.trunk, trunk]));
    this.#leftInners = trunks.flatMap(({ trunk, vlans }) => [
      innerName(trunk),
      ...vlans.map((vlan) => subInterfaceInnerName(trunk, vlan)),
    ]);
  }

  create(device: TrunkDevice): void {
    let trunk = this.#trunks.get(device.trunk);
    if (!trunk) {
      trunk = new ForwardedTrunk(this.#context(device.trunk), device, this.#leftTrunks.get(device.trunk));
      this.#trunks.set(device.trunk, trunk);
      this.#leftTrunks.delete(device.trunk);
      if (this.#committed) this.#saveNow();
    }
    trunk.change(device);
    const { subInterfaces } = device;
    if (subInterfaces !== undefined && this.#options.hasVlanDevices !== true) {
      const changed = trunk.wantSubInterfaces(subInterfaces);
      if (changed && this.#committed) this.#saveNow();
    }
    if (this.#committed) trunk.bring();
  }

  attach(trunk: number, member: InterfaceIndex): void {
    // A caller that moves a member may attach it before it detaches it.
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
    for (const trunk of this.#trunks.values()) trunk.plan();
    // The record comes before anything is made or changed.
    this.#saveNow();
    this.together(() => {
      for (const trunk of this.#trunks.values()) trunk.bring();
    });
    this.#cleanFormer();
    this.#clean();
    this.#saveSoon();
  }

  /** The MAC address that an interface with this one was found with, before it became a member. */
  ownMac(index: InterfaceIndex, mac: Mac): Mac {
    const change = this.#changes.of(index).mac;
    return change !== undefined && change.made === String(mac) ? (Number(change.found) as Mac) : mac;
  }

  compare(trunk: number): void {
    const compared = this.#trunks.get(trunk);
    if (compared === undefined) return;
    this.#look(compared, (place) => place === undefined || compared.members.has(place));
    for (const place of subPlaces(compared)) this.#watch.noticed(place);
    // The counters go on from the record after a kill.
    if (performance.now() - this.#recordedAt >= RECORD_PERIOD) this.#saveSoon();
  }

  /** Something changed on an interface; it is looked at in a later turn. */
  noticed(index: InterfaceIndex): void {
    this.#watch.noticed(index);
  }

  /** Looks where something changed. Returns the number of looks. */
  drain(): number {
    const places = this.#watch.due();
    let looks = 0;
    if (places.size > 0)
      for (const trunk of this.#trunks.values()) {
        const isOwn = trunk.ownPlaces.some((place) => places.has(place));
        if (!isOwn && !placesBeside(trunk).some((place) => places.has(place))) continue;
        this.#look(trunk, (place) => (place === undefined ? isOwn : places.has(place)));
        looks++;
      }
    return looks;
  }

  *#places(): Generator<Place> {
    for (const trunk of this.#trunks.values()) {
      yield* trunk.ownPlaces;
      yield* placesBeside(trunk);
    }
  }

  /** Tells what somebody changed, but of what is refused already, which is asked again anyway. */
  #look(looked: ForwardedTrunk, looksAt: LooksAt): void {
    const { trunk } = looked;
    const carrying = new Map<InterfaceIndex | undefined, string[]>();
    const protecting = new Map<string, string[]>();
    for (const { member, protects, text } of looked.compare(looksAt))
      if (protects === undefined) carrying.set(member, [...(carrying.get(member) ?? []), text]);
      else protecting.set(protects, [...(protecting.get(protects) ?? []), text]);
    for (const member of looked.unhindered(looksAt, carrying)) this.#options.changed({ trunk, member }, undefined);
    for (const [member, texts] of carrying)
      if (!this.#refusals.isRefused({ trunk, member })) this.#options.changed({ trunk, member }, texts.join("; "));
    for (const [device, texts] of protecting)
      if (!this.#unprotected.isRefused({ trunk, device })) this.#options.changed({ trunk, device }, texts.join("; "));
  }

  repair(trunk: number): void {
    const repaired = this.#committed ? this.#trunks.get(trunk) : undefined;
    if (repaired !== undefined) this.together(() => repaired.bring(true));
  }

  /** After it counters are those of now. */
  async readCounters(): Promise<void> {
    await this.#options.backend.readCounts?.();
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
    for (const subject of this.#refusals.subjects())
      if (subject.trunk === trunk) this.#refusals.answered(subject, undefined);
    for (const subject of this.#unprotected.subjects())
      if (subject.trunk === trunk) this.#unprotected.answered(subject, undefined);
    if (this.#committed) this.#removeDevices(gone.inners(), trunk);
    else this.#leftTrunks.set(trunk, gone.record(undefined).trunk);
    this.#saveSoon();
  }

  /** Leaves for good: devices and hooks go, members are given back as they were found. */
  leave(): void {
    this.#isLeaving = true;
    const inners = [...this.#trunks.values()].flatMap((trunk) => trunk.inners());
    this.together(() => {
      for (const trunk of this.#trunks.values()) trunk.end();
    });
    this.#trunks.clear();
    this.#removeDevices(inners);
    if (!this.#committed) this.#cleanFormer();
    this.#committed = true;
    this.#clean();
    this.#options.record.save(this.#record());
    this.#watch.close();
  }

  /** Resolves when all sub-interfaces that are wanted have been asked for. */
  settled(): Promise<void> {
    return this.#slices.idle();
  }

  /** Stops for a restart: frames go on as they do now, and the next process continues the counters. */
  release(): void {
    this.#watch.close();
    if (!this.#committed) return;
    this.#options.record.save(this.#record(true));
    for (const trunk of this.#trunks.values()) trunk.release();
    this.#trunks.clear();
    // No later record may replace the one with the counters.
    this.#committed = false;
  }

  #context(trunk: number): ForwardingContext {
    const { netlink, backend, deviceMac } = this.#options;
    return {
      netlink,
      changes: this.#changes,
      links: this.#links,
      backend,
      slices: this.#slices,
      deviceMac,
      refused: (member, text) => this.#refusals.answered({ trunk, member }, text),
      unprotected: (device, text) => this.#unprotected.answered({ trunk, device }, text),
      notRestored: (text) => this.#notRestored(trunk, text),
      uncounted: (member, text) => this.#uncounted.answered(member, text),
      saveNow: () => this.#saveNow(),
      saveSoon: () => this.#saveSoon(),
      takeOver: (link) => this.#takeOver(link),
      giveBack: (member) => this.#left.set(member.index, member),
      reservedSlots: () => [...this.#left.values()].filter((left) => left.trunk === trunk).map(({ slot }) => slot),
    };
  }

  #takeOver(link: KernelLink): RecordedMember | undefined {
    const left = this.#left.get(link.index);
    if (left === undefined) return undefined;
    this.#left.delete(link.index);
    this.#trafficThen ??= interfaceTable();
    if (isTheSame(link, left)) return { ...left, counts: countsGoneOn(this.#trafficThen, link.name, left) };
    // Another interface has the index of one that is gone.
    this.#changes.forget(link.index);
    return undefined;
  }

  /** Removes what the earlier process left and nobody took over: members first, then devices. */
  #clean(): void {
    const { netlink, backend } = this.#options;
    for (const left of this.#left.values())
      this.#restore(left.trunk, () => {
        if (isTheSame(findLink(netlink, left.index), left)) backend.clean(left.index, left.qdisc);
        giveBack(this.#changes, left, this.#links);
      });
    this.#left.clear();
    for (const trunk of this.#leftTrunks.keys()) this.#restore(trunk, () => backend.cleanTrunk(trunk));
    this.#leftTrunks.clear();
    const own = new Set([...this.#trunks.values()].flatMap((trunk) => trunk.inners()));
    this.#removeDevices(this.#leftInners.filter((name) => !own.has(name)));
    this.#leftInners = [];
  }

  /** Removes the hooks of an earlier process with another backend: they would run before ours, or stay for good. */
  #cleanFormer(): void {
    const { netlink, backend, deviceMac } = this.#options;
    if (this.#recorded === undefined || this.#recorded.backend === backend.name) return;
    const { backend: name, trunks, members } = this.#recorded;
    const former = backendNamed(name, netlink, deviceMac);
    for (const member of members)
      this.#restore(member.trunk, () => {
        if (isTheSame(findLink(netlink, member.index), member)) former.clean(member.index, member.qdisc);
      });
    for (const { trunk } of trunks) this.#restore(trunk, () => former.cleanTrunk(trunk));
  }

  together(action: () => void): void {
    for (const { trunk, member, text } of this.#options.backend.together(action))
      if (this.#isLeaving) this.#notRestored(trunk, text);
      else this.#refusals.answered({ trunk, member }, text);
  }

  #removeDevices(inners: readonly string[], trunk = this.#anyTrunk): void {
    this.#restore(trunk, () => removeDevices(this.#options.netlink, inners));
  }

  #restore(trunk: number, action: () => void): void {
    const { refusal } = asked(action);
    if (refusal !== undefined) this.#notRestored(trunk, refusal);
  }

  #notRestored(trunk: number, text: string): void {
    this.#options.notRestored(`${trunkName(trunk)}: ${text}`);
  }

  /** What concerns none of them in particular is told of one. */
  get #anyTrunk(): number {
    const [trunk = 0] = this.#trunks.keys();
    return trunk;
  }

  #record(isLast = false): ForwardingRecord {
    const isDue = isLast || performance.now() - this.#recordedAt >= RECORD_PERIOD;
    if (isDue) this.#recordedAt = performance.now();
    let table: TrafficTable | undefined;
    const counting = { isDue, traffic: () => (table ??= interfaceTable()) };
    const own = [...this.#trunks.values()].map((trunk) =>
      trunk.record(this.#options.backend.keepsCounts ? undefined : counting),
    );
    const trunks = [...own.map(({ trunk }) => trunk), ...this.#leftTrunks.values()];
    const members = [...own.flatMap(({ members }) => members), ...this.#left.values()];
    return { backend: this.#options.backend.name, trunks, members };
  }

  /** Saves the record now. Where that fails it is saved in the background, which tells a failure and tries again. */
  #saveNow(): void {
    const record = this.#record();
    try {
      this.#options.record.saveNow(record);
    } catch {
      this.#options.record.save(record);
    }
  }

  /** Saves the record once for all changes of this turn: flows moved already, and a crash before only moves some again. */
  #saveSoon(): void {
    if (this.#saving) return;
    this.#saving = true;
    queueMicrotask(() => {
      this.#saving = false;
      if (this.#committed) this.#options.record.save(this.#record());
    });
  }
}
