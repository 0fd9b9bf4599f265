import type { IncomingDatagram, OutgoingDatagram } from "../base/datagram.js";
import type { Digests } from "../base/digests.js";
import type { IpAddress } from "../base/ip-address.js";
import type { InterfaceIndex } from "../base/protocol.js";
import type { Random } from "../base/random.js";
import { earliest, later, type Micros, NEVER } from "../base/time.js";
import type { DesiredBfdSession } from "../desired.js";
import { type BfdFault, BfdView } from "../wire/bfd-control.js";
import { BfdSession, MULTI_HOP_PORT, SINGLE_HOP_PORT } from "./session.js";
import { DIAGNOSTICS, type SessionState } from "./state-table.js";

export type BfdEvent =
  | {
      readonly kind: "bfd-state";
      readonly name: string;
      readonly from: SessionState;
      readonly to: SessionState;
      readonly diagnostic: string;
    }
  /** What those who track the session are told: Up only after its wait-to-restore. */
  | { readonly kind: "bfd-tracked"; readonly name: string; readonly state: "up" | "down" | "admin-down" };

/** An Up session for the pacer; the engine's Host takes it as it is. */
export interface SteadySession {
  readonly session: number;
  readonly handover: number;
  readonly packet: Uint8Array;
  readonly interval: Micros;
  readonly jitter: readonly [number, number];
  readonly detection: Micros;
  readonly remoteDiscriminator: number;
  readonly leastTtl: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly ttl: number;
  readonly interface: InterfaceIndex | undefined;
}

export type PacerRequest =
  | { readonly kind: "pace"; readonly steady: SteadySession }
  | { readonly kind: "release"; readonly session: number };

/** What the pacer tells. `differs`: a packet that is not the expected one was passed up as a datagram as well. */
export interface PacerReport {
  readonly session: number;
  readonly handover: number;
  readonly kind: "expired" | "differs";
}

const LONGEST_PACKET = 66;

/** All BFD sessions of the device: demultiplexing (RFC 5880 6.3), wait-to-restore, hand-over to the pacer. */
export class SessionTable {
  readonly #sessions = new Map<string, BfdSession>();
  readonly #byDiscriminator = new Map<number, BfdSession>();
  readonly #restoreAt = new Map<string, Micros>();
  readonly #tracked = new Map<string, "up" | "down" | "admin-down">();
  readonly #random: Random;
  readonly #digests: Digests;
  readonly #packet = new BfdView();
  readonly #events: BfdEvent[] = [];
  readonly #requests: PacerRequest[] = [];
  #handover = 0;
  readonly faults: { [fault in BfdFault]: number } = {
    version: 0,
    length: 0,
    multiplier: 0,
    multipoint: 0,
    "my-discriminator": 0,
    "your-discriminator": 0,
    "authentication-section": 0,
  };
  /** Packets of no session. */
  strays = 0;

  constructor(random: Random, digests: Digests) {
    this.#random = random;
    this.#digests = digests;
  }

  get(name: string): BfdSession | undefined {
    return this.#sessions.get(name.toLowerCase());
  }
  all(): Iterable<BfdSession> {
    return this.#sessions.values();
  }

  // Commands.

