import type { IncomingDatagram, OutgoingDatagram } from "../../../src/core/base/datagram.js";
import { type IpAddress, parseIpAddress } from "../../../src/core/base/ip-address.js";
import { later, type Micros, micros, millis, seconds } from "../../../src/core/base/time.js";
import type { DesiredBfdSession } from "../../../src/core/contract/desired/bfd.js";
import type { DatagramEndpoint, LinkState } from "../../../src/core/contract/host.js";
import type { Refusable, Refused } from "../../../src/core/contract/input.js";
import type { PacedCounts, SteadySession } from "../../../src/core/contract/pacing.js";
import { Engine } from "../../../src/core/engine/engine.js";
import type { EngineEvent } from "../../../src/core/engine/news.js";
import type { BfdSessionView } from "../../../src/core/parts/bfd/display.js";
import { NO_PACER, quietHost } from "../../../src/daemon/recording/quiet-host.js";
import { bfdOf } from "../../support/ask.js";
import { type BfdParts, bfdPacket, readBfd } from "../../support/bfd-packets.js";
import { desired, macOf } from "../../support/desired.js";

export const ip = (text: string): IpAddress => {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an IP address: ${text}`);
  return address;
};

const START = seconds(1_000);
export const ETH1 = 11;
export const ETH2 = 12;

/** A session as a test writes it: multihop at 300 ms x 3 with local discriminator 10 unless said otherwise. */
export type SessionParts = Partial<Omit<DesiredBfdSession, "peer" | "source">> & {
  readonly peer?: string | undefined;
  readonly source?: string | undefined;
};

export function sessionOf({ peer, source, ...parts }: SessionParts): DesiredBfdSession {
  return {
    name: "hello",
    interface: undefined,
    trackInterface: undefined,
    group: ip("224.0.0.184"),
    localDiscriminator: 10,
    remoteDiscriminator: undefined,
    minTx: millis(300),
    minRx: millis(300),
    multiplier: 3,
    wtr: micros(0),
    shutdown: false,
    description: undefined,
    authentication: undefined,
    tosExp: 7,
    ...parts,
    peer: peer === undefined ? undefined : ip(peer),
    source: source === undefined ? undefined : ip(source),
  };
}

/** The usual session: 10.0.0.1 here, 10.0.0.2 there. */
export const MULTIHOP: SessionParts = { peer: "10.0.0.2", source: "10.0.0.1" };
export const SINGLE_HOP: SessionParts = { ...MULTIHOP, interface: "eth1" };

export interface Sent {
  readonly time: Micros;
  readonly packet: BfdParts;
  readonly bytes: Uint8Array;
  readonly datagram: Omit<OutgoingDatagram, "bytes" | "start" | "length" | "source" | "destination"> & {
    readonly source: string;
    readonly destination: string;
  };
}

/** What a datagram bears beside its octets. */
export interface Carrier {
  readonly source?: string;
  readonly destination?: string;
  readonly destinationPort?: number;
  readonly ttl?: number;
  readonly from?: number;
  readonly vrf?: string;
}

export interface StationOptions {
  /** With a pacer that does as the test says. */
  readonly pacer?: boolean;
  readonly seed?: number;
  /** Addresses by interface; 10.0.0.1/24 on eth1 unless said otherwise. */
  readonly addresses?: readonly (readonly [index: number, text: string, prefixLength: number])[];
}

/** One engine with BFD sessions, its packets on both sides in the hands of the test. */
export class Station {
  now: Micros = START;
  readonly engine: Engine;
  readonly events: EngineEvent[] = [];
  readonly log: Sent[] = [];
  readonly endpoints = new Map<string, DatagramEndpoint>();
  /** What the pacer keeps, by local discriminator. */
  readonly paced = new Map<number, SteadySession>();
  readonly counts = new Map<number, PacedCounts>();
  #taken = 0;
  readonly #links = new Map<string, LinkState>();

  constructor(sessions: readonly SessionParts[], options: StationOptions = {}) {
    const pacer = {
      works: true,
      pace: (steady: SteadySession) => void this.paced.set(steady.session, steady),
      release: (session: number) => {
        this.paced.delete(session);
        return this.counts.get(session);
      },
      counts: (session: number) => this.counts.get(session),
      nextNumber: (session: number) => {
        const before = this.counts.get(session);
        if (before === undefined) return undefined;
        const sent = before.numbers.sent + 1;
        this.counts.set(session, { ...before, numbers: { ...before.numbers, sent } });
        return sent;
      },
    };
    this.engine = new Engine(
      quietHost({
        datagrams: {
          listen: (endpoint) => void this.endpoints.set(nameOf(endpoint), endpoint),
          close: (endpoint) => void this.endpoints.delete(nameOf(endpoint)),
          send: (out) => this.#record(out),
        },
        pacer: options.pacer === true ? pacer : NO_PACER,
      }),
      (event) => this.events.push(event),
      undefined,
      { epoch: 1, software: "test", seed: options.seed ?? 7 },
    );
    for (const [name, index] of [
      ["eth1", ETH1],
      ["eth2", ETH2],
    ] as const)
      this.link(name, { index });
    for (const [index, text, prefixLength] of options.addresses ?? [[ETH1, "10.0.0.1", 24]])
      this.address(index, text, prefixLength);
    this.configure(...sessions);
  }

  #record({ bytes, start, length, source, destination, ...rest }: OutgoingDatagram): true {
    const octets = new Uint8Array(bytes.buffer, bytes.byteOffset + start, length).slice();
    const datagram = { ...rest, source: source.text, destination: destination.text };
    this.log.push({ time: this.now, packet: readBfd(octets), bytes: octets, datagram });
    // The one transmit buffer is used again at once.
    new Uint8Array(bytes.buffer).fill(0xee);
    return true;
  }

  /** As the daemon's loop does after each input: what is due, then what follows. */
  #settle(): void {
    if (this.engine.nextDeadline() <= this.now) this.engine.expire(this.now);
    this.engine.settle(this.now);
    if (this.engine.nextDeadline() <= this.now) throw new Error("the engine does not rest");
  }

  // Inputs.

  configure(...sessions: readonly SessionParts[]): void {
    this.engine.take(
      { kind: "configure", desired: { ...desired("02:00:00:00:0a:00"), bfdSessions: sessions.map(sessionOf) } },
      this.now,
    );
    this.#settle();
  }

  link(name: string, change: Partial<LinkState>): void {
    const fresh = { index: 0, name, present: true, up: true, carrier: true, mac: macOf("2-0-0"), mtu: 1500, speed: 0 };
    const link = { ...(this.#links.get(name) ?? fresh), ...change };
    this.#links.set(name, link);
    this.engine.take({ kind: "link", link }, this.now);
    this.#settle();
  }

  address(index: number, text: string, prefixLength = 24, present = true): void {
    this.engine.take({ kind: "address", address: { index, address: ip(text), prefixLength, present } }, this.now);
    this.#settle();
  }

  /** A datagram arrives; what is left out is as the usual peer sends it. */
  hear(packet: Uint8Array, carrier: Carrier = {}): void {
    this.hearTogether([packet], carrier);
  }

  /** Datagrams that arrive in one batch, before anything is answered. */
  hearTogether(packets: readonly Uint8Array[], carrier: Carrier = {}): void {
    for (const packet of packets) {
      const buffer = new Uint8Array(packet.length + 30);
      buffer.set(packet, 17);
      const { source = "10.0.0.2", destination = "10.0.0.1", ...rest } = carrier;
      const datagram: IncomingDatagram = {
        bytes: new DataView(buffer.buffer),
        start: 17,
        length: packet.length,
        source: ip(source),
        destination: ip(destination),
        sourcePort: 49_152,
        destinationPort: 4784,
        ttl: 255,
        from: ETH1,
        ...rest,
      };
      this.engine.datagramReceived(datagram, this.now);
      buffer.fill(0xee);
    }
    this.#settle();
  }

  /** The pacer waited in vain. */
  expired(session: number, handover: number): void {
    this.engine.take({ kind: "pacer", report: { session, handover } }, this.now);
    this.#settle();
  }

  /** The machine refuses something; without a text it works again. */
  refuse<What extends "pacer" | "socket">(what: What, subject: Refusable[What], text?: string): void {
    this.engine.take({ kind: "refused", what, subject, text } as Refused, this.now);
    this.#settle();
  }

  pause(): void {
    this.engine.take({ kind: "pause" }, this.now);
    this.#settle();
  }

  /** Time passes, each timer on time. */
  pass(duration: Micros): void {
    const end = later(this.now, duration);
    for (let next = this.engine.nextDeadline(); next <= end; next = this.engine.nextDeadline()) {
      this.now = micros(Math.max(next, this.now));
      this.engine.expire(this.now);
      this.#settle();
    }
    this.now = end;
  }

  // What came of it.

  /** Packets sent since the last question. */
  taken(): Sent[] {
    const fresh = this.log.slice(this.#taken);
    this.#taken = this.log.length;
    return fresh;
  }

  session(name = "hello"): BfdSessionView {
    const session = bfdOf(this.engine).sessions.find((candidate) => candidate.name === name);
    if (session === undefined) throw new Error(`no session ${name}`);
    return session;
  }
  get state(): string {
    return this.session().state;
  }
  /** State changes of all sessions: `Down-Init`. */
  changes(): string[] {
    return this.events.flatMap((event) => (event.event === "bfd-state" ? [`${event.from}-${event.to}`] : []));
  }
}

const nameOf = ({ source, port, vrf, group }: DatagramEndpoint): string =>
  [source.text, port, vrf, group].filter((part) => part !== undefined).join(" ");

/** The far end of one session, speaking when the test says so. It names us as our last packet named itself. */
export class Peer {
  readonly station: Station;
  readonly carrier: Carrier;
  parts: Partial<BfdParts>;

  constructor(station: Station, parts: Partial<BfdParts> = {}, carrier: Carrier = {}) {
    this.station = station;
    this.carrier = carrier;
    this.parts = { myDiscriminator: 77, desiredMinTx: 300_000, requiredMinRx: 300_000, ...parts };
  }

  /** The packet it would send now. */
  packet(parts: Partial<BfdParts> = {}): Uint8Array {
    const yourDiscriminator = this.station.log.at(-1)?.packet.myDiscriminator ?? 0;
    return bfdPacket({ yourDiscriminator, ...this.parts, ...parts });
  }

  say(parts: Partial<BfdParts> = {}): void {
    const { flags: _, ...lasting } = parts;
    this.parts = { ...this.parts, ...lasting };
    this.station.hear(this.packet(parts), this.carrier);
  }

  /** Three-way handshake, and an answer to the Poll that follows it. */
  bringUp(): this {
    this.say({ state: "Down" });
    this.say({ state: "Init" });
    this.say({ state: "Up", flags: "F" });
    this.station.taken();
    return this;
  }

  /** Repeats what it said so often, as fast as it promised. */
  keepTalking(times: number): void {
    for (let n = 0; n < times; n++) {
      this.station.pass(micros((this.parts.desiredMinTx ?? 0) * 0.9));
      this.say();
    }
  }
}
