import type { Mac } from "../../core/base/address.js";
import { isEqual } from "../../core/base/equal.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import { innerName, subInterfaceInnerName } from "../../core/base/trunk-names.js";
import type { TrafficCounters, TrunkDevice, TrunkShare, TrunkSubInterface } from "../../core/contract/host.js";
import { asked } from "../answer.js";
import { findLink } from "../find-link.js";
import type { KernelLink } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { planeAddon } from "../native/plane.js";
import type { InterfaceChanges } from "../undo/changes.js";
import type { LinkTable } from "../undo/settings.js";
import { BUCKETS, dealBuckets, NO_SLOT } from "./buckets.js";
import { MemberInterface } from "./member-interface.js";
import type { Backend, Counts, SubInterfaceState, TrunkPlane, TrunkState } from "./plane.js";
import type { RecordedMember, RecordedTrunk } from "./record.js";
import {
  ensureDevice,
  ensureSubInterface,
  removeDevices,
  setCarrier,
  setUp,
  subInterfaceNames,
  trunkNames,
} from "./trunk-device.js";

/** Slots 1 to 64. */
const MOST_MEMBERS = 64;
const NOTHING_COUNTED: Counts = [0, 0, 0, 0, 0];

/** What the data plane gives each of its trunks. */
export interface ForwardingContext {
  readonly netlink: Netlink;
  readonly changes: InterfaceChanges;
  readonly links: LinkTable;
  readonly backend: Backend;
  readonly deviceMac: Mac;
  failed(member: InterfaceIndex | undefined, text: string): void;
  /** What was changed on an interface cannot be put back, in one line. */
  notRestored(text: string): void;
  /** The counters of a member cannot be read; undefined: they can. */
  uncounted(member: InterfaceIndex, text: string | undefined): void;
  /** Writes the record at once; called before a member is changed. */
  saveNow(): void;
  /** Writes the record at the end of this turn. */
  saveSoon(): void;
  /** Takes over the record that an earlier process kept of this interface as a member. */
  takeOver(index: InterfaceIndex, mac: number): RecordedMember | undefined;
  /** Returns a record that was taken over: the interface left before the trunk was brought up. */
  giveBack(member: RecordedMember): void;
  /** Slots of an earlier process's members that are not taken over yet. */
  reservedSlots(): readonly number[];
}

const sum = (one: Counts, other: Counts): Counts => one.map((count, at) => count + (other[at] ?? 0));

const named = ([framesReceived = 0, bytesReceived = 0, framesSent = 0, bytesSent = 0, framesDropped = 0]: Counts) => ({
  framesReceived,
  bytesReceived,
  framesSent,
  bytesSent,
  framesDropped,
});

/** One Eth-Trunk as it shall be, and, from the first `bring` on, its device and its plane, which follow. */
export class ForwardedTrunk implements TrunkState {
  readonly trunk: number;
  readonly members = new Map<InterfaceIndex, MemberInterface>();
  readonly subInterfaces = new Map<number, SubInterfaceState>();
  readonly #context: ForwardingContext;
  #device: TrunkDevice;
  #outer: TrunkState["outer"] = { index: 0, name: "" };
  #inner: TrunkState["inner"] = { index: 0, name: "" };
  #buckets: Uint8Array;
  #shares: readonly TrunkShare[] = [];
  #carrier = false;
  #wanted: readonly TrunkSubInterface[] = [];
  #plane: TrunkPlane | undefined;
  /** Counts of members that left, and of earlier processes. */
  #retired: Counts;
  /** False until the first `bring`: until then calls are noted only. */
  #live = false;

  constructor(context: ForwardingContext, device: TrunkDevice, recorded: RecordedTrunk | undefined) {
    this.#context = context;
    this.#device = device;
    this.trunk = device.trunk;
    const buckets = Buffer.from(recorded?.buckets ?? "", "hex");
    this.#buckets = buckets.length === BUCKETS ? new Uint8Array(buckets) : new Uint8Array(BUCKETS).fill(NO_SLOT);
    this.#retired = recorded?.counts ?? NOTHING_COUNTED;
  }

  get outer(): TrunkState["outer"] {
    return this.#outer;
  }

  get inner(): TrunkState["inner"] {
    return this.#inner;
  }

  get hash(): TrunkDevice["hash"] {
    return this.#device.hash;
  }

  get buckets(): Uint8Array {
    return this.#buckets;
  }

  change(device: TrunkDevice): void {
    this.#device = device;
  }