  /** Makes or changes a session. One without a local discriminator gets one of ours when `dynamic`, else it stays down. */
  set(desired: DesiredBfdSession, dynamic: boolean, now: Micros): void {
    const key = desired.name.toLowerCase();
    const before = this.#sessions.get(key);
    if (before !== undefined && !this.#mustBeMadeAnew(before, desired)) {
      this.#release(before, now);
      before.configure(desired, now);
      this.#notice(before, now);
      return;
    }
    this.remove(desired.name, now);
    const discriminator = desired.localDiscriminator ?? (dynamic ? this.#freeDiscriminator() : undefined);
    if (discriminator === undefined) return;
    const session = new BfdSession(desired, discriminator, this.#random, this.#digests);
    this.#sessions.set(key, session);
    this.#byDiscriminator.set(discriminator, session);
    if (desired.shutdown) this.#track(session, "admin-down");
  }

  #mustBeMadeAnew(session: BfdSession, desired: DesiredBfdSession): boolean {
    const identity = (of: DesiredBfdSession) =>
      JSON.stringify([of.peer, of.source, of.interface, of.remoteDiscriminator, of.authentication]);
    const sameLocal = (desired.localDiscriminator ?? session.localDiscriminator) === session.localDiscriminator;
    return !sameLocal || identity(session.desired) !== identity(desired);
  }

  #freeDiscriminator(): number {
    // Static ones are 1 to 16384; dynamic ones keep clear of them.
    let discriminator = 0;
    do discriminator = 0x1_0000 + this.#random.below(0x7fff_0000);
    while (this.#byDiscriminator.has(discriminator));
    return discriminator;
  }

  remove(name: string, now: Micros): void {
    const key = name.toLowerCase();
    const session = this.#sessions.get(key);
    if (session === undefined) return;
    this.#release(session, now);
    this.#sessions.delete(key);
    this.#byDiscriminator.delete(session.localDiscriminator);
    this.#restoreAt.delete(key);
    this.#tracked.delete(key);
  }

  /** Where the session lives; undefined when its interface or address is not there. */
  setPath(session: BfdSession, path: BfdSession["path"], now: Micros): void {
    if (JSON.stringify(path) === JSON.stringify(session.path)) return;
    this.#release(session, now);
    session.pathLost(now);
    session.path = path;
    this.#notice(session, now);
  }

  /** Leaving or restarting: every peer is told that this is no failure (6.8.16). */
  administrativelyDown(now: Micros): void {
    for (const session of this.#sessions.values()) {
      this.#release(session, now);
      session.configure({ ...session.desired, shutdown: true }, now);
      this.#notice(session, now);
    }
  }

  // The contract, for datagrams.

  receive(datagram: IncomingDatagram, now: Micros): void {
    const packet = this.#packet.wrap(datagram.bytes, datagram.start, datagram.length);
    const fault = packet.fault();
    if (fault !== undefined) {
      this.faults[fault]++;
      return;
    }
    const session = this.#find(packet, datagram);
    if (session === undefined) {
      this.strays++;
      return;
    }
    session.receive(packet, datagram.ttl, now);
    this.#notice(session, now);
  }

  /** RFC 5880 6.3: by our discriminator; before the peer knows it, by where the packet came from. */
  #find(packet: BfdView, datagram: IncomingDatagram): BfdSession | undefined {
    const isMultihop = datagram.destinationPort === MULTI_HOP_PORT;
    if (!isMultihop && datagram.destinationPort !== SINGLE_HOP_PORT) return undefined;
    if (packet.yourDiscriminator !== 0) {
      const session = this.#byDiscriminator.get(packet.yourDiscriminator);
      return session?.isMultihop === isMultihop && this.#comesFromPeer(session, datagram) ? session : undefined;
    }
    for (const session of this.#sessions.values())
      if (session.isMultihop === isMultihop && this.#comesFromPeer(session, datagram)) return session;
    return undefined;
  }

  #comesFromPeer(session: BfdSession, datagram: IncomingDatagram): boolean {
    const { path, desired } = session;
    if (path === undefined) return false;
    if (path.to !== undefined && path.to !== datagram.port) return false;
    return desired.peer === undefined || desired.peer.text === datagram.source.text;
  }

  pacerReported(report: PacerReport, now: Micros): void {
    const session = this.#byDiscriminator.get(report.session);
    if (session === undefined || session.paced !== report.handover) return;
    session.retake(now);
    if (report.kind === "expired") session.detectionExpired(now);
    this.#notice(session, now);
  }

  expire(now: Micros): void {
    for (const session of this.#sessions.values()) {
      session.expire(now);
      this.#notice(session, now);
    }
    for (const [key, at] of this.#restoreAt) {
      if (now < at) continue;
      this.#restoreAt.delete(key);
      const session = this.#sessions.get(key);
      if (session !== undefined) this.#track(session, "up");
    }
  }

  nextDeadline(): Micros {
    let next = NEVER;
    for (const session of this.#sessions.values()) next = earliest(next, session.nextDeadline());
    for (const at of this.#restoreAt.values()) next = earliest(next, at);
    return next;
  }

  transmit(out: OutgoingDatagram, now: Micros): boolean {
    for (const session of this.#sessions.values()) {
      if (!session.transmit(out, now)) continue;
      this.#handOver(session);
      return true;
    }
    return false;
  }

  nextEvent(): BfdEvent | undefined {
    return this.#events.shift();
  }
  nextRequest(): PacerRequest | undefined {
    return this.#requests.shift();
  }

  // Inside.

  /** Tells what an input made of a session, and whom it belongs to from now on. */
  #notice(session: BfdSession, now: Micros): void {
    const { changed } = session;
    session.changed = undefined;
    if (changed !== undefined && changed.from !== session.state) {
      const { name, wtr } = session.desired;
      const diagnostic = DIAGNOSTICS[session.localDiagnostic] ?? `Diagnostic ${session.localDiagnostic}`;
      this.#events.push({ kind: "bfd-state", name, from: changed.from, to: session.state, diagnostic });
      this.#restoreAt.delete(name.toLowerCase());
      if (session.state === "Up" && wtr > 0) this.#restoreAt.set(name.toLowerCase(), later(now, wtr));
      else if (session.state === "Up") this.#track(session, "up");
      else if (session.state === "AdminDown" || session.remoteState === "AdminDown") this.#track(session, "admin-down");
      else if (session.state === "Down") this.#track(session, "down");
    }
    if (session.paced !== undefined && !session.wantsPacer) this.#release(session, now);
    this.#handOver(session);
  }

  #track(session: BfdSession, state: "up" | "down" | "admin-down"): void {
    const { name } = session.desired;
    if (this.#tracked.get(name.toLowerCase()) === state) return;
    this.#tracked.set(name.toLowerCase(), state);
    this.#events.push({ kind: "bfd-tracked", name, state });
  }

  #handOver(session: BfdSession): void {
    const { path } = session;
    if (path === undefined || session.paced !== undefined || !session.wantsPacer) return;
    session.paced = ++this.#handover;
    const bytes = new DataView(new ArrayBuffer(LONGEST_PACKET));
    const length = session.write(bytes, 0, false);
    this.#requests.push({
      kind: "pace",
      steady: {
        session: session.localDiscriminator,
        handover: session.paced,
        packet: new Uint8Array(bytes.buffer, 0, length).slice(),
        interval: session.transmitInterval,
        jitter: session.desired.multiplier === 1 ? [750, 900] : [750, 1000],
        detection: session.detection,
        remoteDiscriminator: session.remoteDiscriminator,
        leastTtl: session.isMultihop ? 0 : 255,
        source: path.source,
        destination: path.destination,
        sourcePort: session.sourcePort,
        destinationPort: session.destinationPort,
        ttl: 255,
        interface: path.to,
      },
    });
  }

  #release(session: BfdSession, now: Micros): void {
    if (session.paced === undefined) return;
    session.retake(now);
    this.#requests.push({ kind: "release", session: session.localDiscriminator });
  }
}
