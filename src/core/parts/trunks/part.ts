import { SLOW_PROTOCOLS_GROUP } from "../../base/address.js";
import type { Incoming, InterfaceIndex } from "../../base/protocol.js";
import { earliest, type Micros, NEVER } from "../../base/time.js";
import { trunkOfDevice, trunkOfInner } from "../../base/trunk-names.js";
import type { LinkState } from "../../contract/host.js";
import type { HostChange, Refusable } from "../../contract/input.js";
import type { Checkpoint } from "../../device/checkpoint.js";
import type { Device } from "../../device/device.js";
import type { EtrunkRole } from "../../device/trunk-entry.js";
import type { Trunk } from "../../ethtrunk/trunk.js";
import type { EtrunkMember } from "../../etrunk/member.js";
import { ETHERTYPE_SLOW_PROTOCOLS, type EthernetView, ethernet } from "../../wire/ethernet.js";
import type { Condition } from "../alarm.js";
import type { FrameFate, Part, PartContext } from "../part.js";
import { type ForwardingRefusal, trunksConditions } from "./alarms.js";
import { type TrunksEvent, withLacp } from "./events.js";
import { ForwardingPlane } from "./forwarding-plane.js";
import { trunkActing, trunkAnswers } from "./questions.js";

/**
 * The Eth-Trunks of this device and their LACP. The device holds both; this part drives them:
 *
 *   slow-protocol frame --> aggregator --> member-changed --> trunk --> port-state, trunk-state, working-port
 *                               |                              |
 *                               '--> LACPDU, Marker            '--> data plane (forwarding-plane.ts)
 *
 * A change is in the data plane before the LACPDU leaves that invites traffic. An interface that the data plane refuses counts
 * as down, and is tried again when its link comes up or the configuration changes.
 */
export class TrunksPart implements Part<TrunksEvent> {
  readonly #context: PartContext;
  readonly #device: Device;
  readonly plane: ForwardingPlane;
  /** What the data plane refused and was not asked for again, by trunk and member. */
  readonly #forwardingRefusals = new Map<string, ForwardingRefusal>();
  /** Trunks that were removed and still stand in the data plane. */
  #removed: readonly number[] = [];
  /** Linux interfaces that belong to trunks, by index: the device, sub-interfaces, inner ends. */
  readonly #devices = new Map<InterfaceIndex, string>();
  /** Interfaces that the data plane refused, and whether their link is up: an interface that comes up is tried again. */
  readonly #refused = new Map<InterfaceIndex, boolean>();
  #isLeaving = false;

  constructor(context: PartContext) {
    this.#context = context;
    this.#device = context.device;
    this.plane = new ForwardingPlane(context.host.forwarding);
  }

  // The configuration.

  prepare(_: unknown, now: Micros): void {
    for (const index of [...this.#refused.keys()]) this.#retry(index, now);
  }

  apply(): void {
    for (const [key, { trunk }] of this.#forwardingRefusals)
      if (this.#device.trunk(trunk) === undefined) this.#forwardingRefusals.delete(key);
    this.#removed = [...this.plane.trunks()].filter((id) => this.#device.trunk(id) === undefined);
  }

  // What the host reports.

  hostChanged(change: HostChange, now: Micros): void {
    if (change.kind === "link") this.#linkChanged(change.link, now);
    else if (change.kind === "refused" && change.what === "forwarding" && change.text !== undefined)
      this.#forwardingRefused(change.subject, change.text, now);
  }

  #linkChanged(link: LinkState, now: Micros): void {
    this.#watchDevices(link);
    const wasUp = this.#refused.get(link.index);
    if (wasUp === undefined) return;
    const isUp = link.up && link.carrier;
    if (!link.present) this.#refused.delete(link.index);
    else if (isUp && !wasUp) this.#retry(link.index, now);
    else this.#refused.set(link.index, isUp);
  }

  #watchDevices({ index, name, present }: LinkState): void {
    const before = this.#devices.get(index);
    if (present && trunkOf(name) !== undefined) this.#devices.set(index, name);
    else this.#devices.delete(index);
    if (before !== undefined && !(present && name === before)) this.#deviceLost(before);
  }

  /** Another program took a trunk's device away, or one that belongs to it: the data plane makes it again. */
  #deviceLost(name: string): void {
    const entry = this.#isLeaving ? undefined : this.#device.trunk(trunkOf(name) ?? -1);
    if (entry === undefined) return;
    const { trunk } = entry;
    this.plane.deviceLost(trunk.id);
    trunk.forwardingLost();
    this.#forwardingRetried(trunk.id);
  }

  #forwardingRetried(retried: number): void {
    for (const [key, { trunk }] of this.#forwardingRefusals)
      if (trunk === retried) this.#forwardingRefusals.delete(key);
  }

  #forwardingRefused({ trunk, member }: Refusable["forwarding"], text: string, now: Micros): void {
    const link = member === undefined ? undefined : this.#device.links.at(member);
    const name = member === undefined ? undefined : (link?.name ?? `interface ${member}`);
    this.#forwardingRefusals.set(`${trunk} ${name}`, { trunk, member: name, text });
    if (member === undefined || !this.#device.members.refuse(trunk, member, text, now)) return;
    this.#refused.set(member, link?.up === true && link.carrier);
  }

  /** The data plane is asked again for an interface that it refused. */
  #retry(index: InterfaceIndex, now: Micros): void {
    this.#refused.delete(index);
    this.#device.members.retry(index, now);
    for (const trunk of this.plane.retry(index)) this.#forwardingRetried(trunk);
  }

