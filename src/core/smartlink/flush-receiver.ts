import { type Mac, NO_MAC } from "../base/address.js";
import type { Digests } from "../base/digests.js";
import { type Incoming, type InterfaceIndex, NO_VLAN } from "../base/protocol.js";
import { earliest, later, type Micros, millis, NEVER, seconds } from "../base/time.js";
import type { DesiredFlushKey } from "../contract/desired/flush.js";
import { BITMAP_LENGTH, type FlushFault, FlushView, GREATEST_VLAN, vlansOf } from "../wire/flush.js";
import { isAuthentic } from "./flush-authentication.js";
import { RateLimit } from "./rate-limit.js";

/**
 * Smart-Link Flush, receiving (behaviour.md 2.4, formats/flush.md): what is checked, and what is emptied. Passing the
 * frame on is the bridge's, which has it already.
 */

/** At most ten actions a second on the ports of one bridge: a burst is one action over all its VLANs. */
const ACTION_GAP = millis(100);
/** A sender that lost clock and disk must be heard again. */
const REPLAY_MEMORY = seconds(600);
/** Senders remembered for the replay check: more are forgers. */
const MOST_SENDERS = 1_024;
/** Events a second of one interface; what exceeds them is counted. */
const MOST_EVENTS = 10;
/** Frames a second of one interface beyond which something is wrong, and how long that is said after the last. */
const STORM_FRAMES = 50;
const STORM_TIME = seconds(10);

export type FlushDrop = FlushFault | "vlan" | "auth" | "replay" | "own";

/** An interface or Eth-Trunk that is enabled for Flush. */
export interface FlushPort {
  readonly name: string;
  /** Where its frames come in, with the names: the interface itself, the members of an Eth-Trunk. */
  readonly heardOn: ReadonlyMap<InterfaceIndex, string>;
  /** The device whose entries are emptied; undefined while there is none. */
  readonly device: InterfaceIndex | undefined;
  /** The bridge the device is a port of. */
  readonly bridge: InterfaceIndex | undefined;
  /** Control VLANs it takes; undefined = all. */
  readonly controlVlans: readonly number[] | undefined;
  /** VLAN of untagged frames. */
  readonly pvid: number | undefined;
  readonly key: DesiredFlushKey;
}

export type FlushEvent =
  /** Empties these VLANs' dynamic entries at these devices, ports of the same bridge or one of none. */
  | {
      readonly kind: "flush";
      readonly bridge: InterfaceIndex | undefined;
      readonly ports: readonly InterfaceIndex[];
      readonly vlans: readonly number[] | "all";
    }
  | { readonly kind: "flush-received"; readonly name: string; readonly vlan: number; readonly source: Mac }
  | { readonly kind: "flush-storm"; readonly name: string; readonly isOn: boolean };

export interface FlushCounters {
  received: number;
  dropped: number;
  readonly reasons: { [drop in FlushDrop]?: number };
  lastReason: FlushDrop | undefined;
  /** Of the last one received: the interface, or the member of an Eth-Trunk. */
  lastInterface: string | undefined;
  lastTime: Micros | undefined;
  lastSource: Mac | undefined;
  lastControlVlan: number | undefined;
}

const newCounters = (): FlushCounters => ({
  received: 0,
  dropped: 0,
  reasons: {},
  lastReason: undefined,
  lastInterface: undefined,
  lastTime: undefined,
  lastSource: undefined,
  lastControlVlan: undefined,
});

/** What is kept of an enabled interface from one configuration to the next. */
interface Station {
  port: FlushPort;
  counters: FlushCounters;
  readonly events: RateLimit;
  readonly frames: RateLimit;
  stormUntil: Micros;
}

/** What is to be emptied at the ports of one bridge, by control VLAN: a bitmap each. */
interface Pending {
  readonly first: FlushPort;
  readonly vlans: Map<number, Uint8Array>;
}

