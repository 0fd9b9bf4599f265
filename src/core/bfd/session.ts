import { MULTI_HOP_PORT, SINGLE_HOP_PORT } from "../base/bfd.js";
import type { IncomingDatagram, OutgoingDatagram } from "../base/datagram.js";
import { earliest, later, type Micros, micros, NEVER } from "../base/time.js";
import type { DesiredBfdSession } from "../contract/desired/bfd.js";
import type { PacedCounts, PacedNumbers, SteadySession } from "../contract/pacing.js";
import { AUTHENTICATION, BfdView, bfdControl, FINAL, POLL } from "../wire/bfd-control.js";
import { SESSION_STATES, type SessionState } from "../wire/bfd-names.js";
import { SessionAuthentication } from "./authentication.js";
import { type Intervals, isSame, PollSequence } from "./poll-sequence.js";
import { RemoteEnd } from "./remote.js";
import { SendSchedule } from "./send-schedule.js";
import type { PacerNumbers, SessionIdentity, SessionNeeds, SessionPath } from "./session-needs.js";
import {
  ADMINISTRATIVELY_DOWN,
  DETECTION_TIME_EXPIRED,
  NEIGHBOR_SIGNALED_DOWN,
  NO_DIAGNOSTIC,
  onReceivedState,
  PATH_DOWN,
} from "./state-table.js";
import { detectionTime, FASTEST, jitterOf, PACED_BELOW, SLOW_INTERVAL } from "./timing.js";

const TTL = 255;
/** Packets that leave at once when a session ends for good, since one may be lost and no other follows. */
const LAST_WORDS = 3;
const writer = new BfdView();

export type BfdDrop = "authentication" | "ttl" | "discriminator" | "admin-down";

/**
 * One BFD session, RFC 5880 in asynchronous mode, over RFC 5881 or RFC 5883: its variables of 6.8.1, without the prefix
 * `bfd.`, and the procedures of 6.8.
 *
 *   remote.ts         variables about the peer (6.8.1)
 *   state-table.ts    next state by our state and the received one (6.8.6)
 *   poll-sequence.ts  intervals in force while a change is polled (6.5, 6.8.3)
 *   send-schedule.ts  time of the next packet (6.8.7)
 *   authentication.ts digests and sequence numbers (6.7)
 *
 * The pacer, a thread outside the core, sends and watches a fast session that is Up at both ends; `steady` is its
 * order. Demand mode is honoured, but never asked for. The echo function is left out (Required Min Echo RX 0).
 */
export class BfdSession {
  desired: DesiredBfdSession;
  readonly isDynamic: boolean;
  readonly localDiscriminator: number;
  /** Undefined while the interface or an address is missing. */
  path: SessionPath | undefined;

  state: SessionState = "Down";
  /** Reason of the last fall; it stays when the session is up again. */
  localDiagnostic = NO_DIAGNOSTIC;
  readonly remote: RemoteEnd;

  readonly #pacer: PacerNumbers;
  readonly #authentication: SessionAuthentication;
  readonly #poll: PollSequence;
  readonly #schedule: SendSchedule;
  #detectAt: Micros = NEVER;
  #forgetAt: Micros = NEVER;
  readonly sourcePort: number;

  /** The present hand-over to the pacer; undefined while the pacer does not have the session. */
  paced: SteadySession | undefined;
  upCount = 0;
  readonly counters = { received: 0, sent: 0 };
  readonly drops: { [drop in BfdDrop]: number } = { authentication: 0, ttl: 0, discriminator: 0, "admin-down": 0 };
  /** Why the last packet was dropped; undefined when it was taken. */
  refused: BfdDrop | undefined;
  /** The state before the changes that nobody has taken yet. */
  #changedFrom: SessionState | undefined;

  constructor(desired: DesiredBfdSession, identity: SessionIdentity, { random, digests, pacer }: SessionNeeds) {
    this.desired = desired;
    this.#pacer = pacer;
    this.localDiscriminator = identity.localDiscriminator;
    this.isDynamic = identity.isDynamic;
    this.remote = new RemoteEnd(desired.remoteDiscriminator);
    this.#schedule = new SendSchedule(random);
    this.#authentication = new SessionAuthentication(desired.authentication, digests, random);
    this.sourcePort = identity.sourcePort;
    if (desired.shutdown) this.state = "AdminDown";
    this.#poll = new PollSequence(this.#intervals);
  }

