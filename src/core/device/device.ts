import type { Mac } from "../base/address.js";
import { NeighbourTables } from "../base/neighbours/tables.js";
import type { InterfaceIndex } from "../base/protocol.js";
import type { Micros } from "../base/time.js";
import type { Desired } from "../contract/desired/desired.js";
import type { DesiredInterface, DesiredTrunk } from "../contract/desired/trunk.js";
import type { Host, LinkState } from "../contract/host.js";
import type { HostChange } from "../contract/input.js";
import { Trunk } from "../ethtrunk/trunk.js";
import { Aggregator, type OwnAddresses } from "../lacp/aggregator.js";
import { Addresses } from "./addresses.js";
import { AdminStates } from "./admin-states.js";
import { type Checkpoint, checkpointOf, type PairCheckpoint } from "./checkpoint.js";
import { Links } from "./links.js";
import { Members } from "./members.js";
import { Names } from "./names.js";
import { PortNumbers } from "./port-numbers.js";
import { limitsOf, Roles } from "./roles.js";
import type { EtrunkRole, TrunkEntry } from "./trunk-entry.js";

/**
 * What all parts stand on: the trunks of this device, their members and roles, the links and addresses of the host.
 * `apply` brings what is to what is desired, difference by difference:
 *
 *   links         what the kernel reports of each interface, and what was asked of it
 *   names         configured name <-> Linux name <-> link
 *   addresses     IP addresses by interface
 *   members       an interface joins a trunk and its LACP, follows its link, leaves
 *   port-numbers  LACP port numbers, which stay with the interface
 *   roles         what an E-Trunk makes of a trunk
 *   admin-states  which links shall be administratively up
 *   neighbours    the hosts behind interfaces under a profile, as this PE and its peer know them (base/neighbours)
 */
export class Device implements OwnAddresses {
  readonly links: Links;
  readonly names: Names;
  readonly addresses = new Addresses();
  readonly members: Members;
  readonly adminStates: AdminStates;
  readonly neighbours: NeighbourTables;
  readonly #roles: Roles;
  readonly #portNumbers = new PortNumbers();
  #removed: TrunkEntry[] = [];
  #desired: Desired | undefined;
  readonly #byId = new Map<number, TrunkEntry>();
  #trunks: readonly TrunkEntry[] = [];
  #aggregators: readonly Aggregator[] = [];
  /** Aggregators that are no longer configured and still tell their partners so. */
  #leaving: readonly Aggregator[] = [];
  /** Pairs of the process before, until the first configuration has been applied. */
  readonly #restoredPairs: Map<number, PairCheckpoint>;

