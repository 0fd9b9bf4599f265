import { isEqual } from "../../core/base/equal.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import { innerName } from "../../core/base/trunk-names.js";
import type { TrafficCounters, TrunkDevice, TrunkShare, TrunkSubInterface } from "../../core/contract/host.js";
import { asked } from "../answer.js";
import { findLink } from "../find-link.js";
import { planeAddon } from "../native/plane.js";
import { Attempts, type TrunkPlace } from "./attempts.js";
import { BUCKETS, dealBuckets, NO_SLOT } from "./buckets.js";
import type { ForwardingContext } from "./context.js";
import { type Counting, interfaceCounts, NOTHING_COUNTED, named, sum } from "./counts.js";
import { MemberInterface } from "./member-interface.js";
import { tableName } from "./nftables.js";
import type { Counts, LooksAt, PlaneFinding, TrunkPlane, TrunkState } from "./plane.js";
import type { Place } from "./plane-watch.js";
import type { RecordedMember, RecordedTrunk } from "./record.js";
import { TrunkSubInterfaces } from "./sub-interfaces.js";
import {
  type DevicePair,
  deviceFindings,
  ensureDevice,
  looksOf,
  pairFindings,
  setCarrier,
  setPairSysctls,
  setUp,
  trunkNames,
} from "./trunk-device.js";

/** Slots 1 to 64. */
const MOST_MEMBERS = 64;

/** One Eth-Trunk as it shall be, and, from the first `bring` on, its device and its plane, which follow. */
export class ForwardedTrunk implements TrunkState {
  readonly trunk: number;
  readonly members = new Map<InterfaceIndex, MemberInterface>();
  readonly #context: ForwardingContext;
  readonly #attempts: Attempts;
  readonly #subInterfaces: TrunkSubInterfaces;
  /** Members as told, those that the kernel refuses too. */
  readonly #attached = new Set<InterfaceIndex>();
  #device: TrunkDevice;
  #outer: TrunkState["outer"] = { index: 0, name: "" };
  #inner: TrunkState["inner"] = { index: 0, name: "" };
  #buckets: Uint8Array;
  #shares: readonly TrunkShare[] = [];
  #carrier = false;
  #plane: TrunkPlane | undefined;
  /** Counts of members that left, and of earlier processes. */
  #retired: Counts;
  /** What somebody keeps in the way of hooks and rules, as the last round found it. */
  readonly #hindered = new Map<TrunkPlace, readonly string[]>();
  /** False until the first `bring`: until then calls are noted only. */
  #live = false;

