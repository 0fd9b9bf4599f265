import type { Mac } from "../base/address.js";
import type { Digests } from "../base/digests.js";
import { type Incoming, type InterfaceIndex, NO_VLAN } from "../base/protocol.js";
import { later, type Micros, millis, NEVER, seconds } from "../base/time.js";
import { type FlushFault, FlushView, GREATEST_VLAN, LEAST_VLAN } from "../wire/flush.js";
import { type FlushKey, isAuthentic } from "./flush-authentication.js";

/** Smart-Link Flush, receiving (protocol-facts 2.4, wire-formats 2): what is checked, and what is emptied. */

/** At most ten actions a second on each interface: a burst is one action over all its VLANs. */
const ACTION_GAP = millis(100);
/** A sender that lost clock and disk must be heard again. */
const REPLAY_MEMORY = seconds(600);
/** Senders remembered for the replay check: more are forgers. */
const MOST_SENDERS = 1_024;

export type FlushDrop = FlushFault | "vlan" | "auth" | "replay" | "own";

/** An interface that is enabled for Flush. */
export interface FlushPort {
  readonly name: string;
  readonly index: InterfaceIndex;
  /** Control VLANs it takes; undefined = all. */
  readonly controlVlans: readonly number[] | undefined;
  /** VLAN of untagged frames. */
  readonly pvid: number | undefined;
  readonly key: FlushKey;
}

export type FlushEvent =
  /** Empties these VLANs' dynamic entries on every port of the interface's bridge that takes this control VLAN. */
  | {
      readonly kind: "flush";
      readonly index: InterfaceIndex;
      readonly controlVlan: number;
      readonly vlans: readonly number[] | "all";
    }
  | { readonly kind: "flush-received"; readonly name: string; readonly vlan: number; readonly source: Mac };

export interface FlushCounters {
  received: number;
  dropped: number;
  readonly reasons: { [drop in FlushDrop]?: number };
  lastReason: FlushDrop | undefined;
  lastTime: Micros | undefined;
  lastSource: Mac | undefined;
  lastControlVlan: number | undefined;
}

interface Pending {
  readonly vlans: Map<number, Set<number>>;
  nextAction: Micros;
}

const newCounters = (): FlushCounters => ({
  received: 0,
  dropped: 0,
  reasons: {},
  lastReason: undefined,
  lastTime: undefined,
  lastSource: undefined,
  lastControlVlan: undefined,
});

export class FlushReceiver {
  readonly #device: Mac;
  readonly #digests: Digests;
  readonly #ports = new Map<InterfaceIndex, FlushPort>();
  readonly counters = new Map<string, FlushCounters>();
  readonly #pending = new Map<InterfaceIndex, Pending>();
  /** Last accepted (epoch, sequence) of each sender. */
  readonly #senders = new Map<Mac, { epoch: number; sequence: number; at: Micros }>();
  readonly #view = new FlushView();
  readonly #events: FlushEvent[] = [];

  constructor(device: Mac, digests: Digests) {
    this.#device = device;
    this.#digests = digests;
  }