  /** `seed`: of the run. */
  constructor(host: Pick<Host, "interfaces">, restored: Checkpoint | undefined, seed: number) {
    const { ports = [], pairs = [], etrunks = [] } = restored ?? {};
    for (const { name, portNumber } of ports) this.#portNumbers.restore(name, portNumber);
    this.#restoredPairs = new Map(pairs.map((pair) => [pair.trunk, pair]));
    this.links = new Links(host.interfaces);
    this.neighbours = new NeighbourTables(seed);
    this.names = new Names(this.links);
    this.members = new Members(this.links, this.names, this.#byId, this.#portNumbers, ports);
    this.adminStates = new AdminStates(this.links, this.names, this.#byId);
    this.#roles = new Roles(this.names, this.members, this.adminStates, etrunks);
  }

  /** Undefined before the first configuration. */
  get desired(): Desired | undefined {
    return this.#desired;
  }
  get trunks(): readonly TrunkEntry[] {
    return this.#trunks;
  }
  /** The LACP of each trunk in mode static, and of trunks that are gone while their partners are told. */
  get aggregators(): readonly Aggregator[] {
    return this.#aggregators;
  }

  trunk(id: number): TrunkEntry | undefined {
    return this.#byId.get(id);
  }

  /** The trunk with a configured name such as `Eth-Trunk1`. */
  trunkNamed(name: string): Trunk | undefined {
    const id = /^Eth-Trunk(\d+)$/i.exec(name)?.[1];
    return id === undefined ? undefined : this.#byId.get(Number(id))?.trunk;
  }

  ownsMac(mac: Mac): boolean {
    for (const { trunk } of this.#trunks)
      for (const { name } of trunk.members()) if (this.names.linkOf(name)?.mac === mac) return true;
    return false;
  }

  /** Trunks that the last configuration removed: their last events are still to be told. */
  get removed(): readonly TrunkEntry[] {
    return this.#removed;
  }

  // The configuration.

  apply(desired: Desired, now: Micros): void {
    this.#desired = desired;
    this.#removed = [];
    const inactive = this.adminStates.inactivePorts();
    const trunks = new Map(desired.trunks.map((trunk) => [trunk.id, trunk]));
    const interfaces = new Map(desired.interfaces.map((each) => [each.name, each]));
    this.members.removeUnwanted((name, id) => interfaces.get(name)?.member?.trunk === id && trunks.has(id), now);
    for (const id of [...this.#byId.keys()]) if (!trunks.has(id)) this.#removeTrunk(id, now);
    for (const trunk of desired.trunks) this.#setTrunk(trunk, now);
    this.#listTrunks();
    for (const each of desired.interfaces) this.#setInterface(each, now);
    for (const { name } of [...this.names.interfaces()]) if (!interfaces.has(name)) this.#forgetInterface(name);
    this.#portNumbers.release((name) => this.names.interface(name)?.member !== undefined);
    this.members.configured();
    this.#roles.configured();
    this.#restoredPairs.clear();
    for (const { trunk } of this.#trunks)
      if (trunk.desired.mode === "backup") this.adminStates.applyToMembers(trunk.id);
    for (const each of inactive) this.adminStates.release(each);
  }

  #setTrunk(desired: DesiredTrunk, now: Micros): void {
    let entry = this.#byId.get(desired.id);
    if (entry === undefined) {
      entry = { trunk: new Trunk(desired), aggregator: undefined, role: undefined };
      this.#byId.set(desired.id, entry);
      const pair = this.#restoredPairs.get(desired.id);
      if (pair !== undefined && desired.mode === "backup") entry.trunk.restore(pair.working, pair.natural);
    }
    this.#roles.begin(entry);
    entry.trunk.configure(desired, now);
    if (desired.mode !== "static") {
      this.#retire(entry.aggregator, now);
      entry.aggregator = undefined;
    } else entry.aggregator ??= new Aggregator(desired.id, desired.lacp, limitsOf(entry), this);
    this.#roles.play(entry, now);
  }

  #removeTrunk(id: number, now: Micros): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return;
    this.#retire(entry.aggregator, now);
    this.#byId.delete(id);
    this.#removed.push(entry);
  }

  #retire(aggregator: Aggregator | undefined, now: Micros): void {
    if (aggregator === undefined) return;
    aggregator.leave(now);
    this.#leaving = [...this.#leaving, aggregator];
  }

  #listTrunks(): void {
    this.#trunks = [...this.#byId.values()];
    const configured = this.#trunks.map(({ aggregator }) => aggregator).filter((each) => each !== undefined);
    this.#aggregators = [...configured, ...this.#leaving];
  }

  /** Forgets aggregators whose partners have been told. */
  forgetRetired(): void {
    if (this.#leaving.length === 0) return;
    this.#leaving = this.#leaving.filter((aggregator) => !aggregator.isEmpty);
    this.#listTrunks();
  }

  #setInterface(desired: DesiredInterface, now: Micros): void {
    const before = this.names.set(desired);
    if (desired.member !== undefined) this.members.set(desired.name, desired.member, now);
    this.members.follow(desired, now);
    const isNew = before === undefined || before.device !== desired.device;
    if (isNew || before.shutdown !== desired.shutdown || before.description !== desired.description)
      this.adminStates.apply(desired);
  }

  #forgetInterface(name: string): void {
    const device = this.names.delete(name);
    if (device !== undefined) this.members.unbound(device);
  }

  // What the host reports.

  hostChanged(change: HostChange, now: Micros): void {
    if (change.kind === "link") this.#linkChanged(change.link, now);
    else if (change.kind === "address") this.addresses.changed(change.address);
  }

  #linkChanged(link: LinkState, now: Micros): void {
    const before = this.links.changed(link);
    if (!link.present) this.addresses.forget(link.index);
    this.members.linkChanged(before, link, now);
    const desired = this.names.boundTo(link.name);
    if (desired === undefined) return;
    const appeared = link.present && before?.name !== link.name;
    const showsStandby = link.up && link.carrier && this.adminStates.signalsStandby(desired);
    if (appeared || showsStandby) this.adminStates.apply(desired);
  }

  // What parts decided.

  /** The E-Trunk gave a trunk another role: LACP identity, and whether it carries. */
  setRole(trunk: number, role: EtrunkRole, now: Micros): void {
    const entry = this.#byId.get(trunk);
    if (entry !== undefined) this.#roles.change(entry, role, now);
  }

  /** The LACP of the trunk that an interface is a member of. */
  aggregatorOf(index: InterfaceIndex): Aggregator | undefined {
    return this.members.aggregatorOf(index);
  }

  /** Leaves for good: every partner is told, by LACP, or by the carrier that goes where no LACP runs. */
  leave(now: Micros): void {
    this.members.leave();
    for (const each of this.adminStates.inactivePorts()) this.adminStates.apply({ ...each, member: undefined });
    for (const { trunk, aggregator } of this.#trunks) {
      if (trunk.signalsByCarrier) for (const { name } of trunk.members()) this.adminStates.takeDown(name);
      aggregator?.leave(now);
      for (const { name } of [...trunk.members()]) trunk.removeMember(name, now);
    }
  }

  /** Whether any trunk has a member, one that leaves included. */
  get hasMembers(): boolean {
    for (const { trunk } of this.#trunks) for (const _ of trunk.allMembers()) return true;
    return false;
  }

  checkpoint(): Checkpoint {
    return checkpointOf(this.#trunks, (name) => this.#portNumbers.known(name));
  }
}