export class FlushReceiver {
  /** Our own device ID: what bears it is ours, come back. */
  device: Mac = NO_MAC;
  readonly #digests: Digests;
  readonly #stations = new Map<string, Station>();
  readonly #heardOn = new Map<InterfaceIndex, Station>();
  readonly #pending = new Map<InterfaceIndex, Pending>();
  readonly #nextAction = new Map<InterfaceIndex, Micros>();
  /** Last accepted (epoch, sequence) of each sender at each bridge: one Flush reaches several bridges of a device. */
  readonly #senders = new Map<string, { epoch: number; sequence: number; at: Micros }>();
  readonly #view = new FlushView();
  readonly #events: FlushEvent[] = [];

  constructor(digests: Digests) {
    this.#digests = digests;
  }

  /** The enabled interfaces, all of them. */
  configure(ports: readonly FlushPort[]): void {
    const wanted = new Set(ports.map(({ name }) => name));
    for (const [name, station] of this.#stations) if (!wanted.has(name)) this.#remove(name, station);
    this.#heardOn.clear();
    for (const port of ports) {
      const station = this.#stations.get(port.name) ?? {
        port,
        counters: newCounters(),
        events: new RateLimit(MOST_EVENTS),
        frames: new RateLimit(STORM_FRAMES),
        stormUntil: NEVER,
      };
      station.port = port;
      this.#stations.set(port.name, station);
      for (const index of port.heardOn.keys()) this.#heardOn.set(index, station);
    }
  }

