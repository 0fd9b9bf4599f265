import type { OutgoingDatagram } from "../core/base/datagram.js";
import type { IpAddress } from "../core/base/ip-address.js";
import type { PacedCounts, PacerReport, SteadySession } from "../core/base/pacing.js";
import { NEVER } from "../core/base/time.js";
import type { DatagramEndpoint, Datagrams, Pacer } from "../core/contract/host.js";
import { addon, PACER_NUMBERS, PACER_ROW, PACER_SLOT } from "./addon.js";
import { AddressBook, blankDatagram } from "./address-book.js";
import { type DatagramOptions, RETRY_PERIOD } from "./datagrams.js";
import { systemError } from "./system-error.js";

/** RFC 5881 4, RFC 5883 5: what the pacer's sockets are for. */
const BFD_PORTS: readonly number[] = [3784, 4784];
export const isBfdPort = (port: number): boolean => BFD_PORTS.includes(port);

/** Taken from the addon by one call. */
const BATCH = 64;
/** Most microseconds the addon takes; sessions that wait longer than four months for their peer wait so long. */
const LONGEST = 1e13;

export interface PacerOptions extends DatagramOptions {
  /** Called from `drain` only. */
  expired(report: PacerReport): void;
}

export interface PacerCounters {
  readonly received: number;
  /** Packets nobody took from the pacer in time. */
  readonly lost: number;
  /** By the kernel, for want of room; of the sockets open now. */
  readonly dropped: number;
  readonly sendErrors: number;
  /** How late the thread was at the worst since the last look, in microseconds. */
  readonly worstLateness: number;
  readonly sessions: number;
}

/** A port of one family in one VRF, and who listens there. */
interface Place {
  readonly port: number;
  readonly isIpv4: boolean;
  readonly vrf: string | undefined;
  readonly endpoints: Map<string, DatagramEndpoint>;
  /** The addon's number; undefined while it cannot be opened. */
  number: number | undefined;
  told: string | undefined;
}

const placeOf = (address: IpAddress, port: number, vrf: string | undefined): string =>
  `${address.isIpv4 ? 4 : 6} ${port} ${vrf ?? ""}`;
const nameOf = ({ source, group }: DatagramEndpoint): string => `${source.text} ${group ?? ""}`;

/**
 * The sockets of BFD and the thread that owns them: it keeps fast sessions alive by itself and hands over everything else.
 * Opened with the first session, closed with the last.
 */
export class BfdSockets implements Datagrams, Pacer {
  readonly #addon = addon();
  readonly #options: PacerOptions;
  readonly #pacer;
  readonly #places = new Map<string, Place>();
  readonly #byNumber = new Map<number, Place>();
  readonly #addresses = new AddressBook();
  readonly #bytes = new Uint8Array(BATCH * PACER_SLOT);
  readonly #rows = new Uint32Array(BATCH * PACER_ROW);
  readonly #numbers = new Float64Array(PACER_NUMBERS);
  readonly #counts = new Float64Array(6);
  readonly #datagram = blankDatagram(this.#bytes, this.#addresses);
  #retry: NodeJS.Timeout | undefined;
  #received = 0;
  #unsent = 0;

  constructor(options: PacerOptions) {
    this.#options = options;
    const pacer = this.#addon.pacerOpen(options.readable);
    if (typeof pacer === "number") throw systemError("BFD pacer", -pacer);
    this.#pacer = pacer;
  }

  get counters(): PacerCounters {
    const counts = this.#counts;
    this.#addon.pacerStats(this.#pacer, counts);
    const [, worstLateness, lost, sendErrors, dropped, sessions] = counts as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return { received: this.#received, lost, dropped, sendErrors: sendErrors + this.#unsent, worstLateness, sessions };
  }

  // Sockets.

  listen(endpoint: DatagramEndpoint): void {
    const { source, port, vrf } = endpoint;
    const key = placeOf(source, port, vrf);
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { port, isIpv4: source.isIpv4, vrf, endpoints: new Map(), number: undefined, told: undefined };
      this.#places.set(key, place);
      this.#open(place);
    }
    place.endpoints.set(nameOf(endpoint), endpoint);
    this.#join(place, endpoint, true);
  }

  close(endpoint: DatagramEndpoint): void {
    const key = placeOf(endpoint.source, endpoint.port, endpoint.vrf);
    const place = this.#places.get(key);
    if (place === undefined || !place.endpoints.delete(nameOf(endpoint))) return;
    this.#join(place, endpoint, false);
    if (place.endpoints.size > 0) return;
    this.#places.delete(key);
    if (place.number === undefined) return;
    this.#byNumber.delete(place.number);
    this.#addon.pacerUnlisten(this.#pacer, place.number);
  }

