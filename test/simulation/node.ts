import { NO_MAC } from "../../src/core/base/address.js";
import type { IncomingDatagram } from "../../src/core/base/datagram.js";
import type { IpAddress } from "../../src/core/base/ip-address.js";
import { type InterfaceIndex, NO_VLAN, type Outgoing } from "../../src/core/base/protocol.js";
import { type Micros, micros, NEVER } from "../../src/core/base/time.js";
import type { Desired } from "../../src/core/contract/desired/desired.js";
import type { FlushScope, Host, InterfaceWish, LinkState, Streams } from "../../src/core/contract/host.js";
import { type Call, drive, type Refusable, type Refused } from "../../src/core/contract/input.js";
import type { Checkpoint } from "../../src/core/device/checkpoint.js";
import { Engine } from "../../src/core/engine/engine.js";
import type { EngineEvent } from "../../src/core/engine/news.js";
import type { Protocols } from "../../src/core/engine/protocols.js";
import type { PortView, TrunkView } from "../../src/core/parts/trunks/questions.js";
import { quietHost } from "../../src/daemon/recording/quiet-host.js";
import { printCheckpoint, readCheckpoint } from "../../src/daemon/state/checkpoint.js";
import { Refusals } from "../../src/linux/refusals.js";
import { trunksOf } from "../support/ask.js";
import { macOf } from "../support/desired.js";
import { toHex } from "../support/frames.js";
import { ModelDataPlane } from "./data-plane.js";
import { ModelNetwork } from "./network.js";
import { ModelPacer } from "./pacer.js";

/** What the node needs of the world it lives in. */
export interface Surroundings {
  readonly now: () => Micros;
  readonly send: (node: SimulatedNode, device: string, bytes: Uint8Array) => void;
  /** As the node that has the destination receives it. */
  readonly sendDatagram: (node: SimulatedNode, datagram: IncomingDatagram) => void;
  /** TCP between nodes. */
  readonly tcp: { hostOf(node: SimulatedNode): Streams; ended(node: SimulatedNode): void };
  readonly wish: (node: SimulatedNode, wish: InterfaceWish) => void;
  readonly observe: (node: SimulatedNode, event: EngineEvent) => void;
  /** What each engine is made of. */
  readonly protocols: Protocols | undefined;
}

/** What a daemon starts from: its own checkpoint, nothing, or a checkpoint given as JSON. */
export type Beginning = "checkpoint" | "nothing" | { readonly checkpoint: string };

export interface Clock {
  /** What the clock shows at world time 0. */
  readonly offset: number;
  /** Parts per million it runs too fast. */
  readonly drift: number;
}

// A daemon that hangs longer than the kernel's ring lasts loses the newest frames.
const RING_FRAMES = 2_000;
/** The interface of a node's own addresses. */
export const LOOPBACK = 9_999;
const STAMP_PERIOD = 1_000_000;
const BOOT = "simulated";
/** A frame lies anywhere in the ring, not at its beginning. */
const RING_OFFSET = 37;

/** A received PDU that lies at the beginning of octets of its own. */
export const pduOf = (octets: Uint8Array) => ({
  bytes: new DataView(octets.buffer, octets.byteOffset, octets.length),
  start: 0,
  length: octets.length,
});

/** A copy of a received PDU somewhere in a ring, and that ring. */
function inRing<Pdu extends ReturnType<typeof pduOf>>(pdu: Pdu): [Pdu, Uint8Array] {
  const { bytes, start, length } = pdu;
  const ring = new Uint8Array(RING_OFFSET + length);
  ring.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length), RING_OFFSET);
  return [{ ...pdu, bytes: new DataView(ring.buffer), start: RING_OFFSET }, ring];
}

