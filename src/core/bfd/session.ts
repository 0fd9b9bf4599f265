import type { OutgoingDatagram } from "../base/datagram.js";
import type { Digests } from "../base/digests.js";
import type { IpAddress } from "../base/ip-address.js";
import type { InterfaceIndex } from "../base/protocol.js";
import type { Random } from "../base/random.js";
import { earliest, later, type Micros, micros, NEVER } from "../base/time.js";
import type { DesiredBfdSession } from "../desired.js";
import { AUTHENTICATION, BfdView, bfdControl, DEMAND, FINAL, POLL } from "../wire/bfd-control.js";
import { BfdAuthenticator } from "./authentication.js";
import {
  ADMINISTRATIVELY_DOWN,
  DETECTION_TIME_EXPIRED,
  NEIGHBOR_SIGNALED_DOWN,
  NO_DIAGNOSTIC,
  onReceivedState,
  PATH_DOWN,
  SESSION_STATES,
  type SessionState,
} from "./state-table.js";
import { detectionTime, FASTEST, jittered, PACED_BELOW, SLOW_INTERVAL } from "./timing.js";

export const SINGLE_HOP_PORT = 3784;
export const MULTI_HOP_PORT = 4784;
const TTL = 255;
const writer = new BfdView();

export type BfdDrop = "authentication" | "ttl" | "discriminator" | "admin-down";

/**
 * One BFD session, RFC 5880 in asynchronous mode, over RFC 5881 or 5883. Demand mode is honoured when the peer asks for
 * it, never asked for; the echo function is left out (Required Min Echo RX 0).
 */
export class BfdSession {
  desired: DesiredBfdSession;
  readonly localDiscriminator: number;
  /** Where it lives; undefined while the interface or an address is missing. */
  path:
    | { readonly source: IpAddress; readonly destination: IpAddress; readonly to: InterfaceIndex | undefined }
    | undefined;

  // RFC 5880 6.8.1, without the `bfd.`.
  state: SessionState = "Down";
  remoteState: SessionState = "Down";
  remoteDiscriminator = 0;
  localDiagnostic = NO_DIAGNOSTIC;
  remoteDiagnostic = NO_DIAGNOSTIC;
  remoteMinRx = 1;
  remoteMinTx = 0;
  remoteMultiplier = 0;
  remoteDemand = false;
  /** In force at the moment; a change while Up waits for the Poll sequence (6.8.3). */
  #activeMinTx: Micros = SLOW_INTERVAL;
  #activeMinRx: Micros;
  #polling = false;
  #finalDue = false;
  #nextSend: Micros = micros(0);
  #detectAt: Micros = NEVER;
  #forgetAt: Micros = NEVER;
  #sourcePort: number;
  readonly #random: Random;
  readonly #authenticator: BfdAuthenticator | undefined;

  /** Handed to the pacer: the number of the hand-over, reports of an older one are ignored. */
  paced: number | undefined;
  upCount = 0;
  readonly counters = { received: 0, sent: 0 };
  readonly drops: { [drop in BfdDrop]: number } = { authentication: 0, ttl: 0, discriminator: 0, "admin-down": 0 };
  /** Set when the state changed; who reads it clears it. */
  changed: { readonly from: SessionState; readonly at: Micros } | undefined;

  constructor(desired: DesiredBfdSession, localDiscriminator: number, random: Random, digests: Digests) {
    this.desired = desired;
    this.localDiscriminator = localDiscriminator;
    this.remoteDiscriminator = desired.remoteDiscriminator ?? 0;
    this.#random = random;
    this.#activeMinRx = this.minRx;
    // RFC 5881 4: 49152 to 65535, the same for the life of the session.
    this.#sourcePort = 49_152 + random.below(16_384);
    this.#authenticator =
      desired.authentication && new BfdAuthenticator(desired.authentication, digests, random.next());
    if (desired.shutdown) this.state = "AdminDown";
  }

