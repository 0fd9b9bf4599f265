import { type Mac, NO_MAC } from "../base/address.js";
import type { Digests } from "../base/digests.js";
import { type Incoming, type InterfaceIndex, NO_VLAN } from "../base/protocol.js";
import { FloodWatch, RateLimit } from "../base/rate-limit.js";
import { earliest, later, type Micros, millis, NEVER, seconds } from "../base/time.js";
import { BITMAP_LENGTH, GREATEST_VLAN, vlansOf } from "../base/vlan-set.js";
import type { DesiredFlushKey } from "../contract/desired/flush.js";
import { type FlushFault, FlushView } from "../wire/flush.js";
import { isAuthentic } from "./flush-authentication.js";

/**
 * Smart Link Flush (behaviour.md 2.4, formats/flush.md): after a switch-over the network forgets the old path.
 *
 *   flush-sender          three copies of each order, at 0, 100 and 300 ms; at most ten frames a second for each trunk
 *   flush-receiver        frame -> checks in the order of formats/flush.md 5 -> counters -> VLANs collected for its bridge
 *                         -> `settle` raises one `flush` event for them, at most every 100 ms
 *   flush-authentication  the password field of the four modes, for both
 *
 * The bridge itself passes the frame on. Left out: the vendor's protected instances and Smart Link groups.
 */

/** Least time between two actions on one bridge; a burst of frames is one action over all its VLANs. */
const ACTION_GAP = millis(100);
/** Time after which a sender is heard again with any epoch, since it may have lost clock and disk. */
const REPLAY_MEMORY = seconds(600);
/** Senders that the replay check remembers; more than that are forgeries. */
const MOST_SENDERS = 1_024;
/** Events a second of one interface; frames beyond them are only counted. */
const MOST_EVENTS = 10;
/** Frames a second of one interface that raise the alarm of a storm. */
const STORM_FRAMES = 50;

export type FlushDrop = FlushFault | "vlan" | "auth" | "replay" | "own";

/** An interface or Eth-Trunk that is enabled for Flush. */
export interface FlushPort {
  readonly name: string;
  /**
   * Interfaces by which its frames come in, with their names: the interface itself, or the members of the Eth-Trunk.
   */
  readonly heardOn: ReadonlyMap<InterfaceIndex, string>;
  /** Linux interface whose entries are emptied; undefined while there is none. */
  readonly device: InterfaceIndex | undefined;
  /** Bridge of that interface. */
  readonly bridge: InterfaceIndex | undefined;
  /** Control VLANs it takes; undefined = all. */
  readonly controlVlans: readonly number[] | undefined;
  /** VLAN of untagged frames. */
  readonly pvid: number | undefined;
  readonly key: DesiredFlushKey;
}

export type FlushEvent =
  /**
   * Dynamic entries of these VLANs are to be emptied at these interfaces of one bridge, or at one interface without a
   * bridge.
   */
  | {
      readonly kind: "flush";
      readonly bridge: InterfaceIndex | undefined;
      readonly ports: readonly InterfaceIndex[];
      readonly vlans: readonly number[] | "all";
    }
  | { readonly kind: "flush-received"; readonly name: string; readonly vlan: number; readonly source: Mac }
  /** On an interface a storm of Flush frames began or ended. */
  | { readonly kind: "flush-storm"; readonly name: string };

export interface FlushCounters {
  received: number;
  dropped: number;
  readonly reasons: { [drop in FlushDrop]?: number };
  lastReason: FlushDrop | undefined;
  /** Interface of the last received Flush; of an Eth-Trunk its member. */
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

/** State of an enabled interface that outlives a change of the configuration. */
interface Station {
  port: FlushPort;
  counters: FlushCounters;
  readonly events: RateLimit;
  readonly storm: FloodWatch;
}

/** VLANs to be emptied on one bridge: a bitmap for each control VLAN. */
interface Pending {
  readonly first: FlushPort;
  readonly vlans: Map<number, Uint8Array>;
}

/** The last Flush taken of a sender at a bridge. */
export interface SavedFlushSender {
  readonly device: Mac;
  /** Index of the bridge, or of the interface without one; else its name. */
  readonly place: InterfaceIndex | string;
  readonly epoch: number;
  readonly sequence: number;
  readonly at: Micros;
}

const senderName = ({ device, place }: Pick<SavedFlushSender, "device" | "place">): string => `${device} ${place}`;

/** Checks received Flush frames, and gathers the VLANs whose entries are emptied. */
export class FlushReceiver {
  /** Our own device ID; a frame with it is one of ours that came back. */
  device: Mac = NO_MAC;
  readonly #digests: Digests;
  readonly #stations = new Map<string, Station>();
  readonly #heardOn = new Map<InterfaceIndex, Station>();
  readonly #pending = new Map<InterfaceIndex, Pending>();
  readonly #nextAction = new Map<InterfaceIndex, Micros>();
  /** Last accepted (epoch, sequence) of each sender at each bridge: one Flush reaches several bridges of a device. */
  readonly #senders: Map<string, SavedFlushSender>;
  readonly #view = new FlushView();
  readonly #events: FlushEvent[] = [];

