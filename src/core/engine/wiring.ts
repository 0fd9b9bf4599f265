import { macToColons } from "../base/address.js";
import { unreachable } from "../base/assert.js";
import { memberName, memberType, trunkOf } from "../base/member-key.js";
import type { InterfaceIndex } from "../base/protocol.js";
import type { Micros } from "../base/time.js";
import type { BfdEvent } from "../bfd/session-table.js";
import type { EngineEvent } from "../contract/events.js";
import type { Host } from "../contract/host.js";
import type { Device } from "../device/device.js";
import type { TrunkEvent } from "../ethtrunk/trunk-event.js";
import type { EtrunkEvent } from "../etrunk/etrunk-event.js";
import type { LacpEvent, OwnSystem } from "../lacp/lacp-event.js";
import { stateText } from "../lacp/port-information.js";
import type { Etrunks } from "../parts/etrunk/etrunks.js";
import type { Flushes, FlushesEvent } from "../parts/flush/flushes.js";
import { ALARMS, type AlarmKind, type Alarms } from "./alarms.js";

const OWN_SYSTEM_TEXT: { readonly [form in OwnSystem]: string } = {
  "looped-back": "the port hears its own LACPDUs: the link is looped back",
  "cabled-together": "two ports of this device are cabled together",
  "cloned-system-id": "another device uses this device's LACP system ID: one of them was cloned, give it its own",
};

const STORM_TEXT =
  "more than 50 Flush frames a second arrive; they are counted, and what they name is emptied ten times a second at most.";

/** The only place where one part of the core influences another, and where events become what the world is told. */
export class Wiring {
  readonly #device: Device;
  readonly #alarms: Alarms;
  readonly #observe: (event: EngineEvent, now: Micros) => void;
  readonly #host: Host;
  readonly #etrunks: Etrunks | undefined;
  readonly #flushes: Flushes | undefined;
  /** Trunks whose addresses must be announced, and why. */
  readonly announcements: { readonly trunk: number; readonly reason: string }[] = [];
  /** The checkpoint has to be kept; where we took a role or an identity, before anybody is told. */
  rolesChanged: "given up" | "taken" | undefined;
  /** The last one that any E-Trunk used. */
  #epoch = 0;
  /** E-Trunks whose peer has taken over, after `leave`. */
  readonly handedOver = new Set<number>();

  constructor(
    device: Device,
    etrunks: Etrunks | undefined,
    flushes: Flushes | undefined,
    alarms: Alarms,
    host: Host,
    observe: (event: EngineEvent, now: Micros) => void,
  ) {
    this.#device = device;
    this.#etrunks = etrunks;
    this.#flushes = flushes;
    this.#alarms = alarms;
    this.#host = host;
    this.#observe = observe;
  }