  constructor(context: ForwardingContext, device: TrunkDevice, recorded: RecordedTrunk | undefined) {
    this.#context = context;
    this.#attempts = new Attempts(context.refused);
    this.#device = device;
    this.trunk = device.trunk;
    this.#subInterfaces = new TrunkSubInterfaces(device.trunk, context, this.#attempts);
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

  get subInterfaces(): TrunkState["subInterfaces"] {
    return this.#subInterfaces.states;
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

  /**
   * Brings device, members and plane to the state noted, and keeps them there from now on. What was refused is tried again.
   * `repairs`: hooks and rules may be others than this process made.
   */
  bring(repairs = false): void {
    this.#live = true;
    this.#attempts.round(
      () => this.#attached,
      () => {
        for (const index of this.#attached) if (!this.members.has(index)) this.#admit(index);
        const pair = this.#bringDevice();
        if (repairs && this.#plane?.isFrozen() === true) this.#drop();
        this.#subInterfaces.prepare(this.#plane, this.#carrier);
        this.#deal();
        this.#prepare([...this.members.values()]);
        this.#bringPlane(repairs);
        this.#setOwnCarrier();
        if (pair.made) setUp(this.#context.netlink, pair.outer);
        this.#refuseHindered();
        this.#subInterfaces.begin(() => ({ plane: this.#plane, carrier: this.#carrier }));
      },
    );
  }

  /** What somebody changed at the places that are looked at. */
  compare(looksAt: LooksAt): readonly PlaneFinding[] {
    if (!this.#live) return [];
    const { netlink, deviceMac, links } = this.#context;
    const findings: PlaneFinding[] = [];
    // What cannot be read counts as changed.
    const look = (member: InterfaceIndex | undefined, looks: () => readonly PlaneFinding[]): void => {
      const { value, refusal } = asked(looks);
      findings.push(...(value ?? [{ member, text: refusal ?? "" }]));
    };
    if (looksAt(undefined)) look(undefined, () => deviceFindings(netlink, this.#device, deviceMac));
    const own = looksAt(undefined) ? [trunkNames(this.trunk)] : [];
    for (const names of [...own, ...this.#subInterfaces.looked(looksAt)])
      look(undefined, () => pairFindings(netlink, names, this.#carrier));
    for (const member of this.members.values())
      if (looksAt(member.index)) look(member.index, () => member.findings(links));
    return [...findings, ...(this.#plane?.compare(looksAt) ?? [])];
  }

  /** What somebody has made of hooks and rules in spite of a round. */
  #refuseHindered(): void {
    this.#hindered.clear();
    const isRound = (place: TrunkPlace) => place === undefined || this.members.has(place);
    for (const { member, protects, text } of this.#plane?.compare(isRound) ?? []) {
      if (protects !== undefined) continue;
      this.#hindered.set(member, [...(this.#hindered.get(member) ?? []), text]);
      this.#attempts.refuse(member, text);
    }
  }

  /** Of the places that are looked at those where something else is found, or nothing, than what hindered the last round. */
  unhindered(looksAt: LooksAt, found: ReadonlyMap<TrunkPlace, readonly string[]>): TrunkPlace[] {
    const changed = [...this.#hindered].filter(
      ([place, texts]) => looksAt(place) && !isEqual(texts, found.get(place) ?? []),
    );
    for (const [place] of changed) this.#hindered.delete(place);
    return changed.map(([place]) => place);
  }

  /** Where the trunk itself is in the kernel, without its members and sub-interfaces. */
  get ownPlaces(): readonly Place[] {
    return [tableName(this.trunk), this.#outer.index, this.#inner.index];
  }

  #bringDevice(): DevicePair {
    const { netlink, deviceMac, unprotected } = this.#context;
    const pair = ensureDevice(netlink, this.#device, deviceMac);
    const { outer, inner } = pair;
    setPairSysctls(pair, unprotected);
    if (this.#inner.index !== inner.index) this.#drop();
    this.#outer = { index: outer.index, name: outer.name };
    this.#inner = { index: inner.index, name: inner.name };
    return pair;
  }

  #bringPlane(repairs: boolean): void {
    const there = this.#plane;
    if (there !== undefined && repairs) {
      for (const member of this.members.values())
        this.#attempts.attempt(member.index, () => there.repairMember(member));
      there.repair();
      return;
    }
    if (there !== undefined) {
      there.spread();
      return;
    }
    const plane = this.#context.backend.open(this);
    this.#plane = plane;
    for (const member of this.members.values()) this.#join(member);
    plane.start();
  }

  /** Sets the whole list of sub-interfaces. True when the list is another one. */
  wantSubInterfaces(wanted: readonly TrunkSubInterface[]): boolean {
    return this.#subInterfaces.want(wanted);
  }

  /** Inner ends of the trunk and its sub-interfaces. */
  inners(): string[] {
    return [innerName(this.trunk), ...this.#subInterfaces.inners()];
  }

  /** Drops the plane of a device that somebody removed; a new plane then replaces the members' hooks. */
  #drop(): void {
    if (!this.#plane) return;
    if (!this.#context.backend.keepsCounts)
      for (const member of this.members.values()) member.count(this.#countsOf(member) ?? NOTHING_COUNTED);
    this.#plane.close();
    this.#plane = undefined;
    this.#subInterfaces.states.clear();
  }

  attach(index: InterfaceIndex): void {
    if (this.#attached.has(index)) return;
    this.#attached.add(index);
    this.#admit(index);
    const member = this.members.get(index);
    if (member === undefined || !this.#live) return;
    this.#prepare([member]);
    this.#join(member);
  }

  #admit(index: InterfaceIndex): void {
    this.#attempts.attempt(index, () => {
      const { netlink, changes, takeOver } = this.#context;
      const link = findLink(netlink, index);
      if (!link) throw new Error("the interface is gone");
      if (link.mac === 0) throw new Error(`${link.name} is no Ethernet interface`);
      const recorded = takeOver(link);
      const slot = recorded?.trunk === this.trunk ? recorded.slot : this.#freeSlot();
      const qdisc = recorded?.qdisc ?? planeAddon().hookQdisc(netlink, index);
      const { mac, counts } = recorded ?? { mac: link.mac, counts: NOTHING_COUNTED };
      const member = new MemberInterface(changes, link, { mac, slot, qdisc, counts });
      this.members.set(index, member);
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
      this.#attempts.attempt(member.index, () => {
        if (member.plan(looksOf(this.#device, this.#context.deviceMac), this.#context.links)) isNew = true;
      });
    return isNew;
  }

  /** Changes the interfaces, after their settings are recorded. */
  #prepare(members: readonly MemberInterface[]): void {
    const { links, saveNow, unprotected } = this.#context;
    if (this.#plan(members)) saveNow();
    for (const member of members)
      this.#attempts.attempt(member.index, () => unprotected(member.name, member.prepare(links)));
  }

  #join(member: MemberInterface): void {
    this.#attempts.attempt(member.index, () => this.#plane?.attach(member));
  }

  detach(index: InterfaceIndex): void {
    const member = this.members.get(index);
    if (this.#attached.delete(index)) this.#context.refused(index, undefined);
    if (!member) return;
    if (!this.#live) {
      this.members.delete(index);
      this.#context.giveBack(member.record(this.trunk, member.counted));
      return;
    }
    this.#retired = sum(this.#retired, this.#whole(member) ?? member.counted);
    this.members.delete(index);
    const shares = this.#shares.filter((share) => share.index !== index);
    const isSharing = shares.length < this.#shares.length;
    this.#shares = shares;
    // Each by itself, so that an interface is given back whatever the kernel refuses of its hooks.
    if (isSharing) this.#attempts.attempt(undefined, () => this.#spread());
    this.#undo(() => this.#plane?.detach(member));
    this.#undo(() => member.restore(this.#context.links));
    this.#context.saveSoon();
  }

  distribute(shares: readonly TrunkShare[]): void {
    this.#shares = shares;
    if (!this.#live) return;
    this.#attempts.attempt(undefined, () => this.#spread());
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
    this.#attempts.attempt(index, () => this.#plane?.collect(member));
  }

  setCarrier(on: boolean): void {
    this.#carrier = on;
    if (!this.#plane) return;
    this.#setOwnCarrier();
    this.#subInterfaces.setCarrier(on);
  }

  #setOwnCarrier(): void {
    const { name } = this.#inner;
    if (this.#plane) this.#attempts.attempt(undefined, () => setCarrier(this.#context.netlink, name, this.#carrier));
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

  /** The record for the next process. `counting`: how its counters are read; undefined where they outlive this one. */
  record(counting: Counting | undefined): { trunk: RecordedTrunk; members: RecordedMember[] } {
    const members = [...this.members.values()].map((member) => {
      if (counting !== undefined && (counting.isDue || member.last === undefined))
        member.last = {
          counts: this.#whole(member) ?? member.counted,
          interface: interfaceCounts(counting.traffic(), member.name),
        };
      return { ...member.record(this.trunk, member.counted), ...member.last };
    });
    const buckets = Buffer.from(this.#buckets).toString("hex");
    const { vlans } = this.#subInterfaces;
    return { trunk: { trunk: this.trunk, buckets, vlans, counts: this.#retired }, members };
  }

  /** Gives the members back; the device is the caller's to remove. */
  end(): void {
    this.#subInterfaces.end();
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
    this.#subInterfaces.end();
    this.#plane?.close();
    this.#plane = undefined;
  }

  #undo(action: () => void): void {
    const { refusal } = asked(action);
    if (refusal !== undefined) this.#context.notRestored(refusal);
  }
}