  /** The enabled interfaces, all of them. */
  configure(ports: readonly FlushPort[]): void {
    this.#ports.clear();
    for (const port of ports) {
      this.#ports.set(port.index, port);
      if (!this.counters.has(port.name)) this.counters.set(port.name, newCounters());
    }
    for (const index of this.#pending.keys()) if (!this.#ports.has(index)) this.#pending.delete(index);
    const names = new Set(ports.map(({ name }) => name));
    for (const name of this.counters.keys()) if (!names.has(name)) this.counters.delete(name);
  }

  /** Interfaces of the same bridge that take a control VLAN are the Host's to find; these take it at all. */
  takes(index: InterfaceIndex, controlVlan: number): boolean {
    const port = this.#ports.get(index);
    return port !== undefined && (port.controlVlans?.includes(controlVlan) ?? true);
  }
  ports(): Iterable<FlushPort> {
    return this.#ports.values();
  }

  /** `pdu.start` is where the LLC header begins. */
  receive(pdu: Incoming, now: Micros): void {
    const port = this.#ports.get(pdu.port);
    if (port === undefined) return;
    const counters = this.counters.get(port.name) ?? newCounters();
    const drop = this.#check(port, pdu, now);
    if (drop === "own") return;
    if (drop !== undefined) {
      counters.dropped++;
      counters.reasons[drop] = (counters.reasons[drop] ?? 0) + 1;
      counters.lastReason = drop;
      return;
    }
    const { controlVlan } = this.#view;
    counters.received++;
    counters.lastTime = now;
    counters.lastSource = pdu.source;
    counters.lastControlVlan = controlVlan;
    this.#events.push({ kind: "flush-received", name: port.name, vlan: controlVlan, source: pdu.source });
    this.#collect(port.index, controlVlan, now);
  }

  #check(port: FlushPort, pdu: Incoming, now: Micros): FlushDrop | undefined {
    const view = this.#view.wrap(pdu.bytes, pdu.start, pdu.length);
    const fault = view.fault();
    if (fault !== undefined) return fault;
    if (view.device === this.#device) return "own";
    // The tag, the field and our own configuration must agree.
    const tag = pdu.vlan === NO_VLAN || pdu.vlan === 0 ? port.pvid : pdu.vlan;
    if (tag !== undefined && tag !== view.controlVlan) return "vlan";
    if (!this.takes(port.index, view.controlVlan)) return "vlan";
    if (!isAuthentic(view, port.key, this.#digests)) return "auth";
    return port.key.mode === "hmac" && !this.#isNew(view, now) ? "replay" : undefined;
  }

  /** Only mode hmac can tell: in the others anybody could forge what a sender is remembered by. */
  #isNew(view: FlushView, now: Micros): boolean {
    const { device, epoch, sequence } = view;
    const last = this.#senders.get(device);
    const counts = last !== undefined && now < later(last.at, REPLAY_MEMORY);
    if (counts && (epoch < last.epoch || (epoch === last.epoch && sequence <= last.sequence))) return false;
    this.#senders.delete(device);
    if (this.#senders.size >= MOST_SENDERS)
      for (const oldest of this.#senders.keys()) {
        this.#senders.delete(oldest);
        break;
      }
    this.#senders.set(device, { epoch, sequence, at: now });
    return true;
  }

  /** Gathers what is to be emptied; acts at once, or when the interface's tenth of a second is over. */
  #collect(index: InterfaceIndex, controlVlan: number, now: Micros): void {
    let pending = this.#pending.get(index);
    if (pending === undefined) {
      pending = { vlans: new Map(), nextAction: now };
      this.#pending.set(index, pending);
    }
    const vlans = pending.vlans.get(controlVlan) ?? new Set<number>();
    pending.vlans.set(controlVlan, vlans);
    for (let vlan = LEAST_VLAN; vlan <= GREATEST_VLAN; vlan++) if (this.#view.hasVlan(vlan)) vlans.add(vlan);
    this.#act(index, pending, now);
  }

  #act(index: InterfaceIndex, pending: Pending, now: Micros): void {
    if (pending.vlans.size === 0 || now < pending.nextAction) return;
    for (const [controlVlan, vlans] of pending.vlans) {
      const isAll = vlans.size === GREATEST_VLAN;
      this.#events.push({ kind: "flush", index, controlVlan, vlans: isAll ? "all" : [...vlans] });
    }
    pending.vlans.clear();
    pending.nextAction = later(now, ACTION_GAP);
  }

  expire(now: Micros): void {
    for (const [index, pending] of this.#pending) this.#act(index, pending, now);
  }

  nextDeadline(): Micros {
    let next = NEVER;
    for (const { vlans, nextAction } of this.#pending.values())
      if (vlans.size > 0 && nextAction < next) next = nextAction;
    return next;
  }

  nextEvent(): FlushEvent | undefined {
    return this.#events.shift();
  }

  /** `reset smart-link flush`. */
  reset(): void {
    for (const name of this.counters.keys()) this.counters.set(name, newCounters());
  }
}