  // LACP and the trunks.

  frame({ destination, type }: EthernetView, frame: Incoming, now: Micros): FrameFate {
    if (type !== ETHERTYPE_SLOW_PROTOCOLS) return "foreign";
    const aggregator = this.#device.aggregatorOf(frame.from);
    if (aggregator === undefined) return "stray";
    frame.start += ethernet.size;
    frame.length -= ethernet.size;
    if (destination === SLOW_PROTOCOLS_GROUP) aggregator.receive(frame, now);
    else aggregator.misaddressed(frame, now);
    return "taken";
  }

  /** Hands the state of a member's LACP to its trunk. */
  lacpChanged(id: number, name: string, now: Micros): void {
    const entry = this.#device.trunk(id);
    const port = entry?.aggregator?.port(name);
    if (entry?.aggregator === undefined || port === undefined) return;
    const lacp = {
      collects: port.collects,
      distributes: port.distributes,
      defaulted: port.isDefaulted,
      individual: !port.partnerAggregates,
      partnerDistributes: port.partnerDistributes,
      reason: entry.aggregator.reasonOf(port),
    };
    entry.trunk.lacpChanged(name, lacp, now);
  }

  /** LACP has ended on a member that left. */
  memberLeft(id: number, name: string, now: Micros): void {
    this.#device.members.left(id, name, now);
  }

  /** Mode backup: another member works, so another link may have to be down. */
  workingPortChanged(id: number): void {
    this.#device.adminStates.applyToMembers(id);
  }

  /** The E-Trunk gave a trunk another role. */
  setRole(id: number, role: EtrunkRole, now: Micros): void {
    this.#device.setRole(id, role, now);
  }

  leave(): void {
    this.#isLeaving = true;
  }

  /** No peer has to take over any more, so every partner is told that we leave. */
  handedOver(now: Micros): void {
    this.#device.leave(now);
  }

  expire(now: Micros): void {
    for (const aggregator of this.#device.aggregators) if (aggregator.nextDeadline() <= now) aggregator.expire(now);
    for (const { trunk } of this.#device.trunks) if (trunk.nextDeadline() <= now) trunk.expire(now);
  }

  nextDeadline(): Micros {
    let next = NEVER;
    for (const aggregator of this.#device.aggregators) next = earliest(next, aggregator.nextDeadline());
    for (const { trunk } of this.#device.trunks) next = earliest(next, trunk.nextDeadline());
    return next;
  }

  settle(now: Micros): void {
    for (const { trunk } of this.#device.trunks) trunk.settle(now);
  }

  nextEvent(): TrunksEvent | undefined {
    for (const aggregator of this.#device.aggregators) {
      const event = aggregator.nextEvent();
      if (event !== undefined) return event;
    }
    for (const entry of this.#device.trunks) {
      const event = entry.trunk.nextEvent();
      if (event !== undefined) return withLacp(event, entry);
    }
    return undefined;
  }

  /** The data plane collects before the LACPDU leaves that invites traffic. */
  commit(): void {
    if (this.#removed.length > 0) this.#forgetRemoved();
    for (const { trunk } of this.#device.trunks) {
      if (trunk.forwarding === "in step") continue;
      this.plane.follow(trunk);
      trunk.forwardingFollowed();
    }
  }

  #forgetRemoved(): void {
    for (const id of this.#removed) if (this.#device.trunk(id) === undefined) this.plane.forget(id);
    this.#removed = [];
  }

  send(now: Micros): boolean {
    const { host, out } = this.#context;
    let sent = false;
    for (const aggregator of this.#device.aggregators)
      while (aggregator.transmit(out, now)) {
        host.link.send(out);
        sent = true;
      }
    return sent;
  }

  rest(): void {
    this.plane.takeCarriers();
    this.#device.forgetRetired();
    if (this.#device.desired !== undefined) this.plane.commit();
  }

  alarms(): Iterable<Condition> {
    return trunksConditions(this.#device, this.#forwardingRefusals.values());
  }

  // Questions.

  answers({ etrunk }: { readonly etrunk: { memberOf(trunk: Trunk): Readonly<EtrunkMember> | undefined } }) {
    const memberOf = (trunk: Trunk) => etrunk.memberOf(trunk);
    return trunkAnswers({ device: this.#device, plane: this.plane, memberOf });
  }

  actions() {
    return trunkActing(this.#device);
  }

  save(): Partial<Checkpoint> {
    return this.#device.checkpoint();
  }
}

/** The trunk whose device, sub-interface or inner end bears a Linux name. */
const trunkOf = (name: string): number | undefined => trunkOfDevice(name) ?? trunkOfInner(name);