/** One daemon in the world: the real engine, a Host made of cables, a clock of its own. */
export class SimulatedNode {
  readonly name: string;
  desired: Desired;
  engine: Engine | undefined;
  /** Counts the lives: a restart is a new one. */
  life = 0;
  frozen = false;
  readonly links = new Map<string, LinkState>();
  /** Its own IP addresses, on an interface that never fails. */
  readonly addresses: IpAddress[] = [];
  /** Of these addresses: 128 has no neighbours. */
  prefixLength = 128;
  readonly dataPlane: ModelDataPlane;
  readonly network: ModelNetwork;
  readonly #pacer: ModelPacer;
  /** The members whose frames are heard, each time the engine said so: `eth1#7 eth2#8`. */
  readonly heard: string[] = [];
  /** Linux names of interfaces whose administrative state the kernel does not set. */
  readonly refuses = new Set<string>();
  /** What was asked of interfaces, in world time. */
  readonly wishes: { readonly at: Micros; readonly wish: InterfaceWish }[] = [];
  /** Interfaces on which Flush is waited for. */
  tapped: readonly InterfaceIndex[] = [];
  /** When that was asked for, in world time. */
  readonly tapsAsked: Micros[] = [];
  /** When a LACPDU last came by an interface, by the node's own clock; of all lives. */
  readonly lacpduHeard = new Map<InterfaceIndex, Micros>();
  /** What was asked to be emptied, in world time. */
  readonly flushes: { readonly at: Micros; readonly scope: FlushScope }[] = [];
  readonly #surroundings: Surroundings;
  #clock: Clock;
  /** Since when the machine sleeps, in world time. */
  #sleepsSince: Micros | undefined;
  readonly #host: Host;
  #calls: Call[] = [];
  #newestIndex = 0;
  /** The checkpoint as it lies on the disk. */
  #saved: string | undefined;
  /** What the disk held when it began to hang. */
  #held: string | undefined;
  /** The roles that were kept before anybody was told of them. */
  #roles: Checkpoint["etrunks"];
  /** Local time until which the process that saved was seen to work. */
  #worked: Micros = micros(0);
  /** How late the node's next timer fires. */
  lag: Micros = micros(0);

