import { SLOW_PROTOCOLS_GROUP } from "../../base/address.js";
import type { Incoming, InterfaceIndex } from "../../base/protocol.js";
import { earliest, later, type Micros, NEVER, seconds } from "../../base/time.js";
import { innerName, subInterfaceInnerName, trunkDevice, trunkOfDevice, trunkOfInner } from "../../base/trunk-names.js";
import type { LinkState } from "../../contract/host.js";
import type { HostChange, Refused } from "../../contract/input.js";
import type { Checkpoint } from "../../device/checkpoint.js";
import type { Device } from "../../device/device.js";
import type { EtrunkRole } from "../../device/trunk-entry.js";
import type { Trunk } from "../../ethtrunk/trunk.js";
import type { EtrunkMember } from "../../etrunk/member.js";
import type { LacpPort } from "../../lacp/port.js";
import { ETHERTYPE_SLOW_PROTOCOLS, type EthernetView, ethernet } from "../../wire/ethernet.js";
import type { Condition } from "../alarm.js";
import type { FrameFate, Part, PartContext } from "../part.js";
import { trunksConditions } from "./alarms.js";
import { DeviceStates } from "./device-states.js";
import { type TrunksEvent, withLacp } from "./events.js";
import { ForwardingPlane } from "./forwarding-plane.js";
import { PlaneFaults } from "./plane-faults.js";
import { trunkActing, trunkAnswers } from "./questions.js";
import { Rounds } from "./rounds.js";

/** For so long after this process stood still, partners may answer to that. */
const AFTERMATH = seconds(5);

/**
 * The Eth-Trunks of this device and their LACP. The device holds both; this part drives them:
 *
 *   slow-protocol frame --> aggregator --> member-changed --> trunk --> port-state, trunk-state, working-port
 *                               |                              |
 *                               '--> LACPDU, Marker            '--> data plane (forwarding-plane.ts)
 *
 * A change is in the data plane before the LACPDU leaves that invites traffic. What the data plane does not serve, a member or a
 * trunk, counts as down (plane-faults.ts), and so does a trunk whose device somebody set down.
 */
export class TrunksPart implements Part<TrunksEvent> {
  readonly #context: PartContext;
  readonly #device: Device;
  readonly plane: ForwardingPlane;
  /** Trunks that were removed and still stand in the data plane. */
  #removed: readonly number[] = [];
  /** Linux interfaces that belong to trunks, by index: the device, sub-interfaces, inner ends. */
  readonly #devices = new Map<InterfaceIndex, string>();
  readonly #faults: PlaneFaults;
  readonly #rounds = new Rounds();
  readonly #deviceStates = new DeviceStates();
  /** The process stood still for so long; until then partners answer to that. */
  #late: { readonly by: Micros; readonly until: Micros } | undefined;
  readonly #events: TrunksEvent[] = [];
  #isLeaving = false;

  constructor(context: PartContext) {
    this.#context = context;
    this.#device = context.device;
    this.plane = new ForwardingPlane(context.host.forwarding);
    this.#faults = new PlaneFaults(context.device, this.plane);
  }

  // The configuration.

  apply(_: unknown, now: Micros): void {
    for (const each of this.#device.members.takeUnresumed()) this.#events.push({ kind: "port-unresumed", ...each });
    this.#removed = [...this.plane.trunks()].filter((id) => this.#device.trunk(id) === undefined);
    this.#faults.configured(now);
    this.#rounds.begin(this.#trunks(), now);
  }

  #trunks(): number[] {
    return this.#device.trunks.map(({ trunk }) => trunk.id);
  }

  // What the host reports.

  hostChanged(change: HostChange, now: Micros): void {
    if (change.kind === "late") this.#late = { by: change.by, until: later(now, AFTERMATH) };
    else if (change.kind === "excess") this.#device.aggregatorOf(change.port)?.missed(change.port, change.frames, now);
    else if (change.kind === "link") {
      this.#faults.linkChanged(change.link, now);
      this.#watchDevices(change.link, now);
    } else if (this.#isLeaving) return;
    else if (change.kind === "drift") this.#changed(change, now);
    else if (change.kind === "refused") this.#refused(change, now);
  }

  #changed({ subject, text }: Extract<HostChange, { kind: "drift" }>, now: Micros): void {
    if (text === undefined) this.#faults.unhindered(subject.trunk);
    else if ("device" in subject) this.#faults.changedBesides(subject.trunk, text, now);
    else this.#faults.changed(subject, text, now);
  }