  /** Brings device, members and plane to the state noted, and keeps them there from now on. */
  bring(): void {
    this.#live = true;
    this.#attempt(undefined, () => {
      const { netlink, backend, deviceMac } = this.#context;
      const { outer, inner, made } = ensureDevice(netlink, this.#device, deviceMac);
      if (this.#inner.index !== inner.index) this.#drop();
      this.#outer = { index: outer.index, name: outer.name };
      this.#inner = { index: inner.index, name: inner.name };
      this.#bringSubInterfaces();
      this.#deal();
      this.#prepare([...this.members.values()]);
      if (this.#plane) this.#plane.spread();
      else {
        const plane = backend.open(this);
        this.#plane = plane;
        for (const member of this.members.values()) this.#join(member);
        plane.start();
      }
      this.setCarrier(this.#carrier);
      if (made) setUp(netlink, outer);
    });
  }

  /** Sets the whole list of sub-interfaces. True when the list is another one. */
  wantSubInterfaces(wanted: readonly TrunkSubInterface[]): boolean {
    const changed = !isEqual(wanted, this.#wanted);
    this.#wanted = wanted;
    return changed;
  }

  /** Brings devices and plane to the noted sub-interfaces; does nothing while the trunk has no device. */
  #bringSubInterfaces(): void {
    if (this.#inner.index === 0) return;
    const vlans = new Set(this.#wanted.map(({ vlan }) => vlan));
    const gone = [...this.subInterfaces.values()].filter(({ vlan }) => !vlans.has(vlan));
    for (const { vlan } of gone) {
      this.subInterfaces.delete(vlan);
      this.#plane?.removeVlan(vlan);
    }
    removeDevices(
      this.#context.netlink,
      gone.map(({ inner }) => inner.name),
    );
    for (const subInterface of this.#wanted) this.#attempt(undefined, () => this.#bringSubInterface(subInterface));
  }

  #bringSubInterface(subInterface: TrunkSubInterface): void {
    const { netlink, backend } = this.#context;
    if (backend.noTags !== undefined) throw new Error(`${subInterface.device}: ${backend.noTags}`);
    const trunk = trunkNames(this.trunk).outer;
    const main = findLink(netlink, trunk);
    if (!main) throw new Error(`interface ${trunk} is gone`);
    const { outer, inner, made } = ensureSubInterface(netlink, main, subInterfaceNames(this.trunk, subInterface));
    const { vlan } = subInterface;
    if (this.subInterfaces.get(vlan)?.inner.index !== inner.index) {
      const named = ({ index, name }: KernelLink) => ({ index, name });
      const state = { vlan, outer: named(outer), inner: named(inner) };
      this.subInterfaces.set(vlan, state);
      this.#plane?.addVlan(state);
    }
    if (made) setUp(netlink, outer);
    if (this.#plane) setCarrier(netlink, inner.name, this.#carrier);
  }

  /** Inner ends of the trunk and its sub-interfaces. */
  inners(): string[] {
    return [innerName(this.trunk), ...this.#wanted.map(({ vlan }) => subInterfaceInnerName(this.trunk, vlan))];
  }

  /** Drops the plane of a device that somebody removed; a new plane then replaces the members' hooks. */
  #drop(): void {
    if (!this.#plane) return;
    if (!this.#context.backend.keepsCounts)
      for (const member of this.members.values()) member.count(this.#countsOf(member) ?? NOTHING_COUNTED);
    this.#plane.close();
    this.#plane = undefined;
    this.subInterfaces.clear();
  }

  attach(index: InterfaceIndex): void {
    if (this.members.has(index)) return;
    this.#attempt(index, () => {
      const { netlink, changes, takeOver } = this.#context;
      const link = findLink(netlink, index);
      if (!link) throw new Error("the interface is gone");
      if (link.mac === 0) throw new Error(`${link.name} is no Ethernet interface`);
      const recorded = takeOver(index, link.mac);
      const slot = recorded?.trunk === this.trunk ? recorded.slot : this.#freeSlot();
      const qdisc = recorded?.qdisc ?? planeAddon().hookQdisc(netlink, index);
      const member = new MemberInterface(changes, link, { slot, qdisc, counts: recorded?.counts ?? NOTHING_COUNTED });
      this.members.set(index, member);
      if (!this.#live) return;
      this.#prepare([member]);
      this.#join(member);
    });
  }

  #freeSlot(): number {
    const taken = new Set([...this.members.values()].map(({ slot }) => slot).concat(this.#context.reservedSlots()));
    for (let slot = 1; slot <= MOST_MEMBERS; slot++) if (!taken.has(slot)) return slot;
    throw new Error(`a trunk has at most ${MOST_MEMBERS} members`);
  }

  /** Records the settings that are going to change on the members. */
  plan(): void {
    this.#plan([...this.members.values()]);
  }

  /** True when the record has to be saved. */
  #plan(members: readonly MemberInterface[]): boolean {
    let isNew = false;
    for (const member of members)
      this.#attempt(member.index, () => {
        if (member.plan(this.#device.mtu, this.#context.links)) isNew = true;
      });
    return isNew;
  }

  /** Changes the interfaces, after their settings are recorded. */
  #prepare(members: readonly MemberInterface[]): void {
    const { links, saveNow } = this.#context;
    if (this.#plan(members)) saveNow();
    for (const member of members) this.#attempt(member.index, () => member.prepare(links));
  }

  #join(member: MemberInterface): void {
    this.#attempt(member.index, () => this.#plane?.attach(member));
  }

  detach(index: InterfaceIndex): void {
    const member = this.members.get(index);
    if (!member) return;
    if (!this.#live) {
      this.members.delete(index);
      this.#context.giveBack(member.record(this.trunk, member.counted));
      return;
    }
    this.#retired = sum(this.#retired, this.#whole(member) ?? member.counted);
    this.members.delete(index);
    this.#shares = this.#shares.filter((share) => share.index !== index);
    // Each by itself, so that an interface is given back whatever the kernel refuses of its hooks.
    this.#attempt(undefined, () => this.#spread());
    this.#undo(() => this.#plane?.detach(member));
    this.#undo(() => member.restore(this.#context.links));
    this.#context.saveSoon();
  }

  distribute(shares: readonly TrunkShare[]): void {
    this.#shares = shares;
    if (!this.#live) return;
    this.#attempt(undefined, () => this.#spread());
    this.#context.saveSoon();
  }

  #spread(): void {
    this.#deal();
    this.#plane?.spread();
  }

  #deal(): void {
    const weights = this.#shares.flatMap(({ index, weight }) => {
      const slot = this.members.get(index)?.slot;
      return slot === undefined ? [] : [{ slot, weight }];
    });
    // A round robin has no flows to keep on their member, and lets the members take turns.
    const before = this.hash === "packet-all" ? new Uint8Array(BUCKETS) : this.#buckets;
    this.#buckets = dealBuckets(before, weights);
  }

  collect(index: InterfaceIndex, on: boolean): void {
    const member = this.members.get(index);
    if (!member) return;
    member.collecting = on;
    this.#attempt(index, () => this.#plane?.collect(member));
  }

  setCarrier(on: boolean): void {
    this.#carrier = on;
    if (!this.#plane) return;
    const inners = [this.#inner, ...[...this.subInterfaces.values()].map(({ inner }) => inner)];
    for (const { name } of inners) this.#attempt(undefined, () => setCarrier(this.#context.netlink, name, on));
  }

  /** Undefined where they cannot be read now. */
  #countsOf(member: MemberInterface): Counts | undefined {
    if (this.#plane === undefined) return NOTHING_COUNTED;
    const { value, refusal } = asked(() => this.#plane?.counts(member));
    this.#context.uncounted(member.index, refusal);
    return value;
  }

  /** All that is known of a member, earlier processes included; undefined where the present counts cannot be read. */
  #whole(member: MemberInterface): Counts | undefined {
    const counts = this.#countsOf(member);
    return counts && sum(member.counted, counts);
  }

  /** Undefined while those of a member cannot be read. */
  counters(): TrafficCounters | undefined {
    let counts = this.#retired;
    for (const member of this.members.values()) {
      const own = this.#whole(member);
      if (own === undefined) return undefined;
      counts = sum(counts, own);
    }
    return named(counts);
  }

  memberCounters(index: InterfaceIndex): TrafficCounters | undefined {
    const member = this.members.get(index);
    const counts = member && this.#whole(member);
    return counts && named(counts);
  }

  /** The record for the next process, with the counters only when this one is about to stop: they change all the time. */
  record(counting: boolean): { trunk: RecordedTrunk; members: RecordedMember[] } {
    const running = (member: MemberInterface): Counts =>
      this.#context.backend.keepsCounts ? NOTHING_COUNTED : (this.#countsOf(member) ?? NOTHING_COUNTED);
    const members = [...this.members.values()].map((member) =>
      member.record(this.trunk, counting ? sum(member.counted, running(member)) : NOTHING_COUNTED),
    );
    const counts = counting ? this.#retired : NOTHING_COUNTED;
    const buckets = Buffer.from(this.#buckets).toString("hex");
    const vlans = this.#wanted.map(({ vlan }) => vlan);
    return { trunk: { trunk: this.trunk, buckets, vlans, counts }, members };
  }

  /** Gives the members back; the device is the caller's to remove. */
  end(): void {
    const members = [...this.members.values()];
    this.#shares = [];
    if (this.#live) {
      this.#undo(() => this.#plane?.remove());
      for (const member of members) this.#undo(() => member.restore(this.#context.links));
    } else for (const member of members) this.#context.giveBack(member.record(this.trunk, member.counted));
    this.members.clear();
    this.#plane = undefined;
  }

  /** Stops for a restart. */
  release(): void {
    this.#plane?.close();
    this.#plane = undefined;
  }

  #undo(action: () => void): void {
    const { refusal } = asked(action);
    if (refusal !== undefined) this.#context.notRestored(refusal);
  }

  #attempt(member: InterfaceIndex | undefined, action: () => void): void {
    const { refusal } = asked(action);
    if (refusal !== undefined) this.#context.failed(member, refusal);
  }
}
