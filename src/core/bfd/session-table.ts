import type { IncomingDatagram, OutgoingDatagram } from "../base/datagram.js";
import { isUnspecified } from "../base/ip-address.js";
import type { Random } from "../base/random.js";
import { FloodWatch } from "../base/rate-limit.js";
import { earliest, later, type Micros } from "../base/time.js";
import type { DesiredBfdSession } from "../contract/desired/bfd.js";
import type { PacerReport } from "../contract/pacing.js";
import { type BfdFault, BfdView } from "../wire/bfd-control.js";
import { DIAGNOSTICS, type SessionState } from "../wire/bfd-names.js";
import { HandOvers, type PacerRequest, type UnpacedEvent } from "./hand-overs.js";
import { BfdSession } from "./session.js";
import type { SessionNeeds, SessionPath } from "./session-needs.js";
import { NO_DIAGNOSTIC } from "./state-table.js";

/**
 * State of a session for those that track it. `none`: it was never up, or is removed. `signalled`: it is down because the peer says so,
 * whose packets still come. `down`: the peer is silent, or the path is gone.
 */
export type TrackedState = "none" | "up" | "signalled" | "down" | "admin-down";

export type BfdEvent =
  | {
      readonly kind: "bfd-state";
      readonly name: string;
      readonly from: SessionState;
      readonly to: SessionState;
      readonly diagnostic: string;
    }
  /** Tells those that track the session; Up comes only after its wait-to-restore. */
  | { readonly kind: "bfd-tracked"; readonly name: string; readonly state: TrackedState }
  /** A flood of packets that are refused begins or ends. */
  | { readonly kind: "bfd-flood" }
  | UnpacedEvent;

/** More refused packets in a second than this are a flood: no peer causes so many by its settings. */
const MOST_REFUSED = 500;

/** A wanted session; a dynamic one gets a discriminator from this table. */
export interface WantedSession {
  readonly desired: DesiredBfdSession;
  readonly isDynamic: boolean;
}

/** Range of dynamic discriminators, apart from the static ones, 1 to 16384. */
const FIRST_DYNAMIC = 0x1_0000;
const DYNAMIC_DISCRIMINATORS = 0x7fff_0000;
/** RFC 5881 4: source ports are 49152 to 65535. */
const FIRST_SOURCE_PORT = 49_152;
const SOURCE_PORTS = 16_384;

const keyOf = (name: string): string => name.toLowerCase();
const isPathSame = (one: SessionPath | undefined, other: SessionPath | undefined): boolean =>
  one?.source.text === other?.source.text &&
  one?.destination.text === other?.destination.text &&
  one?.to === other?.to &&
  one?.isNear === other?.isNear;

/** Whether a session goes on with changed settings: its two ends and its path are the same. */
function isSameSession(session: BfdSession, { desired, isDynamic }: WantedSession): boolean {
  const before = session.desired;
  return (
    session.isDynamic === isDynamic &&
    (isDynamic || session.localDiscriminator === desired.localDiscriminator) &&
    before.remoteDiscriminator === desired.remoteDiscriminator &&
    before.peer?.text === desired.peer?.text &&
    before.group.text === desired.group.text &&
    before.source?.text === desired.source?.text &&
    before.interface === desired.interface &&
    before.vrf === desired.vrf
  );
}

/**
 * BFD in asynchronous mode (RFC 5880), over one hop (RFC 5881, UDP port 3784) or several (RFC 5883, UDP port 4784).
 *
 *   session-table   all sessions of the device: demultiplexing (6.3), wait-to-restore
 *   hand-overs      which sessions the pacer keeps (decision 0014)
 *   session         one session: reception (6.8.6), transmission (6.8.7), its end by AdminDown (6.8.16)
 *   state-table     the effect of a received state on ours (6.8.6)
 *   poll-sequence   when changed intervals take effect (6.5, 6.8.3)
 *   timing          jitter, detection time, least intervals (6.8.4, 6.8.7)
 *   authentication  all five types (6.7)
 *
 * Left out: the echo function; demand mode, unless the peer asks for it.
 */
export class SessionTable {
  readonly #sessions = new Map<string, BfdSession>();
  readonly #byDiscriminator = new Map<number, BfdSession>();
  /** Removed sessions that still send their last packets. */
  #leaving: BfdSession[] = [];
  readonly #restoreAt = new Map<string, Micros>();
  readonly #tracked = new Map<string, TrackedState>();
  readonly #handOvers: HandOvers;
  readonly #random: Random;
  readonly #needs: SessionNeeds;
  readonly #packet = new BfdView();
  readonly #events: BfdEvent[] = [];
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
  readonly #flood = new FloodWatch(MOST_REFUSED);

  constructor(needs: SessionNeeds, hasPacer: boolean) {
    this.#random = needs.random;
    this.#needs = needs;
    this.#handOvers = new HandOvers(hasPacer);
  }

