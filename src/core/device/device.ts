import type { Mac } from "../base/address.js";
import type { IpAddress } from "../base/ip-address.js";
import type { InterfaceIndex } from "../base/protocol.js";
import type { Micros } from "../base/time.js";
import { trunkDevice, trunkOfDevice, trunkSubDevice } from "../base/trunk-names.js";
import type { Desired } from "../contract/desired/desired.js";
import type { DesiredInterface, DesiredMember, DesiredTrunk } from "../contract/desired/trunk.js";
import type { Host, LinkState } from "../contract/host.js";
import { type Member, Trunk } from "../ethtrunk/trunk.js";
import { Aggregator, type Device as LacpDevice } from "../lacp/aggregator.js";
import type { MuxState } from "../lacp/mux-machine.js";
import { Addresses, vlanifsBehind } from "./addresses.js";
import { type Checkpoint, checkpointOf, type PairCheckpoint, type PortCheckpoint } from "./checkpoint.js";
import { speedOf } from "./link-speed.js";
import { Obstacles } from "./obstacles.js";
import { type EtrunkRole, limitsOf, resumedRole, type TrunkEntry, UNDECIDED, waitsByCarrier } from "./trunk-entry.js";

/** `lacp port-id-extension enable`. */
const PORT_ID_EXTENSION = 0x8000;
const MUX_STATES: readonly MuxState[] = [
  "WAITING",
  "ATTACHED",
  "COLLECTING",
  "DISTRIBUTING",
  "COLLECTING_DISTRIBUTING",
];

/** The trunks, their members and the links under them; brings what is to what is desired, difference by difference. */
export class Device implements LacpDevice {
  readonly #host: Host;
  #desired: Desired | undefined;
  readonly #entries = new Map<number, TrunkEntry>();
  readonly #interfaces = new Map<string, DesiredInterface>();
  /** Which configured interface a Linux interface is bound to. */
  readonly #byDevice = new Map<string, DesiredInterface>();
  readonly #links = new Map<InterfaceIndex, LinkState>();
  /** Links that were told to be up or down and have not said so yet. */
  readonly #asked = new Map<InterfaceIndex, boolean>();
  readonly addresses = new Addresses();
  readonly #byIndex = new Map<InterfaceIndex, Aggregator>();
  readonly #obstacles = new Obstacles();
  #isLeaving = false;
  readonly #portNumbers = new Map<string, number>();
  /** What the process before left behind, until it is used or of no use. */
  readonly #restored = new Map<string, PortCheckpoint>();
  readonly #restoredPairs = new Map<number, PairCheckpoint>();
  readonly #restoredRoles = new Map<number, EtrunkRole>();
  /** Aggregators that are no longer configured but still say good-bye. */
  #leaving: Aggregator[] = [];

  constructor(host: Host, restored: Checkpoint | undefined) {
    this.#host = host;
    for (const etrunk of restored?.etrunks ?? [])
      for (const { trunk, carries, identity } of etrunk.members)
        this.#restoredRoles.set(trunk, resumedRole(carries, identity));
    for (const port of restored?.ports ?? []) {
      this.#restored.set(port.name, port);
      this.#portNumbers.set(port.name, port.portNumber);
    }
    for (const pair of restored?.pairs ?? []) this.#restoredPairs.set(pair.trunk, pair);
  }

