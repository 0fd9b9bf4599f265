import { type StreamEndpoint, streamName } from "../base/protocol.js";
import type { Random } from "../base/random.js";
import { earliest, later, type Micros, NEVER, seconds } from "../base/time.js";
import type { DesiredRbs } from "../contract/desired/rbs.js";
import type { CloseCode } from "../wire/rbs/names.js";
import type { RbsWriter } from "../wire/rbs/writer.js";
import { BackOff } from "./back-off.js";
import { type PeerSide, RbsConnection, type RbsCounters } from "./connection.js";
import { EntryExchange, type Trouble } from "./exchange.js";
import type { OwnSide } from "./own-side.js";
import type { RbsServiceEvent, TcpState } from "./rbs-event.js";

/** For TCP to connect. */
const CONNECTING_TIME = seconds(10);
/** A connection that lasted so long makes the next attempts begin anew. */
const LASTING = seconds(30);
/** Connections of the peer that have not opened yet. */
const MOST_OPENING = 4;

/** What a service wants of the machine. */
export type RbsRequest =
  | { readonly kind: "listen" | "stop-listening" | "connect" | "give-up"; readonly endpoint: StreamEndpoint }
  | { readonly kind: "close"; readonly connection: number };

/** The numerically lower source address listens, the higher one connects. */
export function roleOf({ source, peer }: StreamEndpoint): "listen" | "connect" {
  const at = source.octets.findIndex((octet, n) => octet !== peer.octets[n]);
  return at >= 0 && (source.octets[at] as number) < (peer.octets[at] as number) ? "listen" : "connect";
}

const noCounters = (): RbsCounters => ({ messagesSent: 0, messagesReceived: 0, octetsSent: 0, octetsReceived: 0 });

/** One remote backup service: its attempts, its connections, of which one is in use, and what it tells of them. */
export class RbsService {
  readonly index: number;
  readonly own: OwnSide;
  readonly counters = noCounters();
  #desired: DesiredRbs;
  /** The source address is on this host. */
  #hasSource = false;
  #leaving: string | undefined;
  readonly #backOff: BackOff;
  readonly #connections = new Map<number, RbsConnection>();
  #current: RbsConnection | undefined;
  /** What the Host was asked to listen for, or to connect. */
  #listening: StreamEndpoint | undefined;
  #connecting: StreamEndpoint | undefined;
  #giveUpAt = NEVER;
  #retryAt: Micros = 0 as Micros;
  #peerChanges = 0;
  #state: TcpState = "initial";
  readonly #requests: RbsRequest[] = [];
  readonly #events: RbsServiceEvent[] = [];
  attempts = 0;
  lastUp: Micros | undefined;
  lastDown: Micros | undefined;
  lastDownReason: string | undefined;
  /** Why the last attempt failed; undefined since it succeeded. */
  lastFailure: string | undefined;

  constructor(index: number, desired: DesiredRbs, own: OwnSide, random: Random) {
    this.index = index;
    this.#desired = desired;
    this.own = own;
    this.#backOff = new BackOff(random);
  }

  get name(): string {
    return this.#desired.name;
  }
  get desired(): DesiredRbs {
    return this.#desired;
  }
  get state(): TcpState {
    return this.#state;
  }
  /** Of the connection in use; undefined without one. */
  get peer(): PeerSide | undefined {
    return this.#current?.peer;
  }
  get exchange(): EntryExchange | undefined {
    return this.#current?.exchange;
  }
  /** Of which profiles the tables cannot be kept alike, and why. */
  troubles(): Iterable<Trouble> {
    return this.exchange?.troubles() ?? [];
  }
  get unacknowledged(): number {
    return this.#current?.unacknowledgedOctets ?? 0;
  }
  get isRemovable(): boolean {
    return this.#connections.size === 0 && this.#requests.length === 0;
  }

  // What changes it.

  configure(desired: DesiredRbs, now: Micros): void {
    const before = this.#desired;
    this.#desired = desired;
    if (before.shutdown !== desired.shutdown || !isSame(before.endpoint, desired.endpoint)) this.#retryNow(now);
  }

  sourceChanged(isHere: boolean, now: Micros): void {
    if (isHere && !this.#hasSource) this.#retryNow(now);
    this.#hasSource = isHere;
  }

  /** The tracked BFD session: down ends the connection, up tries at once. */
  bfdChanged(state: "up" | "down" | "other", now: Micros): void {
    if (state === "up") this.#retryNow(now);
    if (state === "down")
      this.#endAll("silent for too long", `BFD session ${this.#desired.track?.session ?? ""} is down`);
  }

  #retryNow(now: Micros): void {
    this.#backOff.reset();
    this.#retryAt = now;
  }