  constructor(name: string, desired: Desired, clock: Clock, surroundings: Surroundings) {
    this.name = name;
    this.desired = desired;
    this.#clock = clock;
    this.#surroundings = surroundings;
    this.dataPlane = new ModelDataPlane({
      refused: (subject, text) => this.refuse("forwarding", subject, text),
      changed: (subject, text) => this.arrives({ kind: "drift", subject, text }),
    });
    this.network = new ModelNetwork(
      surroundings.now,
      (subject, text) => this.refuse("network", subject, text),
      (changed) => this.arrives({ kind: "network", changed }),
    );
    this.#pacer = new ModelPacer(surroundings.now, (datagram) =>
      surroundings.sendDatagram(this, { ...datagram, from: LOOPBACK }),
    );
    const refusals = new Refusals<string>((device, text) => this.refuse("interface", device, text), String);
    this.#host = quietHost({
      link: {
        listen: (members) => {
          this.heard.push(members.map(({ index, name }) => `${name}#${index}`).join(" "));
        },
        send: (out) => this.#send(out),
      },
      network: this.network,
      forwarding: this.dataPlane,
      taps: {
        listen: (filter, interfaces) => {
          if (filter.destination !== undefined) this.tapped = interfaces;
          this.tapsAsked.push(surroundings.now());
        },
      },
      tables: { flush: (scope) => this.flushes.push({ at: surroundings.now(), scope }) },
      datagrams: {
        listen: () => {},
        close: () => {},
        send: ({ bytes, start, length, source, destination, sourcePort, destinationPort, ttl }) => {
          const copy = new Uint8Array(bytes.buffer, bytes.byteOffset + start, length).slice();
          const ports = { sourcePort, destinationPort, ttl };
          surroundings.sendDatagram(this, { ...pduOf(copy), source, destination, ...ports, from: LOOPBACK });
          return true;
        },
      },
      streams: surroundings.tcp.hostOf(this),
      pacer: this.#pacer,
      interfaces: {
        set: (wish) => {
          this.wishes.push({ at: surroundings.now(), wish });
          const text = this.refuses.has(wish.device) ? `admin state ${wish.up ? "up" : "down"}: EPERM` : undefined;
          refusals.answered(wish.device, text);
          if (text === undefined) surroundings.wish(this, wish);
        },
      },
      store: { keep: () => {}, keepCheckpoint: () => this.#keepRoles() },
    });
  }

  newIndex(): InterfaceIndex {
    this.#newestIndex += 1;
    return this.#newestIndex;
  }

  /** The node's own monotonic clock. */
  get localNow(): Micros {
    return micros(Math.floor(this.#clock.offset + this.#surroundings.now() * (1 + this.#clock.drift / 1e6)));
  }

  #worldTime(local: Micros): Micros {
    return micros(Math.ceil((local - this.#clock.offset) / (1 + this.#clock.drift / 1e6)));
  }

  get isRunning(): boolean {
    return this.engine !== undefined;
  }

  /** World time of the next turn the node asks for by itself. */
  wakesAt(): Micros {
    if (!this.engine || this.frozen) return NEVER;
    if (this.#calls.length > 0) return this.#surroundings.now();
    const deadline = this.engine.nextDeadline();
    const own = deadline === NEVER ? NEVER : this.#worldTime(deadline) + this.lag;
    return micros(Math.max(Math.min(own, this.#pacer.nextDeadline()), this.#surroundings.now()));
  }

  /** Starts the daemon, from what still holds of a checkpoint, or as if it had never run. */
  start(from: Beginning, linksFirst: boolean): void {
    const own = from === "checkpoint" ? this.#saved : undefined;
    const saved = typeof from === "object" ? printCheckpoint(from.checkpoint, BOOT, this.#stamp) : own;
    const restored = saved === undefined ? undefined : readCheckpoint(saved, BOOT, this.localNow).checkpoint;
    this.life += 1;
    this.dataPlane.begin();
    const observe = (event: EngineEvent) => this.#surroundings.observe(this, event);
    // Each life has an epoch of its own, as the one kept on disk grows.
    this.engine = new Engine(
      this.#host,
      observe,
      restored,
      {
        epoch: this.life * 1_000_000,
        software: "simulated",
        seed: 1,
      },
      this.#surroundings.protocols,
    );
    const now = this.localNow;
    for (const address of this.addresses)
      this.engine.take(
        { kind: "address", address: { index: LOOPBACK, address, prefixLength: this.prefixLength, present: true } },
        now,
      );
    const tellLinks = () => {
      for (const link of this.links.values()) this.engine?.take({ kind: "link", link }, now);
    };
    if (linksFirst) tellLinks();
    this.engine.take({ kind: "configure", desired: this.desired }, now);
    if (!linksFirst) tellLinks();
    this.engine.settle(this.localNow);
  }

  freeze(): void {
    this.#worked = this.localNow;
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
  }

  /** The machine sleeps: what is sent to it is lost, and its monotonic clock stands (CLOCK_MONOTONIC does not count a suspend). */
  sleep(): void {
    this.freeze();
    this.#sleepsSince ??= this.#surroundings.now();
  }

  wake(): void {
    const slept = this.#surroundings.now() - (this.#sleepsSince ?? this.#surroundings.now());
    this.#clock = { ...this.#clock, offset: this.#clock.offset - slept * (1 + this.#clock.drift / 1e6) };
    this.#sleepsSince = undefined;
    this.thaw();
  }

  /** Nothing that is saved reaches the disk; `false`: all of it does again. */
  hangDisk(hangs = true): void {
    this.#held = hangs && this.engine ? printCheckpoint(this.checkpoint(), BOOT, this.#stamp) : undefined;
    if (!hangs) this.#keepRoles();
  }

  /** The checkpoint of this moment, as JSON. Roles are those that were kept. */
  checkpoint(): string {
    return JSON.stringify({ ...this.engine?.checkpoint(), etrunks: this.#roles });
  }

  get #stamp(): Micros {
    return micros(this.localNow - (this.localNow % STAMP_PERIOD));
  }

  /** The process is gone at once; its interfaces stay as they are. */
  crash(): void {
    if (!this.frozen) this.#worked = this.localNow;
    if (this.#sleepsSince !== undefined) this.wake();
    this.frozen = false;
    // Saved after each change, so what it is now is what was saved; stamped every second.
    if (this.engine) {
      const stamp = micros(this.#worked - (this.#worked % STAMP_PERIOD));
      this.#saved = this.#held ?? printCheckpoint(this.checkpoint(), BOOT, stamp);
    }
    this.#held = undefined;
    this.#ended();
  }

  #ended(): void {
    this.engine = undefined;
    this.#calls = [];
    this.#pacer.ends();
    this.#surroundings.tcp.ended(this);
  }

  #keepRoles(): void {
    if (this.#held !== undefined) return;
    this.#roles = structuredClone(this.engine?.checkpoint().etrunks);
  }

  /** Stops for good: partners are told, then the process is gone. */
  leave(): void {
    this.engine?.take({ kind: "leave" }, this.localNow);
    this.engine?.settle(this.localNow);
    this.#ended();
  }

  /** The configuration is to be this; a hanging process learns it when it goes on. */
  configure(desired: Desired): void {
    this.desired = desired;
    this.arrives({ kind: "configure", desired });
    this.turn();
  }

  /** A call of the engine, made at the node's next turn. The octets of a PDU are copied then. */
  arrives(call: Call): void {
    if (call.kind === "link") {
      const { link } = call;
      if (link.present) this.links.set(link.name, link);
      else this.links.delete(link.name);
    }
    if (this.#sleepsSince !== undefined && (call.kind === "frame" || call.kind === "datagram")) return;
    if (this.engine && (call.kind !== "frame" || this.#calls.length < RING_FRAMES)) this.#calls.push(call);
  }

  /** The machine refuses something; without a text it works again. */
  refuse<What extends keyof Refusable>(what: What, subject: Refusable[What], text?: string): void {
    this.arrives({ kind: "refused", what, subject, text } as Refused);
  }

  /** A frame reaches an interface; lost where that is not there. */
  hears(device: string, octets: Uint8Array): void {
    const from = this.links.get(device)?.index;
    if (from === undefined) return;
    const source = octets.length >= 12 ? macOf(toHex(octets.slice(6, 12)).replace(/..(?=.)/g, "$&:")) : NO_MAC;
    this.arrives({ kind: "frame", frame: { ...pduOf(octets), from, vlan: NO_VLAN, source } });
  }

  /** As the daemon's loop does: inputs, timers that are due, what follows. False when only the pacer had something to do. */
  turn(): boolean {
    const { engine } = this;
    if (!engine || this.frozen) return false;
    const arrived = this.#calls.splice(0);
    const isPacers = arrived.length > 0 || this.#pacer.nextDeadline() <= this.#surroundings.now();
    const calls = arrived.filter((call) => call.kind !== "datagram" || !this.#pacer.takes(call.datagram));
    for (const report of this.#pacer.turn()) calls.push({ kind: "pacer", report });
    if (isPacers && calls.length === 0 && engine.nextDeadline() > this.localNow) return false;
    for (const call of calls) this.#drive(engine, call);
    this.dataPlane.heard();
    if (engine.nextDeadline() <= this.localNow) engine.expire(this.localNow);
    engine.settle(this.localNow);
    return true;
  }

  /** The buffer of a PDU is overwritten after the call: what the engine kept by reference turns to rubbish. */
  #drive(engine: Engine, call: Call): void {
    const spoiled = (octets: Uint8Array) => octets.fill(0xee);
    if (call.kind === "frame") {
      const [frame, ring] = inRing(call.frame);
      this.lacpduHeard.set(frame.from, this.localNow);
      engine.frameReceived(frame, this.localNow);
      spoiled(ring);
    } else if (call.kind === "datagram") {
      const [datagram, ring] = inRing(call.datagram);
      engine.datagramReceived(datagram, this.localNow);
      spoiled(ring);
    } else if (call.kind === "stream") {
      const [stream, ring] = inRing(call.stream);
      engine.streamReceived(stream, this.localNow);
      spoiled(ring);
    } else drive(engine, call, this.localNow);
  }

  #send(out: Outgoing): void {
    const bytes = new Uint8Array(out.bytes.buffer, out.bytes.byteOffset + out.start, out.length).slice();
    const device = this.deviceOf(out.to);
    if (device !== undefined) this.#surroundings.send(this, device, bytes);
  }

  deviceOf(index: InterfaceIndex): string | undefined {
    for (const link of this.links.values()) if (link.index === index) return link.name;
    return undefined;
  }

  trunk(id = 1): TrunkView {
    const trunk = trunksOf(this.engine).find((candidate) => candidate.id === id);
    if (!trunk) throw new Error(`${this.name} has no Eth-Trunk${id}`);
    return trunk;
  }

  port(name: string): PortView {
    const port = trunksOf(this.engine)
      .flatMap((trunk) => trunk.ports)
      .find((candidate) => candidate.name === name);
    if (!port) throw new Error(`${this.name} has no member ${name}`);
    return port;
  }
}