  /** `senders`: what the process before remembered. */
  constructor(digests: Digests, senders: readonly SavedFlushSender[] = []) {
    this.#digests = digests;
    this.#senders = new Map(senders.map((sender) => [senderName(sender), sender]));
  }

  /** What the replay check remembers, for the next process. */
  savedSenders(): SavedFlushSender[] {
    return [...this.#senders.values()];
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
        storm: new FloodWatch(STORM_FRAMES),
      };
      station.port = port;
      this.#stations.set(port.name, station);
      for (const index of port.heardOn.keys()) this.#heardOn.set(index, station);
    }
  }

  #remove(name: string, station: Station): void {
    this.#stations.delete(name);
    if (station.storm.isFlooded) this.#events.push({ kind: "flush-storm", name });
  }

  /** Every interface on which Flush frames are wanted. */
  get heardOn(): readonly InterfaceIndex[] {
    return [...this.#heardOn.keys()];
  }
  /** The interfaces on which more frames arrive than are heeded. */
  *storms(): Generator<string> {
    for (const [name, { storm }] of this.#stations) if (storm.isFlooded) yield name;
  }
  *counters(): Generator<[name: string, counters: FlushCounters]> {
    for (const [name, { counters }] of this.#stations) yield [name, counters];
  }

  /**
   * Receives a frame; `pdu.start` is the offset of the 802.3 length. False when the interface is not enabled for Flush.
   */
  receive(pdu: Incoming, now: Micros): boolean {
    const station = this.#heardOn.get(pdu.from);
    if (station === undefined) return false;
    const { port, counters, storm } = station;
    if (storm.came(now)) this.#events.push({ kind: "flush-storm", name: port.name });
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

  /** Replay check of mode hmac; in the other modes epoch and sequence could be forged. */
  #isNew(port: FlushPort, { device, epoch, sequence }: FlushView, now: Micros): boolean {
    const place = placeOf(port) ?? port.name;
    const sender = senderName({ device, place });
    const last = this.#senders.get(sender);
    const counts = last !== undefined && now < later(last.at, REPLAY_MEMORY);
    if (counts && (epoch < last.epoch || (epoch === last.epoch && sequence <= last.sequence))) return false;
    this.#senders.delete(sender);
    const [oldest] = this.#senders.keys();
    if (oldest !== undefined && this.#senders.size >= MOST_SENDERS) this.#senders.delete(oldest);
    this.#senders.set(sender, { device, place, epoch, sequence, at: now });
    return true;
  }

  /** Adds the frame's VLANs to those that `settle` empties. */
  #collect(port: FlushPort, controlVlan: number): void {
    const place = placeOf(port);
    if (place === undefined) return;
    const pending = this.#pending.get(place) ?? { first: port, vlans: new Map<number, Uint8Array>() };
    this.#pending.set(place, pending);
    const vlans = pending.vlans.get(controlVlan) ?? new Uint8Array(BITMAP_LENGTH);
    pending.vlans.set(controlVlan, vlans);
    for (const [at, octet] of this.#view.vlans.entries()) vlans[at] = (vlans[at] ?? 0) | octet;
  }

  /**
   * Called once per batch of inputs: empties the collected VLANs, now or when the bridge's tenth of a second is over.
   */
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

  /**
   * Interfaces to be emptied: all enabled ones of the bridge, since the stale entries stand on the others than the
   * receiving one.
   */
  #portsOf(first: FlushPort, controlVlan: number): InterfaceIndex[] {
    const ports: InterfaceIndex[] = [];
    for (const { port } of this.#stations.values()) {
      const isBeside = first.bridge === undefined ? port.name === first.name : port.bridge === first.bridge;
      if (isBeside && port.device !== undefined && takes(port, controlVlan)) ports.push(port.device);
    }
    return ports;
  }

  expire(now: Micros): void {
    for (const [name, { storm }] of this.#stations)
      if (storm.expire(now)) this.#events.push({ kind: "flush-storm", name });
    for (const [place, next] of this.#nextAction)
      if (now >= next && !this.#pending.has(place)) this.#nextAction.delete(place);
  }

  nextDeadline(): Micros {
    let next = NEVER;
    for (const place of this.#pending.keys()) next = earliest(next, this.#nextAction.get(place) ?? NEVER);
    for (const { storm } of this.#stations.values()) next = earliest(next, storm.nextDeadline());
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

/** The unit that is emptied together: a bridge, or an interface without one. */
const placeOf = ({ bridge, device }: FlushPort): InterfaceIndex | undefined => bridge ?? device;

const takes = ({ controlVlans }: FlushPort, vlan: number): boolean => controlVlans?.includes(vlan) ?? true;