  #refused(refused: Refused, now: Micros): void {
    if (refused.what === "forwarding") this.#faults.refused(refused.subject, refused.text, now);
    else if (refused.what === "protection") this.#faults.protectionRefused(refused.subject, refused.text, now);
  }

  #watchDevices({ index, name, present, up }: LinkState, now: Micros): void {
    const before = this.#devices.get(index);
    const trunk = trunkOf(name);
    if (present && trunk !== undefined) this.#devices.set(index, name);
    else this.#devices.delete(index);
    if (before !== undefined && !(present && name === before)) this.#deviceLost(before, now);
    if (trunk === undefined) return;
    if (present && before === undefined) this.#faults.unhindered(trunk);
    if (name !== trunkDevice(trunk)) return;
    if (this.#deviceStates.linkChanged(trunk, { present, up }, now)) this.#deviceSetDown(trunk, now);
  }

  /** A trunk's device, or one that belongs to it, is gone: another program took it away, unless nobody wants it any more. */
  #deviceLost(name: string, now: Micros): void {
    const trunk = trunkOf(name);
    if (trunk === undefined || this.#isLeaving) return;
    const text = `interface ${name} is gone`;
    if (name === trunkDevice(trunk) || name === innerName(trunk)) this.#faults.changed({ trunk }, text, now);
    else if (this.#isSubInterface(trunk, name)) this.#faults.changedBesides(trunk, text, now);
  }

  #isSubInterface(trunk: number, name: string): boolean {
    const { subInterfaces = [] } = this.#device.trunk(trunk)?.trunk.desired ?? {};
    return subInterfaces.some(({ vlan, device }) => name === device || name === subInterfaceInnerName(trunk, vlan));
  }

  #deviceSetDown(trunk: number, now: Micros): void {
    this.#device.members.trunkSetDown(trunk, this.#deviceStates.isSetDown(trunk), now);
    this.#faults.servedAnew(trunk);
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
      current: port.isCurrent,
      timedOut: port.receiveState === "DEFAULTED",
      hearsOwnSystem: port.hearsOwnSystem,
      individual: !port.partnerAggregates,
      partnerDistributes: port.partnerDistributes,
      reason: this.#causeOf(entry.aggregator.reasonOf(port), port, now),
    };
    entry.trunk.lacpChanged(name, lacp, now);
  }

  /** After this process stood still, its lateness is the cause of what partners do: they missed LACPDUs. */
  #causeOf(reason: string, { distributes }: LacpPort, now: Micros): string {
    if (distributes || this.#late === undefined || now >= this.#late.until) return reason;
    return `etrunkd was late by ${(this.#late.by / 1_000_000).toFixed(1)} s: ${reason}`;
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
    if (this.#isLeaving) return;
    this.#faults.expire(now);
    for (const trunk of this.#deviceStates.expire(now)) this.#deviceSetDown(trunk, now);
    const looked = this.#rounds.due(this.#trunks(), now);
    if (looked !== undefined) this.plane.compare(looked);
  }

  nextDeadline(): Micros {
    let next = this.#isLeaving ? NEVER : earliest(this.#faults.nextDeadline(), this.#rounds.nextDeadline());
    if (!this.#isLeaving) next = earliest(next, this.#deviceStates.nextDeadline());
    for (const aggregator of this.#device.aggregators) next = earliest(next, aggregator.nextDeadline());
    for (const { trunk } of this.#device.trunks) next = earliest(next, trunk.nextDeadline());
    return next;
  }

  settle(now: Micros): void {
    for (const { trunk } of this.#device.trunks) trunk.settle(now);
  }

  nextEvent(): TrunksEvent | undefined {
    const own = this.#faults.nextEvent() ?? this.#events.shift();
    if (own !== undefined) return own;
    for (const aggregator of this.#device.aggregators) {
      const event = aggregator.nextEvent();
      if (event !== undefined) return event;
    }
    for (const entry of [...this.#device.removed, ...this.#device.trunks]) {
      const event = entry.trunk.nextEvent();
      if (event !== undefined) return withLacp(event, entry);
    }
    return undefined;
  }

  /** The data plane collects before the LACPDU leaves that invites traffic. */
  commit(now: Micros): void {
    this.plane.together(() => {
      if (this.#removed.length > 0) this.#forgetRemoved();
      this.#faults.repair(now);
      for (const { trunk } of this.#device.trunks) {
        if (trunk.forwarding === "in step") continue;
        this.plane.follow(trunk);
        trunk.forwardingFollowed();
      }
    });
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

  left(now: Micros): void {
    for (const aggregator of this.#device.aggregators) aggregator.left(now);
  }

  rest(): void {
    this.plane.takeCarriers();
    this.#device.forgetRetired();
    if (this.#device.desired !== undefined) this.plane.commit();
  }

  alarms(): Iterable<Condition> {
    return trunksConditions(this.#device, {
      unserved: () => this.#faults.unserved(),
      unprotected: () => this.#faults.unprotected(),
      setDown: () => this.#trunks().filter((trunk) => this.#deviceStates.isSetDown(trunk)),
    });
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