  /** The device or the process goes: the peer is told, and nothing begins any more. */
  leave(text: string): void {
    this.#leaving ??= text;
  }

  /** TCP has made a connection. */
  opened(connection: number, now: Micros): void {
    this.#connecting = undefined;
    this.#giveUpAt = NEVER;
    if (this.#wanted === undefined) {
      this.#requests.push({ kind: "close", connection });
      return;
    }
    this.lastFailure = undefined;
    const opened: RbsConnection = new RbsConnection(connection, this.own, this.counters, now, (at) =>
      this.#use(opened, at),
    );
    this.#connections.set(connection, opened);
    const opening = [...this.#connections.values()].filter((each) => !each.isOpen);
    if (opening.length > MOST_OPENING) opening[0]?.end("replaced", "too many connections without OPEN");
  }

  /** A connection is gone, or an attempt failed. */
  closed(connection: number | undefined, reason: string, now: Micros): void {
    if (connection === undefined) {
      this.#connecting = undefined;
      this.#giveUpAt = NEVER;
      this.#failed(reason, now);
      return;
    }
    const gone = this.#connections.get(connection);
    gone?.end(undefined, reason);
    if (gone !== undefined) this.#remove(gone, now, false);
  }

  #failed(reason: string, now: Micros): void {
    if (this.lastFailure !== reason) this.#events.push({ kind: "rbs-changed", service: this.name });
    this.lastFailure = reason;
    this.#retryAt = later(now, this.#backOff.next());
  }

  has(connection: number): boolean {
    return this.#connections.has(connection);
  }

  received(connection: number, bytes: DataView, start: number, length: number, now: Micros): void {
    this.#connections.get(connection)?.receive(bytes, start, length, now);
  }

  writable(connection: number): void {
    const each = this.#connections.get(connection);
    if (each !== undefined) each.isBlocked = false;
  }