  get(name: string): BfdSession | undefined {
    return this.#sessions.get(keyOf(name));
  }
  all(): Iterable<BfdSession> {
    return this.#sessions.values();
  }
  isRestoring(session: BfdSession): boolean {
    return this.#restoreAt.has(keyOf(session.desired.name));
  }

  // Commands.

  /** Makes exactly these sessions. A static one without a local discriminator is left out and stays down. */
  apply(wanted: readonly WantedSession[], now: Micros): void {
    const byName = new Map(wanted.map((each) => [keyOf(each.desired.name), each]));
    // Removed sessions free their discriminators before new ones take them.
    for (const [key, session] of [...this.#sessions]) {
      const still = byName.get(key);
      if (still === undefined || !isSameSession(session, still)) this.#remove(key, session, still === undefined, now);
    }
    for (const each of wanted) {
      const session = this.get(each.desired.name);
      if (session === undefined) this.#add(each, now);
      else {
        session.configure(each.desired, now);
        this.#notice(session, now);
      }
    }
    // A tracker may have begun with this configuration, so every state is told.
    for (const session of this.#sessions.values()) this.#tell(session, this.#trackedState(session));
  }

  #add({ desired, isDynamic }: WantedSession, now: Micros): void {
    const localDiscriminator = isDynamic ? this.#freeDiscriminator() : desired.localDiscriminator;
    if (localDiscriminator === undefined) return;
    const identity = { localDiscriminator, isDynamic, sourcePort: this.#freeSourcePort() };
    const session = new BfdSession(desired, identity, this.#needs);
    this.#sessions.set(keyOf(desired.name), session);
    this.#byDiscriminator.set(localDiscriminator, session);
    this.#notice(session, now);
  }

  #freeDiscriminator(): number {
    let discriminator = 0;
    do discriminator = FIRST_DYNAMIC + this.#random.below(DYNAMIC_DISCRIMINATORS);
    while (this.#byDiscriminator.has(discriminator));
    return discriminator;
  }

  /** RFC 5881 4: each session has a source port of its own, while there are enough. */
  #freeSourcePort(): number {
    const taken = new Set([...this.#sessions.values()].map(({ sourcePort }) => sourcePort));
    const offset = this.#random.below(SOURCE_PORTS);
    for (let n = 0; n < SOURCE_PORTS; n++) {
      const port = FIRST_SOURCE_PORT + ((offset + n) % SOURCE_PORTS);
      if (!taken.has(port)) return port;
    }
    return FIRST_SOURCE_PORT + offset;
  }

  #remove(key: string, session: BfdSession, forGood: boolean, now: Micros): void {
    this.#handOvers.release(session, now);
    session.leave(now);
    const from = session.takeChange();
    if (from !== undefined) this.#tellChange(session, from);
    if (session.hasLastWords) this.#leaving.push(session);
    this.#sessions.delete(key);
    this.#byDiscriminator.delete(session.localDiscriminator);
    this.#restoreAt.delete(key);
    this.#tracked.delete(key);
    if (forGood) this.#tell(session, "none");
  }

  /** Sets the session's path; undefined when its interface or address is missing. */
  setPath(session: BfdSession, path: SessionPath | undefined, now: Micros): void {
    if (isPathSame(path, session.path)) return;
    session.setPath(path, now);
    this.#notice(session, now);
  }

  /** Tells every peer by AdminDown that this process stops, which is no failure (6.8.16). */
  leave(now: Micros): void {
    for (const session of this.#sessions.values()) {
      session.leave(now);
      this.#notice(session, now);
    }
  }

  // The contract, for datagrams.

  receive(datagram: IncomingDatagram, now: Micros): void {
    if (!this.#takes(datagram, now) && this.#flood.came(now)) this.#events.push({ kind: "bfd-flood" });
  }

  /** False: the packet is refused, and counted by its reason. */
  #takes(datagram: IncomingDatagram, now: Micros): boolean {
    const packet = this.#packet.wrap(datagram.bytes, datagram.start, datagram.length);
    const fault = packet.fault();
    if (fault !== undefined) {
      this.faults[fault]++;
      return false;
    }
    const session = this.#find(packet, datagram);
    if (session === undefined) {
      this.strays++;
      return false;
    }
    const drop = session.receive(packet, datagram, now);
    this.#notice(session, now);
    return drop === undefined;
  }

  /** More packets are refused than a peer sends. */
  get isFlooded(): boolean {
    return this.#flood.isFlooded;
  }

  /** RFC 5880 6.3: finds a session by our discriminator, or by the packet's origin while the peer does not know it. */
  #find(packet: BfdView, datagram: IncomingDatagram): BfdSession | undefined {
    const { yourDiscriminator } = packet;
    if (yourDiscriminator !== 0) {
      const session = this.#byDiscriminator.get(yourDiscriminator);
      return session !== undefined && belongs(datagram, session) ? session : undefined;
    }
    for (const session of this.#sessions.values()) if (belongs(datagram, session)) return session;
    return undefined;
  }

  pacerReported(report: PacerReport, now: Micros): void {
    const session = this.#byDiscriminator.get(report.session);
    if (session?.paced?.handover !== report.handover) return;
    session.detectionExpired(now);
    this.#notice(session, now);
  }

  /** The pacer does not keep a session that was handed over, for this reason; undefined: now it does. */
  pacerRefused(report: PacerReport, reason: string | undefined, now: Micros): void {
    const session = this.#byDiscriminator.get(report.session);
    if (session === undefined) return;
    if (reason === undefined) this.#handOvers.granted(session);
    else this.#handOvers.refused(session, report, reason, now);
  }

  /** Sessions that the pacer refuses, and why. */
  unpaced(): [session: string, text: string][] {
    return this.#handOvers.unpaced();
  }

  expire(now: Micros): void {
    this.#handOvers.expire(now);
    if (this.#flood.expire(now)) this.#events.push({ kind: "bfd-flood" });
    for (const session of this.#sessions.values()) if (session.expire(now)) this.#notice(session, now);
    for (const [key, at] of this.#restoreAt) {
      if (now < at) continue;
      this.#restoreAt.delete(key);
      const session = this.#sessions.get(key);
      if (session !== undefined) this.#track(session);
    }
  }

  nextDeadline(): Micros {
    let next = earliest(this.#handOvers.nextDeadline(), this.#flood.nextDeadline());
    for (const session of this.#sessions.values()) next = earliest(next, session.nextDeadline());
    for (const at of this.#restoreAt.values()) next = earliest(next, at);
    return next;
  }

  transmit(out: OutgoingDatagram, now: Micros): boolean {
    for (const session of this.#leaving) if (session.hasLastWords) return session.transmit(out, now);
    this.#leaving = [];
    for (const session of this.#sessions.values()) if (session.transmit(out, now)) return true;
    return false;
  }

  nextEvent(): BfdEvent | undefined {
    return this.#events.shift() ?? this.#handOvers.nextEvent();
  }
  nextRequest(): PacerRequest | undefined {
    return this.#handOvers.nextRequest();
  }
  // Inside.

  /** Tells the changes of a session after an input, and hands it to the pacer or takes it back. */
  #notice(session: BfdSession, now: Micros): void {
    const from = session.takeChange();
    const { state: to } = session;
    const { name, wtr } = session.desired;
    if (from !== undefined) {
      this.#tellChange(session, from);
      this.#restoreAt.delete(keyOf(name));
      if (to === "Up" && wtr > 0) this.#restoreAt.set(keyOf(name), later(now, wtr));
    }
    this.#track(session);
    this.#handOvers.follow(session, now);
  }

  /** The local diagnostic says why a session went down, and stays when it comes up again (RFC 5880 6.8.1). */
  #tellChange(session: BfdSession, from: SessionState): void {
    const { state: to, desired } = session;
    const code = to === "Down" || to === "AdminDown" ? session.localDiagnostic : NO_DIAGNOSTIC;
    const diagnostic = DIAGNOSTICS[code] ?? `Diagnostic ${code}`;
    this.#events.push({ kind: "bfd-state", name: desired.name, from, to, diagnostic });
  }

  #trackedState(session: BfdSession): TrackedState {
    const before = this.#tracked.get(keyOf(session.desired.name)) ?? "none";
    if (session.state === "Up") return this.isRestoring(session) ? before : "up";
    // RFC 5882 3.2: AdminDown is no failure of the path.
    if (session.state === "AdminDown" || session.remote.state === "AdminDown") return "admin-down";
    if (before !== "up" && before !== "signalled") return before;
    return session.isDownBySignal ? "signalled" : "down";
  }

  #track(session: BfdSession): void {
    const key = keyOf(session.desired.name);
    const state = this.#trackedState(session);
    if ((this.#tracked.get(key) ?? "none") === state) return;
    this.#tracked.set(key, state);
    this.#tell(session, state);
  }

  #tell(session: BfdSession, state: TrackedState): void {
    this.#events.push({ kind: "bfd-tracked", name: session.desired.name, state });
  }
}

/** Whether a datagram came from the session's peer, over its path. */
function belongs(datagram: IncomingDatagram, session: BfdSession): boolean {
  const { path, desired, destinationPort } = session;
  if (path === undefined || datagram.destinationPort !== destinationPort || datagram.vrf !== desired.vrf) return false;
  if (path.to !== undefined && path.to !== datagram.from) return false;
  if (desired.peer !== undefined && desired.peer.text !== datagram.source.text) return false;
  const { text } = datagram.destination;
  return text === path.source.text || isUnspecified(path.source) || text === path.destination.text;
}