  route(event: LacpEvent | TrunkEvent | EtrunkEvent | BfdEvent | FlushesEvent, now: Micros): void {
    switch (event.kind) {
      case "etrunk-state": {
        const { etrunk, from, to, causation } = event;
        this.#observe({ event: "e-trunk-state", etrunk, from, to, causation }, now);
        this.#roleChanged(to === "Master");
        break;
      }
      case "member-state": {
        const { etrunk, member, from, to, causation } = event;
        const type = memberType(member.kind);
        this.#observe({ event: "member-state", etrunk, type, id: member.id, from, to, causation }, now);
        break;
      }
      case "member-role":
        this.#memberRole(event, now);
        break;
      case "attention": {
        const subject = `E-Trunk ${event.etrunk} ${event.about}`;
        const kind = event.about === "expected-state" ? "expectedState" : "etrunkAttention";
        if (event.text === undefined) this.#clear(kind, subject, now);
        else this.#raise(kind, subject, `E-Trunk ${event.etrunk}: ${event.text}`, now);
        break;
      }
      case "epoch":
        this.#epoch = Math.max(this.#epoch, event.epoch);
        this.#host.store.keep("epoch", String(this.#epoch));
        break;
      case "announce": {
        const trunk = trunkOf(event.member);
        if (trunk === undefined) break;
        this.announcements.push({ trunk, reason: event.reason });
        this.#flushes?.send(trunk, event.reason, now);
        break;
      }
      case "handed-over":
        this.handedOver.add(event.etrunk);
        break;
      case "bfd-state": {
        const { name, from, to, diagnostic } = event;
        this.#observe({ event: "bfd-state", name, from, to, diagnostic }, now);
        break;
      }
      case "bfd-tracked":
        this.#etrunks?.bfdChanged(event.name, event.state, now);
        break;
      case "member-changed":
        this.#memberChanged(event.trunk, event.port, now);
        this.#refresh(event, now);
        break;
      case "member-left":
        this.#device.members.left(event.trunk, event.port, now);
        break;
      case "port-state":
        this.#portState(event, now);
        this.#refresh(event, now);
        break;
      case "trunk-state":
        this.#trunkState(event.trunk, event.up, now);
        this.#refresh(event, now);
        break;
      case "working-port": {
        const { trunk, from, to, reason } = event;
        this.#observe({ event: "working-port", trunk, from, to, reason }, now);
        this.#device.adminStates.applyToMembers(trunk);
        this.#flushes?.send(trunk, reason, now);
        this.#etrunks?.refresh(trunk, now);
        break;
      }
      case "flush-sent": {
        const { trunk, name, vlan, reason } = event;
        this.#observe({ event: "flush-sent", trunk, interface: name, vlan, reason }, now);
        break;
      }
      case "flush-received": {
        const { name, vlan, source } = event;
        this.#observe({ event: "flush-received", interface: name, vlan, source: macToColons(source) }, now);
        break;
      }
      case "flush-storm":
        if (event.isOn) this.#raise("flushStorm", event.name, `${event.name}: ${STORM_TEXT}`, now);
        else this.#clear("flushStorm", event.name, now);
        break;
      case "own-system": {
        const text = `Eth-Trunk${event.trunk} ${event.port}: ${OWN_SYSTEM_TEXT[event.form]} (source ${macToColons(event.source)}).`;
        this.#raise("ownSystemId", event.port, text, now);
        break;
      }
      case "own-system-gone":
        this.#clear("ownSystemId", event.port, now);
        break;
      case "pdu-refused":
        this.#observe(
          { event: "pdu-refused", port: event.port, fault: event.fault, source: macToColons(event.source) },
          now,
        );
        break;
      case "key-zero":
        this.#observe({ event: "partner-key-zero", port: event.port, source: macToColons(event.source) }, now);
        break;
      case "marker-answered": {
        const { trunk, port, transaction, roundTrip } = event;
        this.#observe({ event: "marker-answered", trunk, port, transaction, roundTrip: roundTrip ?? null }, now);
        break;
      }
      default:
        unreachable(event);
    }
  }

  /** What a trunk can do changed: its E-Trunk must know. */
  #refresh(event: LacpEvent | TrunkEvent, now: Micros): void {
    this.#etrunks?.refresh(event.trunk, now);
  }

  #memberChanged(id: number, name: string, now: Micros): void {
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

  /** An E-Trunk decided anew who a trunk is towards the CE and whether it carries. */
  #memberRole(event: Extract<EtrunkEvent, { kind: "member-role" }>, now: Micros): void {
    const { etrunk, isNewIdentity } = event;
    const member = this.#etrunks?.get(etrunk)?.variables.members.get(memberName(event.member));
    const trunk = trunkOf(event.member);
    if (member === undefined || trunk === undefined) return;
    const { carries, state, cause, identity } = member;
    this.#roleChanged(carries || isNewIdentity);
    this.#device.setRole(trunk, { carries, state, cause, identity }, now);
  }

  #roleChanged(taken: boolean): void {
    if (taken) this.rolesChanged = "taken";
    else this.rolesChanged ??= "given up";
  }

  #portState(event: Extract<TrunkEvent, { kind: "port-state" }>, now: Micros): void {
    const { trunk, port: name, from, to, reason } = event;
    const port = this.#device.trunk(trunk)?.aggregator?.port(name);
    const portState = port === undefined ? null : stateText(port.actor.state);
    this.#observe({ event: "port-state", trunk, port: name, from, to, portState, reason }, now);
    if (to === "Selected" || port === undefined || port.selected === "STANDBY" || !port.portEnabled) {
      this.#clear("negotiateFailed", name, now);
      this.#clear("partnerExpired", name, now);
    } else if (from === "Selected") {
      const kind = port.receiveState === "EXPIRED" ? "partnerExpired" : "negotiateFailed";
      this.#raise(kind, name, `Eth-Trunk${trunk} ${name} is no longer selected: ${reason}.`, now);
    }
  }

  #trunkState(id: number, up: boolean, now: Micros): void {
    const [from, to] = up ? (["down", "up"] as const) : (["up", "down"] as const);
    this.#observe({ event: "trunk-state", trunk: id, from, to }, now);
    const subject = `Eth-Trunk${id}`;
    const entry = this.#device.trunk(id);
    this.#clear("totalLinkLoss", subject, now);
    this.#clear("partialLinkLoss", subject, now);
    // A trunk its E-Trunk holds back lost nothing.
    const isHeld = entry?.role !== undefined && !entry.role.carries;
    if (up || isHeld || entry?.aggregator === undefined || entry.trunk.desired.shutdown) return;
    let heard = 0;
    for (const port of entry.aggregator.members()) if (port.isCurrent) heard++;
    if (heard > 0)
      this.#raise(
        "partialLinkLoss",
        subject,
        `${subject} is down: ${heard} members are left, fewer than it needs.`,
        now,
      );
    else this.#raise("totalLinkLoss", subject, `${subject} is down: no member hears its partner.`, now);
  }

  #raise(kind: AlarmKind, subject: string, text: string, now: Micros): void {
    const { id, name } = ALARMS[kind];
    if (this.#alarms.raise(kind, subject, text, now)) this.#observe({ event: "alarm", id, name, text }, now);
  }

  #clear(kind: AlarmKind, subject: string, now: Micros): void {
    const { id, name } = ALARMS[kind];
    const text = this.#alarms.clear(kind, subject);
    if (text !== undefined) this.#observe({ event: "alarm-cleared", id, name, text }, now);
  }

  /** Stands until it is tried again, or the trunk goes. */
  forwardingFailed(trunk: number, member: InterfaceIndex | undefined, text: string, now: Micros): void {
    const subject = `Eth-Trunk${trunk}`;
    const where =
      member === undefined ? subject : `${subject} ${this.#device.links.at(member)?.name ?? `interface ${member}`}`;
    this.#raise("forwardingFailed", subject, `${where}: ${text}.`, now);
  }

  /** What failed is tried again; should it fail again, it is told again. */
  forwardingRetried(trunk: number, now: Micros): void {
    this.#clear("forwardingFailed", `Eth-Trunk${trunk}`, now);
  }

  /** A trunk or member that is gone takes its alarms along. */
  forget(subjects: readonly string[], now: Micros): void {
    for (const subject of subjects)
      for (const kind of Object.keys(ALARMS) as AlarmKind[]) this.#clear(kind, subject, now);
  }
}