  expire(now: Micros): void {
    for (const connection of this.#connections.values()) connection.expire(now);
    if (now < this.#giveUpAt || this.#connecting === undefined) return;
    this.#requests.push({ kind: "give-up", endpoint: this.#connecting });
    this.closed(undefined, "no answer of TCP", now);
  }

  nextDeadline(): Micros {
    const isIdle = this.#wantsAttempt;
    let next = earliest(this.#giveUpAt, isIdle ? this.#retryAt : NEVER);
    for (const connection of this.#connections.values()) next = earliest(next, connection.nextDeadline());
    return next;
  }

  // Deciding.

  /** Where to connect or listen; undefined while it shall not. */
  get #wanted(): StreamEndpoint | undefined {
    const { endpoint, shutdown } = this.#desired;
    return shutdown || !this.#hasSource || this.#leaving !== undefined ? undefined : endpoint;
  }

  get #wantsAttempt(): boolean {
    const wanted = this.#wanted;
    const isBusy = this.#connecting !== undefined || this.#connections.size > 0;
    return wanted !== undefined && roleOf(wanted) === "connect" && !isBusy;
  }

  settle(now: Micros): void {
    this.#follow();
    for (const connection of this.#connections.values()) {
      if (connection.isOpen && connection !== this.#current) this.#use(connection, now);
    }
    for (const connection of [...this.#connections.values()])
      if (connection.isOver) this.#remove(connection, now, true);
    this.#current?.exchange?.ownChanged();
    if (this.#wantsAttempt && now >= this.#retryAt) this.#attempt(now);
    this.#tellState();
    this.#tellPeer();
  }

  /** Ends what the configuration does not want any more, and listens where it wants it. */
  #follow(): void {
    const wanted = this.#wanted;
    const listens = wanted !== undefined && roleOf(wanted) === "listen";
    if (this.#listening !== undefined && !(listens && isSame(this.#listening, wanted))) {
      this.#requests.push({ kind: "stop-listening", endpoint: this.#listening });
      this.#listening = undefined;
      this.#endWanted();
    }
    if (this.#connecting !== undefined && !isSame(this.#connecting, wanted)) {
      this.#requests.push({ kind: "give-up", endpoint: this.#connecting });
      this.#connecting = undefined;
      this.#giveUpAt = NEVER;
    }
    if (!isSame(this.#endpoint, wanted)) this.#endWanted();
    this.#endpoint = wanted;
    if (!listens || this.#listening !== undefined) return;
    this.#listening = wanted;
    this.#requests.push({ kind: "listen", endpoint: wanted });
  }
  /** Of the connections there are. */
  #endpoint: StreamEndpoint | undefined;

  #endWanted(): void {
    if (this.#leaving !== undefined) this.#endAll("leaving", this.#leaving);
    else if (this.#desired.shutdown) this.#endAll("shut down", "shutdown is configured");
    else if (!this.#hasSource) this.#endAll("leaving", "the source address is not on this host");
    else this.#endAll("leaving", "the addresses or the port are configured anew");
  }

  #endAll(code: CloseCode, text: string): void {
    for (const connection of this.#connections.values()) connection.end(code, text);
  }

  /** A connection that opened takes the place of the one before. */
  #use(connection: RbsConnection, now: Micros): void {
    this.#current?.end("replaced", "the peer opened another connection");
    // Marks of the tables are those of one connection.
    this.#current?.exchange?.close();
    this.#current = connection;
    connection.exchange = new EntryExchange(this.own, now);
    if (connection.peer !== undefined) connection.exchange.peerChanged(connection.peer.profiles);
    this.lastUp = now;
    this.#peerChanges = -1;
  }

  #remove(connection: RbsConnection, now: Micros, asksHost: boolean): void {
    this.#connections.delete(connection.id);
    if (connection === this.#current) connection.exchange?.close();
    if (asksHost) this.#requests.push({ kind: "close", connection: connection.id });
    const reason = connection.reason ?? "";
    if (connection !== this.#current) {
      if (this.#current === undefined && connection.peer === undefined) this.#failed(reason, now);
      return;
    }
    this.#current = undefined;
    this.lastDown = now;
    this.lastDownReason = reason;
    if (this.lastUp !== undefined && now >= later(this.lastUp, LASTING)) this.#backOff.reset();
    this.#failed(reason, now);
  }

  #attempt(now: Micros): void {
    const endpoint = this.#wanted as StreamEndpoint;
    this.attempts++;
    this.#connecting = endpoint;
    this.#giveUpAt = later(now, CONNECTING_TIME);
    this.#requests.push({ kind: "connect", endpoint });
  }

  #tellState(): void {
    const from = this.#state;
    const to = this.#stateNow();
    if (from === to) return;
    this.#state = to;
    const reason =
      to === "connected" ? "opened" : from === "connected" ? (this.lastDownReason ?? "") : this.#reasonOf(to);
    this.#events.push({ kind: "rbs-state", service: this.name, from, to, reason });
  }

  #stateNow(): TcpState {
    if (this.#current !== undefined) return "connected";
    const wanted = this.#wanted;
    if (wanted === undefined) return "initial";
    return roleOf(wanted) === "listen" ? "listening" : "connecting";
  }

  #reasonOf(to: TcpState): string {
    if (to !== "initial") return "configured";
    if (this.#leaving !== undefined) return this.#leaving;
    if (this.#desired.endpoint === undefined) return "no addresses are configured";
    return this.#desired.shutdown ? "shutdown is configured" : "the source address is not on this host";
  }

  /** In words why the service is not connected; undefined while it is, or while it shall not be. */
  get obstacle(): string | undefined {
    const { endpoint, shutdown } = this.#desired;
    if (this.#state === "connected" || endpoint === undefined || shutdown) return undefined;
    if (!this.#hasSource) return `the source address ${endpoint.source.text} is not on this host`;
    const silent = `the peer does not connect to port ${endpoint.port}: its service is down, or has another port or address`;
    return this.lastFailure ?? (roleOf(endpoint) === "listen" ? silent : "no answer yet");
  }

  #tellPeer(): void {
    const { peerChanges = 0, exchange } = this.#current ?? {};
    const changes = peerChanges + (exchange?.troubleChanges ?? 0);
    if (changes === this.#peerChanges) return;
    this.#peerChanges = changes;
    this.#events.push({ kind: "rbs-changed", service: this.name });
  }

  nextRequest(): RbsRequest | undefined {
    return this.#requests.shift();
  }
  nextEvent(): RbsServiceEvent | undefined {
    return this.#events.shift();
  }

  // Sending.

  /** Writes all messages that are due; `send` is false where the Host takes no more of that connection for now. */
  write(writer: RbsWriter, send: (connection: number, length: number) => boolean, now: Micros): boolean {
    let any = false;
    for (const connection of this.#connections.values())
      for (let length = connection.write(writer, now); length > 0; length = connection.write(writer, now)) {
        connection.isBlocked = !send(connection.id, length);
        any = true;
      }
    return any;
  }

  resetStatistics(): void {
    Object.assign(this.counters, noCounters());
    this.attempts = 0;
    this.own.resetCounters();
  }
}

const isSame = (one: StreamEndpoint | undefined, other: StreamEndpoint | undefined): boolean =>
  (one && streamName(one)) === (other && streamName(other));