  /** A VRF came, or another program went: what could not be opened is tried again. */
  retry(): void {
    for (const place of this.#places.values()) if (place.number === undefined) this.#open(place);
  }

  #open(place: Place): void {
    const number = this.#addon.pacerListen(this.#pacer, place.port, place.isIpv4, place.vrf ?? "");
    if (number >= 0) {
      place.number = number;
      place.told = undefined;
      this.#byNumber.set(number, place);
      for (const endpoint of place.endpoints.values()) this.#join(place, endpoint, true);
      return;
    }
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.retry();
    }, RETRY_PERIOD).unref();
    const where = place.vrf === undefined ? "" : ` in ${place.vrf}`;
    const reason = systemError(`BFD over IPv${place.isIpv4 ? 4 : 6}, UDP port ${place.port}${where}`, -number).message;
    const [endpoint] = place.endpoints.values();
    if (place.told !== reason) this.#options.failed(endpoint, reason);
    place.told = reason;
  }

  /** A refusal means that the interface is gone, which took its membership along, or that it is a member already. */
  #join({ number }: Place, { source, group }: DatagramEndpoint, join: boolean): void {
    if (number !== undefined && group !== undefined)
      this.#addon.pacerJoin(this.#pacer, number, source.octets, group, join);
  }

  send(out: OutgoingDatagram): boolean {
    const { bytes, start, length, source, destination, vrf, ...parts } = out;
    const number = this.#places.get(placeOf(destination, parts.destinationPort, vrf))?.number;
    if (number === undefined) {
      this.#unsent++;
      return false;
    }
    this.#set(number, parts);
    // A failed send is in the addon's counter.
    const numbers = this.#numbers;
    return this.#addon.pacerSend(this.#pacer, bytes, start, length, numbers, source.octets, destination.octets) >= 0;
  }

  /** What every datagram has. */
  #set(
    endpoint: number,
    parts: Pick<OutgoingDatagram, "sourcePort" | "destinationPort" | "ttl" | "trafficClass" | "to">,
  ): void {
    const { sourcePort, destinationPort, ttl, trafficClass, to } = parts;
    this.#numbers.set([0, 0, endpoint, sourcePort, destinationPort, ttl, trafficClass, to ?? 0]);
  }

  // The pacer.

  pace(steady: SteadySession): void {
    const { session, handover, packet, source, destination, destinationPort, vrf, jitter, interval } = steady;
    const place = this.#places.get(placeOf(destination, destinationPort, vrf));
    this.#set(place?.number ?? 0, { ...steady, to: steady.interface });
    const numbers = this.#numbers;
    numbers[0] = session;
    numbers[1] = handover;
    const sent = interval === NEVER ? 0 : interval;
    const { detection, receiveInterval, remoteDiscriminator, leastTtl } = steady;
    numbers.set([sent, ...jitter, detection, receiveInterval, remoteDiscriminator, leastTtl].map(within), 8);
    // One that is refused (no memory, no socket) is missed by its peer, which is told like any failure.
    this.#addon.pacerPace(this.#pacer, numbers, packet, source.octets, destination.octets);
  }

  release(session: number): PacedCounts | undefined {
    return this.#addon.pacerRelease(this.#pacer, session, this.#counts) ? this.#counted() : undefined;
  }

  counts(session: number): PacedCounts | undefined {
    return this.#addon.pacerCounts(this.#pacer, session, this.#counts) ? this.#counted() : undefined;
  }

  #counted(): PacedCounts {
    return { received: this.#counts[0]!, sent: this.#counts[1]!, longestSilence: this.#counts[2]! };
  }

  // What comes in.

  drain(): number {
    const count = this.#addon.pacerNext(this.#pacer, this.#bytes, this.#rows);
    for (let at = 0; at < count * PACER_ROW; at += PACER_ROW) {
      if (this.#rows[at] === 1) this.#options.expired({ session: this.#rows[at + 7]!, handover: this.#rows[at + 8]! });
      else this.#deliver(at);
    }
    return Math.max(0, count);
  }

  #deliver(at: number): void {
    const rows = this.#rows;
    // Closed since.
    const place = this.#byNumber.get(rows[at + 6]!);
    if (place === undefined) return;
    const datagram = this.#datagram;
    datagram.start = rows[at + 1]!;
    datagram.length = rows[at + 2]!;
    datagram.ttl = rows[at + 3]!;
    datagram.port = rows[at + 4]!;
    datagram.sourcePort = rows[at + 5]!;
    datagram.source = this.#addresses.read(rows, at + 9);
    datagram.destination = this.#addresses.read(rows, at + 13);
    datagram.destinationPort = place.port;
    datagram.vrf = place.vrf;
    this.#received++;
    this.#options.deliver(datagram);
  }

  /** Ends the thread and closes its sockets. */
  end(): void {
    clearTimeout(this.#retry);
    this.#addon.pacerClose(this.#pacer);
  }
}

const within = (number: number): number => Math.min(Math.max(0, Math.round(number)), LONGEST);