  get desired(): Desired | undefined {
    return this.#desired;
  }
  entries(): Iterable<TrunkEntry> {
    return this.#entries.values();
  }
  entry(trunk: number): TrunkEntry | undefined {
    return this.#entries.get(trunk);
  }
  *aggregators(): Generator<Aggregator> {
    for (const { aggregator } of this.#entries.values()) if (aggregator !== undefined) yield aggregator;
    yield* this.#leaving;
  }
  aggregatorOf(index: InterfaceIndex): Aggregator | undefined {
    return this.#byIndex.get(index);
  }
  interface(name: string): DesiredInterface | undefined {
    return this.#interfaces.get(name);
  }
  linkOf(name: string): LinkState | undefined {
    const device = this.#interfaces.get(name)?.device;
    return device === undefined ? undefined : this.#linkNamed(device);
  }

  ownsMac(mac: Mac): boolean {
    for (const { trunk } of this.#entries.values())
      for (const { name } of trunk.members()) if (this.linkOf(name)?.mac === mac) return true;
    return false;
  }

  // Bringing what is to what is desired.

  apply(desired: Desired, now: Micros): void {
    this.#desired = desired;
    const shut = this.#shutInactive();
    const trunks = new Map(desired.trunks.map((trunk) => [trunk.id, trunk]));
    const interfaces = new Map(desired.interfaces.map((each) => [each.name, each]));
    this.#removeMembers(interfaces, trunks, now);
    for (const id of [...this.#entries.keys()]) if (!trunks.has(id)) this.#removeTrunk(id, now);
    for (const trunk of desired.trunks) this.#setTrunk(trunk, now);
    for (const each of desired.interfaces) this.#setInterface(each, now);
    for (const name of [...this.#interfaces.keys()]) if (!interfaces.has(name)) this.#forgetInterface(name);
    this.#rememberNumbers();
    this.#restored.clear();
    this.#restoredRoles.clear();
    this.#restoredPairs.clear();
    for (const { trunk } of this.#entries.values()) if (trunk.desired.mode === "backup") this.dressMembers(trunk.id);
    for (const each of shut) this.#lift(each);
  }

  /** Members whose links are down because another one works. */
  #shutInactive(): DesiredInterface[] {
    const isShut = ({ name, member }: DesiredInterface) =>
      member !== undefined && this.#entries.get(member.trunk)?.trunk.shutsDown(name) === true;
    return [...this.#interfaces.values()].filter(isShut);
  }

  /** What was down as an inactive port and is none any more comes up, unless it is to be down. */
  #lift(former: DesiredInterface): void {
    this.#dress(this.#interfaces.get(former.name) ?? { ...former, member: undefined });
  }

  #removeMembers(
    interfaces: ReadonlyMap<string, DesiredInterface>,
    trunks: ReadonlyMap<number, DesiredTrunk>,
    now: Micros,
  ): void {
    for (const { trunk, aggregator } of this.#entries.values())
      for (const { name } of [...trunk.members()]) {
        const wanted = interfaces.get(name)?.member?.trunk;
        if (wanted === trunk.id && trunks.has(trunk.id)) continue;
        trunk.removeMember(name, now);
        aggregator?.removeMember(name, now);
      }
  }

  #removeTrunk(id: number, now: Micros): void {
    const entry = this.#entries.get(id);
    this.#retire(entry?.aggregator, now);
    this.#entries.delete(id);
  }

  #retire(aggregator: Aggregator | undefined, now: Micros): void {
    if (aggregator === undefined) return;
    aggregator.leave(now);
    this.#leaving.push(aggregator);
  }

  /** Forgets aggregators that have said their last word. */
  bury(): void {
    if (this.#leaving.length > 0) this.#leaving = this.#leaving.filter((aggregator) => !aggregator.isEmpty);
  }

  /** Leaving for good: every partner is told, one without LACP by the carrier it loses. */
  leave(now: Micros): void {
    this.#isLeaving = true;
    for (const each of this.#shutInactive()) this.#dress({ ...each, member: undefined });
    for (const { trunk, aggregator } of this.#entries.values()) {
      if (trunk.signalsByCarrier) for (const { name } of trunk.members()) this.#takeDown(name);
      aggregator?.leave(now);
      for (const { name } of [...trunk.members()]) trunk.removeMember(name, now);
    }
  }
  /** Members that are still there, those that leave too. */
  *members(): Generator<Member> {
    for (const { trunk } of this.#entries.values()) yield* trunk.allMembers();
  }

  #setTrunk(desired: DesiredTrunk, now: Micros): void {
    let entry = this.#entries.get(desired.id);
    if (entry === undefined) {
      entry = { trunk: new Trunk(desired), aggregator: undefined, role: undefined };
      this.#entries.set(desired.id, entry);
      const pair = this.#restoredPairs.get(desired.id);
      if (pair !== undefined && desired.mode === "backup") entry.trunk.restore(pair.working, pair.natural);
    }
    if (desired.etrunk === undefined) entry.role = undefined;
    else entry.role ??= this.#restoredRoles.get(desired.id) ?? UNDECIDED;
    entry.trunk.configure(desired, now);
    if (desired.mode !== "static") {
      this.#retire(entry.aggregator, now);
      entry.aggregator = undefined;
    } else entry.aggregator ??= new Aggregator(desired.id, desired.lacp, limitsOf(entry), this);
    this.#playRole(entry, now);
  }

  /** An E-Trunk gave a trunk another role: who it is towards the CE, and whether it carries. */
  setRole(trunk: number, role: EtrunkRole, now: Micros): void {
    const entry = this.#entries.get(trunk);
    if (entry?.role === undefined) return;
    const heldDown = entry.role.carries === role.carries ? undefined : !role.carries;
    entry.role = role;
    this.#playRole(entry, now);
    for (const { name } of entry.trunk.members()) {
      const desired = this.#interfaces.get(name);
      if (desired === undefined) continue;
      if (desired.member !== undefined) this.#setMember(name, desired.member, now);
      // Only without LACP do links speak; what an operator did to a link stays.
      if (heldDown !== undefined && entry.trunk.desired.mode !== "static") this.#dress(desired);
    }
  }

  #playRole({ trunk, aggregator, role }: TrunkEntry, now: Micros): void {
    const { lacp } = trunk.desired;
    const identity = role?.identity;
    const shown =
      identity === undefined
        ? lacp
        : {
            ...lacp,
            systemPriority: identity.systemPriority,
            systemId: identity.systemId,
            portKey: identity.key ?? lacp.portKey,
          };
    trunk.hold(role !== undefined && !role.carries, now);
    aggregator?.configure(shown, limitsOf({ trunk, aggregator, role }), now);
  }

  #setInterface(desired: DesiredInterface, now: Micros): void {
    const before = this.#interfaces.get(desired.name);
    if (before?.device !== undefined && before.device !== desired.device) this.#byDevice.delete(before.device);
    this.#interfaces.set(desired.name, desired);
    if (desired.device !== undefined) this.#byDevice.set(desired.device, desired);
    if (desired.member !== undefined) this.#setMember(desired.name, desired.member, now);
    this.#linkMember(desired, now);
    const isNew = before === undefined || before.device !== desired.device;
    if (isNew || before.shutdown !== desired.shutdown || before.description !== desired.description)
      this.#dress(desired);
  }

  #forgetInterface(name: string): void {
    const device = this.#interfaces.get(name)?.device;
    this.#interfaces.delete(name);
    if (device === undefined || this.#byDevice.get(device)?.name !== name) return;
    this.#byDevice.delete(device);
    this.#obstacles.forget(device);
  }

  #setMember(name: string, member: DesiredMember, now: Micros): void {
    const entry = this.#entries.get(member.trunk);
    if (entry === undefined) return;
    const { trunk, aggregator } = entry;
    const { weight, forceUp, isMaster = false } = member;
    trunk.setMember(name, { weight, forceUp, isMaster }, now);
    if (aggregator === undefined) return;
    const extended = trunk.desired.lacp.portIdExtension || entry.role?.identity?.side === "second";
    const number = this.#portNumber(name) + (extended ? PORT_ID_EXTENSION : 0);
    if (aggregator.port(name) === undefined) aggregator.addMember(name, number, member, now);
    else aggregator.configureMember(name, number, member, now);
  }

  /** Port numbers count from 1 over the whole device and stay with the interface. */
  #portNumber(name: string): number {
    let number = this.#portNumbers.get(name);
    if (number !== undefined) return number;
    const taken = new Set(this.#portNumbers.values());
    number = 1;
    while (taken.has(number)) number++;
    this.#portNumbers.set(name, number);
    return number;
  }

  #rememberNumbers(): void {
    for (const name of [...this.#portNumbers.keys()])
      if (this.#interfaces.get(name)?.member === undefined) this.#portNumbers.delete(name);
  }

  // Links.

  linkChanged(link: LinkState, now: Micros): void {
    const before = this.#links.get(link.index);
    if (!link.present || this.#asked.get(link.index) === link.up) this.#asked.delete(link.index);
    this.#obstacles.linkChanged(before, link, (device) => this.#byDevice.has(device));
    if (link.present) this.#links.set(link.index, link);
    else {
      this.#links.delete(link.index);
      this.#byIndex.delete(link.index);
      this.addresses.forget(link.index);
    }
    if (before !== undefined && before.name !== link.name) this.#linkRenamed(before.name, now);
    const desired = this.#byDevice.get(link.name);
    if (desired === undefined) return;
    this.#linkMember(desired, now);
    const appeared = link.present && before?.name !== link.name;
    const shows = link.carrier && this.#waits(desired);
    if (appeared || (shows && link.up)) this.#dress(desired);
  }

  linkAt(index: InterfaceIndex): LinkState | undefined {
    return this.#links.get(index);
  }

  /** The trunk of a configured name such as `Eth-Trunk1`. */
  trunkNamed(name: string): Trunk | undefined {
    const id = /^Eth-Trunk(\d+)$/i.exec(name)?.[1];
    return id === undefined ? undefined : this.#entries.get(Number(id))?.trunk;
  }

  /** The link under any configured name: a trunk's device, a physical interface's, a Linux name. */
  linkOfAny(name: string): LinkState | undefined {
    const [, id, sub] = /^Eth-Trunk(\d+)(?:\.(\d+))?$/i.exec(name) ?? [];
    if (id === undefined) return this.linkOf(name) ?? this.#linkNamed(name);
    const trunk = Number(id);
    return this.#linkNamed(sub === undefined ? trunkDevice(trunk) : trunkSubDevice(trunk, Number(sub)));
  }

  /** What this host is behind a trunk: its device, sub-interfaces, and Vlanif of its VLANs, with their addresses. */
  *trunkDevices(trunk: number): Generator<{ index: InterfaceIndex; mac: Mac; addresses: IpAddress[] }> {
    const vlanifs = this.#desired?.network && vlanifsBehind(this.#desired.network, trunkDevice(trunk));
    for (const { index, mac, name } of this.#links.values()) {
      if (trunkOfDevice(name) !== trunk && vlanifs?.has(name) !== true) continue;
      const addresses = this.addresses.on(index);
      if (addresses.length > 0) yield { index, mac, addresses };
    }
  }

  /** An interface with another name is no member: its partner is told, and the port waits for one that has its name. */
  #linkRenamed(name: string, now: Micros): void {
    const desired = this.#byDevice.get(name);
    const entry = desired?.member && this.#entries.get(desired.member.trunk);
    if (desired === undefined || entry === undefined) return;
    entry.trunk.removeMember(desired.name, now);
    entry.aggregator?.removeMember(desired.name, now);
    if (entry.aggregator === undefined) this.#rejoin(desired, now);
  }

  #rejoin(desired: DesiredInterface, now: Micros): void {
    if (desired.member === undefined || this.#isLeaving) return;
    this.#setMember(desired.name, desired.member, now);
    this.#linkMember(desired, now);
  }

  /** LACP has nothing more to say on a port that left; one that is still wanted begins anew. */
  memberLeft(trunk: number, name: string, now: Micros): void {
    this.#entries.get(trunk)?.trunk.memberLeft(name, now);
    const desired = this.#interfaces.get(name);
    if (desired?.member?.trunk === trunk) this.#rejoin(desired, now);
  }

  #linkNamed(device: string): LinkState | undefined {
    for (const link of this.#links.values()) if (link.name === device) return link;
    return undefined;
  }

  /** Tells the member of an interface what lies under it now. */
  #linkMember(desired: DesiredInterface, now: Micros): void {
    const entry = desired.member && this.#entries.get(desired.member.trunk);
    if (entry === undefined) return;
    const link = desired.device === undefined ? undefined : this.#linkNamed(desired.device);
    const { trunk, aggregator } = entry;
    const reason = this.#obstacles.of(desired, link);
    if (link === undefined) {
      trunk.linkChanged(desired.name, { index: undefined, up: false, speed: 0, reason }, now);
      aggregator?.linkChanged(desired.name, undefined, now);
      return;
    }
    const speed = speedOf(desired.speed, link);
    const up = reason === undefined;
    if (aggregator !== undefined) {
      this.#byIndex.set(link.index, aggregator);
      aggregator.linkChanged(desired.name, { index: link.index, mac: link.mac, speed, enabled: up }, now);
      this.#restore(desired.name, trunk.id, aggregator, now);
    }
    trunk.linkChanged(desired.name, { index: link.index, up, speed, reason }, now);
  }

  /** The data plane cannot use an interface: as a member it counts as down, so that nobody sends to it. */
  refuse(trunk: number, index: InterfaceIndex, text: string, now: Micros): void {
    const desired = this.#byDevice.get(this.#links.get(index)?.name ?? "");
    if (desired?.member?.trunk !== trunk) return;
    this.#obstacles.refuse(index, text);
    this.#linkMember(desired, now);
  }

  /** What was refused is to be tried again: of one interface, else of all. Returns which. */
  retry(only: InterfaceIndex | undefined, now: Micros): InterfaceIndex[] {
    const refused = this.#obstacles.refused().filter((index) => only === undefined || index === only);
    for (const index of refused) {
      this.#obstacles.retry(index);
      const desired = this.#byDevice.get(this.#links.get(index)?.name ?? "");
      if (desired !== undefined) this.#linkMember(desired, now);
    }
    return refused;
  }

  #restore(name: string, trunk: number, aggregator: Aggregator, now: Micros): void {
    const saved = this.#restored.get(name);
    this.#restored.delete(name);
    const muxState = MUX_STATES.find((state) => state === saved?.muxState);
    if (saved?.partner === undefined || saved.trunk !== trunk || muxState === undefined) return;
    const { selected, actorState, partner } = saved;
    aggregator.restore(name, { selected, muxState, actorState, partner }, now);
  }

  /** Administrative state and alias, as the configuration says: when it changes and when the interface appears. */
  #dress(desired: DesiredInterface): void {
    const link = desired.device === undefined ? undefined : this.#linkNamed(desired.device);
    if (link === undefined) return;
    const alias = desired.description === undefined ? {} : { alias: desired.description };
    const up = !desired.shutdown && !this.#isHeldDown(desired);
    const asked = this.#asked.get(link.index) ?? up;
    if (link.up === up && asked === up && desired.description === undefined) return;
    this.#asked.set(link.index, up);
    this.#host.interfaces.set({ device: link.name, up, ...alias });
  }

  /** Mode backup: another member works, so another one may have to be down. */
  dressMembers(trunk: number): void {
    for (const { name } of this.#entries.get(trunk)?.trunk.members() ?? []) {
      const desired = this.#interfaces.get(name);
      if (desired !== undefined) this.#dress(desired);
    }
  }

  /** Its link is down because another member, or another device, carries. */
  isStandby(name: string): boolean {
    const desired = this.#interfaces.get(name);
    return desired !== undefined && !desired.shutdown && this.#isHeldDown(desired);
  }

  #isHeldDown(desired: DesiredInterface): boolean {
    const { name, member } = desired;
    if (member !== undefined && this.#entries.get(member.trunk)?.trunk.shutsDown(name) === true) return true;
    return this.#waits(desired) && !this.isLost(name);
  }

  #waits({ member }: DesiredInterface): boolean {
    const entry = member && this.#entries.get(member.trunk);
    return entry !== undefined && waitsByCarrier(entry);
  }

  /** A link that lost its carrier tells the CE nothing: it stays up, or nobody would see it come back. */
  isLost(name: string): boolean {
    const link = this.linkOf(name);
    return link?.up === true && !link.carrier;
  }

  #takeDown(name: string): void {
    const link = this.linkOf(name);
    if (link === undefined || (this.#asked.get(link.index) ?? link.up) === false) return;
    this.#asked.set(link.index, false);
    this.#host.interfaces.set({ device: link.name, up: false });
  }

  checkpoint(): Checkpoint {
    return checkpointOf(this.#entries.values(), (name) => this.#portNumbers.get(name));
  }
}