  get isMultihop(): boolean {
    return this.desired.interface === undefined;
  }
  get destinationPort(): number {
    return this.isMultihop ? MULTI_HOP_PORT : SINGLE_HOP_PORT;
  }
  get sourcePort(): number {
    return this.#sourcePort;
  }
  get isAuthenticated(): boolean {
    return this.#authenticator !== undefined;
  }
  /** The host's floor: the pacer's, or the process's where it must sign each packet. */
  get #floor(): Micros {
    return this.isAuthenticated ? PACED_BELOW : FASTEST;
  }
  get minTx(): Micros {
    return micros(Math.max(this.desired.minTx, this.#floor));
  }
  get minRx(): Micros {
    return micros(Math.max(this.desired.minRx, this.#floor));
  }
  get transmitInterval(): Micros {
    return micros(Math.max(this.#activeMinTx, this.remoteMinRx));
  }
  get receiveInterval(): Micros {
    return micros(Math.max(this.#activeMinRx, this.remoteMinTx));
  }
  get detection(): Micros {
    return detectionTime(this.remoteMultiplier, this.#activeMinRx, this.remoteMinTx);
  }
  get isPolling(): boolean {
    return this.#polling;
  }
  /** Up, without anything pending, and too fast for this process. */
  get wantsPacer(): boolean {
    return (
      this.state === "Up" &&
      this.remoteState === "Up" &&
      !this.#polling &&
      !this.#finalDue &&
      !this.isAuthenticated &&
      !this.remoteDemand &&
      this.remoteMinRx > 0 &&
      Math.min(this.transmitInterval, this.receiveInterval) < PACED_BELOW
    );
  }

  // Commands.

  configure(desired: DesiredBfdSession, now: Micros): void {
    const timers = desired.minTx !== this.desired.minTx || desired.minRx !== this.desired.minRx;
    const { shutdown } = this.desired;
    this.desired = desired;
    if (desired.shutdown !== shutdown)
      this.#move(
        desired.shutdown ? "AdminDown" : "Down",
        desired.shutdown ? ADMINISTRATIVELY_DOWN : NO_DIAGNOSTIC,
        now,
      );
    if (timers) this.#changeTimers();
    this.#nextSend = earliest(this.#nextSend, now);
  }

  /** 6.8.3: what may be used at once is, the rest waits for the peer's Final. */
  #changeTimers(): void {
    if (this.state !== "Up") {
      this.#activeMinRx = this.minRx;
      return;
    }
    this.#polling = true;
    if (this.minTx < this.#activeMinTx) this.#activeMinTx = this.minTx;
    if (this.minRx > this.#activeMinRx) this.#activeMinRx = this.minRx;
  }

  /** What lies under the session is gone: it cannot be up. */
  pathLost(now: Micros): void {
    this.path = undefined;
    if (this.state !== "AdminDown") this.#move("Down", PATH_DOWN, now);
  }

  /** The pacer saw the detection time expire. */
  detectionExpired(now: Micros): void {
    if (this.state === "Up" || this.state === "Init") this.#move("Down", DETECTION_TIME_EXPIRED, now);
    this.#forgetRemote();
  }

  // Receiving: RFC 5880 6.8.6, from "If the A bit is set" on; what is before is in BfdView.fault and the table.

  receive(packet: BfdView, ttl: number, now: Micros): BfdDrop | undefined {
    // RFC 5881 5: without authentication a single-hop packet must have come from the link itself.
    if (!this.isMultihop && !this.isAuthenticated && ttl !== TTL) return this.#drop("ttl");
    if (packet.has(AUTHENTICATION) !== this.isAuthenticated) return this.#drop("authentication");
    if (this.#authenticator?.accepts(packet, Math.max(1, this.remoteMultiplier)) === false)
      return this.#drop("authentication");
    const { remoteDiscriminator } = this.desired;
    if (remoteDiscriminator !== undefined && packet.myDiscriminator !== remoteDiscriminator)
      return this.#drop("discriminator");
    this.counters.received++;
    this.remoteDiscriminator = packet.myDiscriminator;
    this.remoteState = SESSION_STATES[packet.state] as SessionState;
    this.remoteDiagnostic = packet.diagnostic;
    this.remoteDemand = packet.has(DEMAND);
    this.remoteMinRx = packet.requiredMinRx;
    this.remoteMinTx = packet.desiredMinTx;
    this.remoteMultiplier = packet.multiplier;
    if (packet.has(FINAL)) this.#endPoll();
    const move = onReceivedState[this.state][this.remoteState];
    if (move === "DISCARD") return this.#drop("admin-down");
    if (move === "INIT") this.#move("Init", NO_DIAGNOSTIC, now);
    if (move === "UP") this.#move("Up", NO_DIAGNOSTIC, now);
    if (move === "LOST") this.#move("Down", NEIGHBOR_SIGNALED_DOWN, now);
    if (packet.has(POLL)) this.#finalDue = true;
    this.#detectAt = later(now, this.detection);
    this.#forgetAt = later(this.#detectAt, this.detection);
    // A peer that may now be sent to faster is (6.8.7).
    this.#nextSend = earliest(this.#nextSend, later(now, this.transmitInterval));
    return undefined;
  }

  #drop(drop: BfdDrop): BfdDrop {
    this.drops[drop]++;
    return drop;
  }

  #endPoll(): void {
    if (!this.#polling) return;
    this.#polling = false;
    this.#activeMinTx = this.state === "Up" ? this.minTx : SLOW_INTERVAL;
    this.#activeMinRx = this.minRx;
  }

  #move(state: SessionState, diagnostic: number, now: Micros): void {
    if (state === this.state) return;
    const from = this.state;
    this.state = state;
    // 6.8.1: the reason of the last fall stays until the session falls again.
    if (state !== "Init" || from !== "Down") this.localDiagnostic = state === "Up" ? this.localDiagnostic : diagnostic;
    this.changed ??= { from, at: now };
    if (state === "Up") this.upCount++;
    this.#polling = state === "Up";
    if (state !== "Up") this.#activeMinTx = SLOW_INTERVAL;
    if (state === "Up" && this.minTx < this.#activeMinTx) this.#activeMinTx = this.minTx;
    this.#nextSend = now;
  }

  // Time.

  /** The pacer has it no more: it lived until this moment, and sends on without a gap. */
  retake(now: Micros): void {
    this.paced = undefined;
    this.#detectAt = later(now, this.detection);
    this.#forgetAt = NEVER;
    this.#nextSend = now;
  }

  expire(now: Micros): void {
    // While the pacer watches, only it judges: this process may have been paused.
    if (this.paced !== undefined) return;
    if (now >= this.#detectAt && !(this.remoteDemand && this.state === "Up")) {
      this.#detectAt = NEVER;
      this.detectionExpired(now);
    }
    if (now >= this.#forgetAt) {
      this.#forgetAt = NEVER;
      this.#authenticator?.forget();
    }
  }

  /** 6.8.1: a peer that fell silent may come back with another discriminator. */
  #forgetRemote(): void {
    this.remoteDiscriminator = this.desired.remoteDiscriminator ?? 0;
    this.remoteMinRx = 1;
    this.remoteDemand = false;
    this.#detectAt = NEVER;
  }

  nextDeadline(): Micros {
    if (this.path === undefined) return NEVER;
    const watch = this.paced === undefined ? earliest(this.#detectAt, this.#forgetAt) : NEVER;
    return earliest(watch, this.#sendAt());
  }

  #sendAt(): Micros {
    if (this.path === undefined) return NEVER;
    if (this.#finalDue) return micros(0);
    if (this.paced !== undefined) return NEVER;
    // 6.8.7: no periodic packets to a peer that wants none, or in its demand mode while both are up.
    if (this.remoteMinRx === 0) return NEVER;
    const demanded = this.remoteDemand && this.state === "Up" && this.remoteState === "Up";
    return demanded && !this.#polling ? NEVER : this.#nextSend;
  }

  // Sending.

  transmit(out: OutgoingDatagram, now: Micros): boolean {
    const { path } = this;
    if (path === undefined || now < this.#sendAt()) return false;
    const isFinal = this.#finalDue;
    this.#finalDue = false;
    this.counters.sent++;
    out.length = this.write(out.bytes, out.start, isFinal);
    out.source = path.source;
    out.destination = path.destination;
    out.sourcePort = this.#sourcePort;
    out.destinationPort = this.destinationPort;
    out.ttl = TTL;
    out.to = path.to;
    out.vrf = undefined;
    if (!isFinal || now >= this.#nextSend)
      this.#nextSend = later(now, jittered(this.transmitInterval, this.desired.multiplier, this.#random));
    return true;
  }

  /** Writes the packet of the moment; returns its length. */
  write(bytes: DataView, start: number, isFinal: boolean): number {
    const length = bfdControl.size + (this.#authenticator?.sectionLength ?? 0);
    writer.wrap(bytes, start, length).begin(length);
    // 6.8.7: a packet with Final set does not poll.
    const flags =
      (isFinal ? FINAL : this.#polling ? POLL : 0) | (this.#authenticator === undefined ? 0 : AUTHENTICATION);
    writer.diagnostic = this.localDiagnostic;
    writer.setState(SESSION_STATES.indexOf(this.state), flags);
    writer.multiplier = this.desired.multiplier;
    writer.myDiscriminator = this.localDiscriminator;
    writer.yourDiscriminator = this.remoteDiscriminator;
    writer.desiredMinTx = this.state === "Up" ? this.minTx : Math.max(SLOW_INTERVAL, this.minTx);
    writer.requiredMinRx = this.minRx;
    this.#authenticator?.sign(bytes, start);
    return length;
  }
}