  #remove(name: string, station: Station): void {
    this.#stations.delete(name);
    if (station.stormUntil !== NEVER) this.#events.push({ kind: "flush-storm", name, isOn: false });
  }

  /** Every interface on which frames are waited for. */
  get heardOn(): readonly InterfaceIndex[] {
    return [...this.#heardOn.keys()];
  }
  *counters(): Generator<[name: string, counters: FlushCounters]> {
    for (const [name, { counters }] of this.#stations) yield [name, counters];
  }

  /** `pdu.start` is where the 802.3 length stands. False: nobody here waits for it. */
  receive(pdu: Incoming, now: Micros): boolean {
    const station = this.#heardOn.get(pdu.from);
    if (station === undefined) return false;
    this.#watchRate(station, now);
    const { port, counters } = station;
    const drop = this.#check(port, pdu, now);
    if (drop !== undefined) {
      counters.dropped++;
      counters.reasons[drop] = (counters.reasons[drop] ?? 0) + 1;
      counters.lastReason = drop;
      return true;
    }
    const { controlVlan } = this.#view;
    counters.received++;
    counters.lastInterface = port.heardOn.get(pdu.from);
    counters.lastTime = now;
    counters.lastSource = pdu.source;
    counters.lastControlVlan = controlVlan;
    if (station.events.take(now))
      this.#events.push({ kind: "flush-received", name: port.name, vlan: controlVlan, source: pdu.source });
    this.#collect(port, controlVlan);
    return true;
  }

  #watchRate(station: Station, now: Micros): void {
    if (station.frames.take(now)) return;
    if (station.stormUntil === NEVER) this.#events.push({ kind: "flush-storm", name: station.port.name, isOn: true });
    station.stormUntil = later(now, STORM_TIME);
  }

  #check(port: FlushPort, pdu: Incoming, now: Micros): FlushDrop | undefined {
    const view = this.#view.wrap(pdu.bytes, pdu.start, pdu.length);
    const fault = view.fault();
    if (fault !== undefined) return fault;
    if (view.device === this.device) return "own";
    // The tag, the field and our own configuration must agree.
    const tag = pdu.vlan === NO_VLAN ? port.pvid : pdu.vlan;
    if (tag !== undefined && tag !== view.controlVlan) return "vlan";
    if (!takes(port, view.controlVlan)) return "vlan";
    if (!isAuthentic(view, port.key, this.#digests)) return "auth";
    return port.key.mode === "hmac" && !this.#isNew(port, view, now) ? "replay" : undefined;
  }

  /** Only mode hmac can tell: in the others anybody could forge what a sender is remembered by. */
  #isNew(port: FlushPort, { device, epoch, sequence }: FlushView, now: Micros): boolean {
    const sender = `${device} ${placeOf(port) ?? port.name}`;
    const last = this.#senders.get(sender);
    const counts = last !== undefined && now < later(last.at, REPLAY_MEMORY);
    if (counts && (epoch < last.epoch || (epoch === last.epoch && sequence <= last.sequence))) return false;
    this.#senders.delete(sender);
    const [oldest] = this.#senders.keys();
    if (oldest !== undefined && this.#senders.size >= MOST_SENDERS) this.#senders.delete(oldest);
    this.#senders.set(sender, { epoch, sequence, at: now });
    return true;
  }

  /** Gathers what is to be emptied; `settle` acts. */
  #collect(port: FlushPort, controlVlan: number): void {
    const place = placeOf(port);
    if (place === undefined) return;
    const pending = this.#pending.get(place) ?? { first: port, vlans: new Map<number, Uint8Array>() };
    this.#pending.set(place, pending);
    const vlans = pending.vlans.get(controlVlan) ?? new Uint8Array(BITMAP_LENGTH);
    pending.vlans.set(controlVlan, vlans);
    for (const [at, octet] of this.#view.vlans.entries()) vlans[at] = (vlans[at] ?? 0) | octet;
  }

  /** Once per batch of inputs: empties what was gathered, now or when the bridge's tenth of a second is over. */
  settle(now: Micros): void {
    for (const [place, { first, vlans }] of this.#pending) {
      if (now < (this.#nextAction.get(place) ?? now)) continue;
      this.#pending.delete(place);
      this.#nextAction.set(place, later(now, ACTION_GAP));
      for (const [controlVlan, bitmap] of vlans) {
        const list = vlansOf(bitmap);
        const ports = this.#portsOf(first, controlVlan);
        if (list.length === 0 || ports.length === 0) continue;
        this.#events.push({
          kind: "flush",
          bridge: first.bridge,
          ports,
          vlans: list.length < GREATEST_VLAN ? list : "all",
        });
      }
    }
  }

  /** Not the receiving port alone: the stale entries are on the others. */
  #portsOf(first: FlushPort, controlVlan: number): InterfaceIndex[] {
    const ports: InterfaceIndex[] = [];
    for (const { port } of this.#stations.values()) {
      const isBeside = first.bridge === undefined ? port.name === first.name : port.bridge === first.bridge;
      if (isBeside && port.device !== undefined && takes(port, controlVlan)) ports.push(port.device);
    }
    return ports;
  }

  expire(now: Micros): void {
    for (const [name, station] of this.#stations) {
      if (now < station.stormUntil) continue;
      station.stormUntil = NEVER;
      this.#events.push({ kind: "flush-storm", name, isOn: false });
    }
    for (const [place, next] of this.#nextAction)
      if (now >= next && !this.#pending.has(place)) this.#nextAction.delete(place);
  }

  nextDeadline(): Micros {
    let next = NEVER;
    for (const place of this.#pending.keys()) next = earliest(next, this.#nextAction.get(place) ?? NEVER);
    for (const { stormUntil } of this.#stations.values()) next = earliest(next, stormUntil);
    return next;
  }

  nextEvent(): FlushEvent | undefined {
    return this.#events.shift();
  }

  /** `reset smart-link flush`. */
  reset(): void {
    for (const station of this.#stations.values()) station.counters = newCounters();
  }
}

/** Whose entries are emptied together: a bridge, or an interface that is a port of none. */
const placeOf = ({ bridge, device }: FlushPort): InterfaceIndex | undefined => bridge ?? device;

const takes = ({ controlVlans }: FlushPort, vlan: number): boolean => controlVlans?.includes(vlan) ?? true;
