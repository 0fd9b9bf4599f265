import { type InterfaceIndex, NO_VLAN, type Outgoing } from "../../../src/core/base/protocol.js";
import { later, type Micros, micros, seconds } from "../../../src/core/base/time.js";
import type { LinkState } from "../../../src/core/contract/host.js";
import type { Checkpoint } from "../../../src/core/device/checkpoint.js";
import { Engine } from "../../../src/core/engine/engine.js";
import type { EngineEvent } from "../../../src/core/engine/news.js";
import type { PortStatisticsView, PortView, TrunkView } from "../../../src/core/parts/trunks/questions.js";
import { quietHost } from "../../../src/daemon/recording/quiet-host.js";
import { statisticsOf, trunksOf } from "../../support/ask.js";
import { desired, macOf, type TrunkParts } from "../../support/desired.js";
import {
  type End,
  type LacpduParts,
  lacpduFrame,
  type MarkerParts,
  NOBODY,
  readLacpdu,
  readMarker,
} from "../../support/frames.js";
import { RUN } from "../../support/run.js";

export const STATION_MAC = "02:00:00:00:0a:00";
export const PARTNER_MAC = "02:00:00:00:0b:00";

export interface Sent {
  readonly time: Micros;
  readonly port: string;
  readonly bytes: Uint8Array;
}

const START = seconds(1_000);
const FIRST_INDEX = 11;

/** One engine under test, its frames on both sides in the hands of the test. Time passes only when the test says so. */
export class Station {
  now: Micros;
  readonly engine: Engine;
  readonly events: EngineEvent[] = [];
  /** Everything it ever sent. */
  readonly log: Sent[] = [];
  /** Everything it ever sent or heard, in order. */
  readonly traffic: (Sent & { readonly direction: ">" | "<" })[] = [];
  #taken = 0;
  readonly #links = new Map<string, LinkState>();
  #trunks: readonly TrunkParts[];
  readonly #mac: string;