  get isMultihop(): boolean {
    return this.desired.interface === undefined;
  }
  /**
   * RFC 5881 5: without authentication a single-hop packet must have come from the link itself. A multi-hop session of two E-Trunks
   * between which no router is gets nothing from further away either.
   */
  get #leastTtl(): number {
    if (this.isMultihop) return this.isDynamic && this.path?.isNear === true ? TTL : 0;
    return this.isAuthenticated ? 0 : TTL;
  }
  get destinationPort(): number {
    return this.isMultihop ? MULTI_HOP_PORT : SINGLE_HOP_PORT;
  }
  get isUpOnBothEnds(): boolean {
    return this.state === "Up" && this.remote.state === "Up";
  }
  /** The peer took it down, and is still heard. */
  get isDownBySignal(): boolean {
    return this.localDiagnostic === NEIGHBOR_SIGNALED_DOWN && this.#detectAt !== NEVER;
  }
  get isAuthenticated(): boolean {
    return this.#authentication.isInUse;
  }
  /**
   * Intervals that packets carry: the configured ones, no faster than this host allows, and slow while not Up (6.8.3).
   */
  get #intervals(): Intervals {
    const floor = this.#authentication.isPaceable ? FASTEST : PACED_BELOW;
    const minTx = Math.max(this.desired.minTx, this.state === "Up" ? floor : SLOW_INTERVAL);
    return { minTx: micros(minTx), minRx: micros(Math.max(this.desired.minRx, floor)) };
  }
  /** Transmit interval (6.8.7). */
  get transmitInterval(): Micros {
    return micros(Math.max(this.#poll.inForce.minTx, this.remote.minRx));
  }
  get receiveInterval(): Micros {
    return micros(Math.max(this.#poll.inForce.minRx, this.remote.minTx));
  }
  get detection(): Micros {
    return detectionTime(this.remote.multiplier, this.#poll.inForce.minRx, this.remote.minTx);
  }
  /** 6.8.7: the peer wants no periodic packets now. */
  get #isSilent(): boolean {
    const demanded = this.remote.demand && this.isUpOnBothEnds;
    return this.remote.minRx === 0 || (demanded && !this.#poll.isPolling);
  }

  // Commands.

  configure(desired: DesiredBfdSession, now: Micros): void {
    const { shutdown, multiplier } = this.desired;
    this.desired = desired;
    this.#authentication.change(desired.authentication, this.state === "Up", now);
    if (desired.shutdown && !shutdown) this.#move("AdminDown", ADMINISTRATIVELY_DOWN, now);
    if (!desired.shutdown && shutdown) this.#move("Down", NO_DIAGNOSTIC, now);
    if (desired.multiplier !== multiplier) this.#schedule.trigger();
    this.#setIntervals(now);
  }

  /** 6.8.3: changes that are safe take effect at once, the others with the peer's Final. */
  #setIntervals(now: Micros): void {
    if (isSame(this.#intervals, this.#poll.wanted)) return;
    this.#schedule.trigger();
    if (this.state === "Up") this.#poll.change(this.#intervals, now);
    else this.#poll.reset(this.#intervals);
  }

  /** Changes the path; the session cannot be up over another path. */
  setPath(path: SessionPath | undefined, now: Micros): void {
    if (this.state === "Up" || this.state === "Init") this.#move("Down", PATH_DOWN, now);
    this.#forgetRemote();
    this.path = path;
    this.#schedule.trigger();
  }

  /** Tells the peer at once by AdminDown that the session or this process ends, which is no failure (6.8.16). */
  leave(now: Micros): void {
    const tells = this.path !== undefined && this.remote.discriminator !== 0 && this.state !== "AdminDown";
    this.#schedule.sayLast(tells ? LAST_WORDS : 0);
    this.#move("AdminDown", ADMINISTRATIVELY_DOWN, now);
  }
  get hasLastWords(): boolean {
    return this.#schedule.hasLastWords;
  }

  /** The detection time is over without a packet that counts. */
  detectionExpired(now: Micros): void {
    // The pacer may have judged, and then this process last heard the peer long ago.
    this.#forgetAt = later(now, this.detection);
    if (this.state === "Up" || this.state === "Init") this.#move("Down", DETECTION_TIME_EXPIRED, now);
    this.#forgetRemote();
  }

  #forgetRemote(): void {
    this.remote.forget();
    this.#detectAt = NEVER;
  }

  // Receiving: RFC 5880 6.8.6, from "If the A bit is set" on; what is before is in BfdView.fault and the table.

  receive(packet: BfdView, { ttl }: IncomingDatagram, now: Micros): BfdDrop | undefined {
    if (ttl < this.#leastTtl) return this.#drop("ttl");
    if (this.isAuthenticated && this.paced !== undefined) this.#followPacer();
    if (!this.#authentication.accepts(packet)) return this.#drop("authentication");
    const { remoteDiscriminator } = this.desired;
    if (remoteDiscriminator !== undefined && packet.myDiscriminator !== remoteDiscriminator)
      return this.#drop("discriminator");
    this.remote.learn(packet);
    if (packet.has(FINAL)) this.#poll.final(now);
    const move = onReceivedState[this.state][this.remote.state];
    if (move === "DISCARD") return this.#drop("admin-down");
    this.counters.received++;
    this.refused = undefined;
    if (move === "INIT") this.#move("Init", NO_DIAGNOSTIC, now);
    if (move === "UP") this.#move("Up", NO_DIAGNOSTIC, now);
    if (move === "LOST") this.#move("Down", NEIGHBOR_SIGNALED_DOWN, now);
    if (packet.has(POLL)) this.#schedule.answerPoll();
    // The new authentication may have another least interval.
    this.#setIntervals(now);
    this.#detectAt = later(now, this.detection);
    this.#forgetAt = later(this.#detectAt, this.detection);
    return undefined;
  }

  /** The pacer has taken packets since this process took one, and counts on while it has the session. */
  #followPacer(): void {
    const numbers = this.#pacer.counts(this.localDiscriminator)?.numbers;
    if (numbers !== undefined) this.#authentication.goOn(numbers, true);
  }

  #drop(drop: BfdDrop): BfdDrop {
    this.drops[drop]++;
    this.refused = drop;
    return drop;
  }

  #move(state: SessionState, diagnostic: number, now: Micros): void {
    if (state === this.state) return;
    this.#changedFrom ??= this.state;
    this.state = state;
    if (state === "Down" || state === "AdminDown") this.localDiagnostic = diagnostic;
    if (state === "Up") {
      this.upCount++;
      this.#poll.change(this.#intervals, now);
    } else this.#poll.reset(this.#intervals);
    this.#schedule.trigger();
  }

  /** The state that the session had at the last call; undefined when it did not change since. */
  takeChange(): SessionState | undefined {
    const from = this.#changedFrom;
    this.#changedFrom = undefined;
    return from === this.state ? undefined : from;
  }

  // Time.

  /** Expires deadlines; true when something changed. */
  expire(now: Micros): boolean {
    let expired = this.#poll.expire(now);
    if (now >= this.#authentication.nextDeadline()) {
      this.#authentication.expire(now);
      this.#setIntervals(now);
      expired = true;
    }
    // While the pacer watches, only the pacer judges silence, since this process may have been paused.
    if (this.paced === undefined && now >= this.#detectAt) {
      this.detectionExpired(now);
      expired = true;
    }
    if (this.paced === undefined && now >= this.#forgetAt) {
      this.#forgetAt = NEVER;
      this.#authentication.forget();
    }
    return expired;
  }

  nextDeadline(): Micros {
    let next = earliest(this.#authentication.nextDeadline(), this.#poll.nextDeadline());
    if (this.paced === undefined) next = earliest(next, earliest(this.#detectAt, this.#forgetAt));
    return earliest(next, this.#sendAt());
  }

  #sendAt(): Micros {
    if (this.path === undefined) return NEVER;
    return this.#schedule.sendAt(this.paced !== undefined || this.#isSilent ? NEVER : this.transmitInterval);
  }

  // The pacer.

  /**
   * The steady state for the pacer; undefined while the session is not Up at both ends, or slow enough for this
   * process.
   */
  steady(handover: number): SteadySession | undefined {
    const { path, desired } = this;
    if (path === undefined || !this.isUpOnBothEnds || !this.#authentication.isPaceable) return undefined;
    const interval = this.#isSilent ? NEVER : this.transmitInterval;
    if (Math.min(interval, this.receiveInterval) >= PACED_BELOW) return undefined;
    const bytes = new DataView(new ArrayBuffer(bfdControl.size + this.#authentication.sectionLength));
    this.#writeFixed(bytes, 0, false);
    return {
      session: this.localDiscriminator,
      handover,
      packet: new Uint8Array(bytes.buffer, 0, bfdControl.size),
      key: this.#authentication.pacedKey,
      sequenceWindow: 3 * this.remote.multiplier,
      interval,
      jitter: jitterOf(desired.multiplier),
      detection: this.detection,
      receiveInterval: this.receiveInterval,
      remoteDiscriminator: this.remote.discriminator,
      leastTtl: this.#leastTtl,
      source: path.source,
      destination: path.destination,
      sourcePort: this.sourcePort,
      destinationPort: this.destinationPort,
      ttl: TTL,
      trafficClass: this.#trafficClass,
      interface: path.to,
      vrf: desired.vrf,
    };
  }

  /** Takes the session back from the pacer: it was alive until now, and sends on without a gap. */
  retake(now: Micros): void {
    this.paced = undefined;
    this.#schedule.trigger();
    if (this.#detectAt === NEVER) return;
    this.#detectAt = later(now, this.detection);
    this.#forgetAt = later(this.#detectAt, this.detection);
  }

  /** Counts from 0 on. `pending`: what has been counted elsewhere and will still be told. */
  resetStatistics(pending: PacedCounts | undefined): void {
    this.counters.received = -(pending?.received ?? 0);
    this.counters.sent = -(pending?.sent ?? 0);
    for (const drop of Object.keys(this.drops) as BfdDrop[]) this.drops[drop] = 0;
  }

  /** Adds what the pacer received and sent for it, and goes on with its sequence numbers. */
  count(counted: PacedCounts | undefined): void {
    if (counted !== undefined) this.#authentication.goOn(counted.numbers, false);
    this.counters.received += counted?.received ?? 0;
    this.counters.sent += counted?.sent ?? 0;
  }

  // Sending.

  /** Traffic class: TOS-EXP in its three upper bits. */
  get #trafficClass(): number {
    return this.desired.tosExp << 5;
  }

  transmit(out: OutgoingDatagram, now: Micros): boolean {
    const { path } = this;
    if (path === undefined || now < this.#sendAt()) return false;
    const isFinal = this.#schedule.taken(this.desired.multiplier, now);
    this.counters.sent++;
    if (this.isAuthenticated && this.paced !== undefined) this.#takeNumber();
    out.length = this.write(out.bytes, out.start, isFinal);
    out.source = path.source;
    out.destination = path.destination;
    out.sourcePort = this.sourcePort;
    out.destinationPort = this.destinationPort;
    out.ttl = TTL;
    out.trafficClass = this.#trafficClass;
    out.to = path.to;
    out.vrf = this.desired.vrf;
    return true;
  }

  /** The next packet gets the number after that of the pacer's last one. */
  #takeNumber(): void {
    const next = this.#pacer.nextNumber(this.localDiscriminator);
    if (next !== undefined) this.#authentication.goOn({ ...this.numbers, sent: next - 1 }, true);
  }

  /** Sequence numbers of its authentication. */
  get numbers(): PacedNumbers {
    return this.#authentication.numbers;
  }

  /** Writes a packet of the present state; returns its length. */
  write(bytes: DataView, start: number, isFinal: boolean): number {
    const length = this.#writeFixed(bytes, start, isFinal);
    this.#authentication.sign(bytes, start);
    return length;
  }

  /** Writes what is before the authentication section; returns the length of the whole packet. */
  #writeFixed(bytes: DataView, start: number, isFinal: boolean): number {
    const length = bfdControl.size + this.#authentication.sectionLength;
    writer.wrap(bytes, start, length).begin(length);
    // 6.5: a packet with Final set does not poll.
    const flags = (isFinal ? FINAL : this.#poll.isPolling ? POLL : 0) | (this.isAuthenticated ? AUTHENTICATION : 0);
    writer.diagnostic = this.localDiagnostic;
    writer.setState(SESSION_STATES.indexOf(this.state), flags);
    writer.multiplier = this.desired.multiplier;
    writer.myDiscriminator = this.localDiscriminator;
    writer.yourDiscriminator = this.remote.discriminator;
    writer.desiredMinTx = this.#poll.wanted.minTx;
    writer.requiredMinRx = this.#poll.wanted.minRx;
    return length;
  }
}