  constructor(
    trunk: TrunkParts,
    options: {
      readonly more?: readonly TrunkParts[];
      readonly restored?: Checkpoint;
      readonly mac?: string;
      /** The time it begins at. */
      readonly now?: Micros;
      /** What is under a port of this name, where it is not what every station has. */
      readonly links?: { readonly [name: string]: Partial<LinkState> };
    } = {},
  ) {
    this.now = options.now ?? START;
    this.#trunks = [trunk, ...(options.more ?? [])];
    this.#mac = options.mac ?? STATION_MAC;
    this.engine = new Engine(
      quietHost({ link: { listen: () => {}, send: (out) => this.#record(out) } }),
      (event) => this.events.push(event),
      options.restored,
      RUN,
    );
    for (const name of this.#trunks.flatMap(({ members }) => Object.keys(members)))
      this.#addLink(name, options.links?.[name]);
    // As the daemon does: links first, so that a restored port finds its own.
    for (const link of this.#links.values()) this.engine.take({ kind: "link", link }, this.now);
    this.configure(...this.#trunks);
  }

  #addLink(name: string, parts: Partial<LinkState> = {}): void {
    const index = FIRST_INDEX + this.#links.size;
    const mac = macOf(`0200-0000-01${(this.#links.size + 1).toString(16).padStart(2, "0")}`);
    const link = { index, name, present: true, up: true, carrier: true, mac, mtu: 1500, speed: 0 };
    this.#links.set(name, { ...link, ...parts });
  }

  #record(out: Outgoing): void {
    const bytes = new Uint8Array(out.bytes.buffer, out.bytes.byteOffset + out.start, out.length).slice();
    const sent = { time: this.now, port: this.#nameOf(out.to), bytes };
    this.log.push(sent);
    this.traffic.push({ direction: ">", ...sent });
  }

  #nameOf(index: InterfaceIndex): string {
    for (const link of this.#links.values()) if (link.index === index) return link.name;
    throw new Error(`a frame to interface ${index}, which does not exist`);
  }

  #settle(): void {
    this.engine.settle(this.now);
    if (this.engine.nextDeadline() <= this.now) throw new Error("the engine does not rest");
  }

  // Inputs.

  configure(...trunks: TrunkParts[]): void {
    this.#trunks = trunks;
    this.engine.take({ kind: "configure", desired: desired(this.#mac, ...trunks) }, this.now);
    this.#settle();
  }

  link(name: string, change: Partial<LinkState>): void {
    const link = { ...this.linkOf(name), ...change };
    this.#links.set(name, link);
    this.engine.take({ kind: "link", link }, this.now);
    this.#settle();
  }

  /** The host left out so many frames of a port. */
  missed(name: string, frames: number): void {
    this.engine.take({ kind: "excess", port: this.linkOf(name).index, frames }, this.now);
    this.#settle();
  }

  linkOf(name: string): LinkState {
    const link = this.#links.get(name);
    if (!link) throw new Error(`no interface ${name}`);
    return link;
  }

  /** A frame arrives; `vlan` is what the kernel says of a tag it took off. */
  hear(name: string, frame: Uint8Array, vlan = NO_VLAN): void {
    this.hearTogether([[name, frame]], vlan);
  }

  /** Frames that arrive in one batch, before anything is answered. */
  hearTogether(frames: readonly (readonly [name: string, frame: Uint8Array])[], vlan = NO_VLAN): void {
    for (const [name, frame] of frames) {
      this.traffic.push({ direction: "<", time: this.now, port: name, bytes: frame });
      // Somewhere in a ring that is used again at once.
      const ring = new Uint8Array(frame.length + 30);
      ring.set(frame, 21);
      const incoming = {
        bytes: new DataView(ring.buffer),
        start: 21,
        length: frame.length,
        from: this.linkOf(name).index,
        vlan,
        source: macOf("0-0-0"),
      };
      this.engine.frameReceived(incoming, this.now);
      ring.fill(0xee);
    }
    this.#settle();
  }

  /** Time passes, each timer on time. */
  pass(duration: Micros): void {
    const end = later(this.now, duration);
    for (let next = this.engine.nextDeadline(); next <= end; next = this.engine.nextDeadline()) {
      this.now = next;
      this.engine.expire(this.now);
      this.#settle();
    }
    this.now = end;
  }

  /** The process hangs: time passes, no timer runs; what arrives meanwhile is handed over by the test afterwards. */
  stall(duration: Micros): void {
    this.now = later(this.now, duration);
  }

  /** The timers that came due in a stall. */
  wake(): void {
    if (this.engine.nextDeadline() <= this.now) this.engine.expire(this.now);
    this.#settle();
  }

  settle(): void {
    this.#settle();
  }

  // What came of it.

  /** The frames sent since the last question. */
  taken(): Sent[] {
    const fresh = this.log.slice(this.#taken);
    this.#taken = this.log.length;
    return fresh;
  }

  /** LACPDUs sent by a port since the last question to any of these three; other frames of the time are forgotten. */
  pdus(name: string): LacpduParts[] {
    return this.taken().flatMap(({ port, bytes }) => (port === name ? (readLacpdu(bytes) ?? []) : []));
  }

  markers(name: string): MarkerParts[] {
    return this.taken().flatMap(({ port, bytes }) => (port === name ? (readMarker(bytes) ?? []) : []));
  }

  /** The LACPDU a port sent last, whenever. */
  lastPdu(name: string): LacpduParts | undefined {
    const sent = this.log.findLast(({ port, bytes }) => port === name && readLacpdu(bytes) !== undefined);
    return sent && readLacpdu(sent.bytes);
  }

  trunk(id = 1): TrunkView {
    const trunk = trunksOf(this.engine).find((candidate) => candidate.id === id);
    if (!trunk) throw new Error(`no Eth-Trunk${id}`);
    return trunk;
  }

  port(name: string): PortView {
    const port = trunksOf(this.engine)
      .flatMap(({ ports }) => ports)
      .find((candidate) => candidate.name === name);
    if (!port) throw new Error(`no member ${name}`);
    return port;
  }

  statistics(name: string): PortStatisticsView {
    const ports = statisticsOf(this.engine).flatMap(({ ports }) => ports);
    const port = ports.find((candidate) => candidate.name === name);
    if (!port) throw new Error(`no statistics of ${name}`);
    return port;
  }
}

/** The far end of one link, speaking when the test says so. Its PDUs name us as our last PDU did. */
export class Partner {
  readonly station: Station;
  readonly port: string;
  end: End;

  constructor(station: Station, port: string, end: Partial<End> = {}) {
    this.station = station;
    this.port = port;
    const number = station.port(port).portNumber ?? 1;
    this.end = {
      systemPriority: 32768,
      system: PARTNER_MAC,
      key: 7,
      portPriority: 32768,
      port: number,
      state: "10100000",
      ...end,
    };
  }

  /** The frame it would send now. */
  frame(state: string = this.end.state, parts: Partial<LacpduParts> = {}): Uint8Array {
    this.end = { ...this.end, state };
    const partner = this.station.lastPdu(this.port)?.actor ?? NOBODY;
    return lacpduFrame({ source: "02:00:00:00:02:01", actor: this.end, partner, ...parts });
  }

  say(state?: string, parts?: Partial<LacpduParts>): void {
    this.station.hear(this.port, this.frame(state, parts));
  }
}

/** Partners on all members that speak until all links carry traffic. */
export function bringUp(station: Station, ends: { readonly [port: string]: Partial<End> } = {}): Map<string, Partner> {
  const partners = new Map<string, Partner>();
  for (const { name } of station.trunk().ports) partners.set(name, new Partner(station, name, ends[name]));
  const sayAll = (state: string) => {
    for (const partner of partners.values()) partner.say(state);
  };
  sayAll("10100000");
  sayAll("10100000");
  station.pass(seconds(2));
  sayAll("10111000");
  sayAll("10111100");
  station.pass(micros(1));
  station.taken();
  return partners;
}
