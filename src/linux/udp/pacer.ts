import { constants } from "node:os";
import { BFD_PORTS } from "../../core/base/bfd.js";
import type { OutgoingDatagram } from "../../core/base/datagram.js";
import { ANY_IPV4, ANY_IPV6, type IpAddress } from "../../core/base/ip-address.js";
import { NEVER } from "../../core/base/time.js";
import type { DatagramEndpoint, Datagrams, Pacer } from "../../core/contract/host.js";
import type { PacedCounts, PacedNumbers, PacerReport, SteadySession } from "../../core/contract/pacing.js";
import { bfdEndpointAddon } from "../native/bfd-endpoints.js";
import {
  bfdPacerAddon,
  COUNTS,
  PACER_COUNT,
  REPORT,
  REPORT_ROW,
  REPORT_SLOT,
  SESSION,
  SESSION_COUNT,
  SESSION_NUMBERS,
} from "../native/bfd-pacer.js";
import { Refusals, type TellRefusal } from "../refusals.js";
import { systemError } from "../system-error.js";
import { AddressBook } from "./address-book.js";
import { blankDatagram, outgoingNumbers, readOrigin, writeOutgoing } from "./datagram-rows.js";
import { type DatagramOptions, RETRY_PERIOD } from "./datagrams.js";

/** Whether datagrams to a port come to the pacer's sockets. */
export const isBfdPort = (port: number): boolean => BFD_PORTS.includes(port);

/** Reports taken from the addon by one call. */
const BATCH = 64;
/** Errors of a membership: the interface is gone and took its membership along, or is a member already. */
const HARMLESS: readonly number[] = [constants.errno.ENODEV, constants.errno.EADDRINUSE];
const NO_KEY = new Uint8Array(0);
/** The longest interval the addon takes, in microseconds: four months. */
const LONGEST = 1e13;

export interface PacerOptions extends DatagramOptions {
  /** A session's peer fell silent. Called from `drain` only. */
  expired(report: PacerReport): void;
  /** The thread does not pace a session that was handed to it. */
  readonly unpaced: TellRefusal<PacerReport>;
}

export interface PacerCounters {
  readonly received: number;
  /** Packets dropped because JavaScript did not take them from the pacer in time. */
  readonly lost: number;
  /** Packets the kernel dropped for want of room, on the sockets open now. */
  readonly dropped: number;
  readonly sendErrors: number;
  /** The thread's greatest delay since these counters were read last, in microseconds. */
  readonly worstLateness: number;
  readonly sessions: number;
}

/** A UDP port of one family in one VRF, and its endpoints. */
interface Place {
  readonly port: number;
  readonly isIpv4: boolean;
  readonly vrf: string | undefined;
  readonly endpoints: Map<string, DatagramEndpoint>;
  /** The addon's number of the socket pair; undefined while it cannot be opened. */
  number: number | undefined;
}

const placeOf = (address: IpAddress, port: number, vrf: string | undefined): string =>
  `${address.isIpv4 ? 4 : 6} ${port} ${vrf ?? ""}`;
/** The socket of a place, which is bound to no address. */
const socketOf = ({ port, isIpv4, vrf }: Place): DatagramEndpoint => ({
  source: isIpv4 ? ANY_IPV4 : ANY_IPV6,
  port,
  vrf,
});
const nameOf = ({ source, group }: DatagramEndpoint): string => `${source.text} ${group ?? ""}`;

/**
 * The sockets of BFD and the thread that owns them. The thread keeps fast sessions alive by itself and hands over everything
 * else. A socket opens with its first endpoint and closes with its last.
 */
export class BfdSockets implements Datagrams, Pacer {
  readonly works = true;
  readonly #addon = bfdPacerAddon();
  readonly #endpoints = bfdEndpointAddon();
  readonly #options: PacerOptions;
  readonly #pacer;
  readonly #places = new Map<string, Place>();
  readonly #byNumber = new Map<number, Place>();
  readonly #addresses = new AddressBook();
  readonly #bytes = new Uint8Array(BATCH * REPORT_SLOT);
  readonly #rows = new Uint32Array(BATCH * REPORT_ROW);
  readonly #numbers = new Float64Array(SESSION_NUMBERS);
  readonly #outgoing = outgoingNumbers();
  readonly #counts = new Float64Array(COUNTS);
  readonly #datagram = blankDatagram(this.#bytes, this.#addresses);
  readonly #refusals: Refusals<DatagramEndpoint>;
  /** Sessions by discriminator that the thread refused when they were handed over last. */
  readonly #unpaced = new Set<number>();
  #retry: NodeJS.Timeout | undefined;
  #received = 0;
  #unsent = 0;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#refusals = new Refusals(
      options.refused,
      (endpoint) => `${placeOf(endpoint.source, endpoint.port, endpoint.vrf)} ${nameOf(endpoint)}`,
    );
    const pacer = this.#addon.pacerOpen(options.readable);
    if (typeof pacer === "number") throw systemError("BFD pacer", -pacer);
    this.#pacer = pacer;
  }

  get counters(): PacerCounters {
    const counts = this.#counts;
    this.#addon.pacerStats(this.#pacer, counts);
    const at = PACER_COUNT;
    return {
      received: this.#received,
      lost: counts[at.lost]!,
      dropped: counts[at.dropped]!,
      sendErrors: counts[at.sendErrors]! + this.#unsent,
      worstLateness: counts[at.worstLateness]!,
      sessions: counts[at.sessions]!,
    };
  }

  // Sockets.

  listen(endpoint: DatagramEndpoint): void {
    const { source, port, vrf } = endpoint;
    const key = placeOf(source, port, vrf);
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { port, isIpv4: source.isIpv4, vrf, endpoints: new Map(), number: undefined };
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
    this.#refusals.answered(socketOf(place), undefined);
    if (place.number === undefined) return;
    this.#byNumber.delete(place.number);
    this.#endpoints.pacerUnlisten(this.#pacer, place.number);
  }

  /** Tries again what was refused: a VRF may have come, or another program gone. */
  retry(): void {
    for (const place of this.#places.values()) {
      if (place.number === undefined) this.#open(place);
      else
        for (const endpoint of place.endpoints.values())
          if (this.#refusals.isRefused(endpoint)) this.#join(place, endpoint, true);
    }
  }

  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.retry();
    }, RETRY_PERIOD).unref();
  }

  #open(place: Place): void {
    const number = this.#endpoints.pacerListen(this.#pacer, place.port, place.isIpv4, place.vrf ?? "");
    if (number >= 0) {
      place.number = number;
      this.#refusals.answered(socketOf(place), undefined);
      this.#byNumber.set(number, place);
      for (const endpoint of place.endpoints.values()) this.#join(place, endpoint, true);
      return;
    }
    this.#retryLater();
    const where = place.vrf === undefined ? "" : ` in ${place.vrf}`;
    const reason = systemError(`BFD over IPv${place.isIpv4 ? 4 : 6}, UDP port ${place.port}${where}`, -number).message;
    this.#refusals.answered(socketOf(place), reason);
  }

  /** Joins or leaves the group of an endpoint that has one. */
  #join({ number }: Place, endpoint: DatagramEndpoint, join: boolean): void {
    const { source, group } = endpoint;
    if (number === undefined || group === undefined) return;
    const result = this.#endpoints.pacerJoin(this.#pacer, number, source.octets, group, join);
    const isRefused = join && result < 0 && !HARMLESS.includes(-result);
    if (isRefused) this.#retryLater();
    this.#refusals.answered(endpoint, isRefused ? systemError(`BFD in ${source.text}`, -result).message : undefined);
  }

  send(out: OutgoingDatagram): boolean {
    const { bytes, source, destination, destinationPort, vrf } = out;
    const number = this.#places.get(placeOf(destination, destinationPort, vrf))?.number;
    if (number === undefined) {
      this.#unsent++;
      return false;
    }
    writeOutgoing(this.#outgoing, out, number);
    // The addon counts a send that failed.
    return this.#endpoints.pacerSend(this.#pacer, bytes, this.#outgoing, source.octets, destination.octets) >= 0;
  }

  // The pacer.

  pace(steady: SteadySession, sequence: PacedNumbers): void {
    const { packet, source, destination, destinationPort, vrf, key } = steady;
    const place = this.#places.get(placeOf(destination, destinationPort, vrf));
    writeSession(this.#numbers, steady, place?.number ?? 0);
    this.#numbers[SESSION.sent] = sequence.sent;
    this.#numbers[SESSION.taken] = sequence.taken;
    const octets = key?.octets ?? NO_KEY;
    const result = this.#addon.pacerPace(this.#pacer, this.#numbers, packet, source.octets, destination.octets, octets);
    const { session, handover } = steady;
    // Each refusal is told, for each is of another hand-over.
    if (result < 0) this.#options.unpaced({ session, handover }, systemError("BFD pacer", -result).message);
    else if (this.#unpaced.has(session)) this.#options.unpaced({ session, handover }, undefined);
    if (result < 0) this.#unpaced.add(session);
    else this.#unpaced.delete(session);
  }

  release(session: number): PacedCounts | undefined {
    return this.#addon.pacerRelease(this.#pacer, session, this.#counts) ? this.#counted() : undefined;
  }

  counts(session: number): PacedCounts | undefined {
    return this.#addon.pacerCounts(this.#pacer, session, this.#counts) ? this.#counted() : undefined;
  }

  nextNumber(session: number): number | undefined {
    const sequence = this.#addon.pacerSign(this.#pacer, session);
    return sequence < 0 ? undefined : sequence;
  }

  #counted(): PacedCounts {
    return {
      received: this.#counts[SESSION_COUNT.received]!,
      sent: this.#counts[SESSION_COUNT.sent]!,
      longestSilence: this.#counts[SESSION_COUNT.longestSilence]!,
      numbers: { sent: this.#counts[SESSION_COUNT.signed]!, taken: this.#counts[SESSION_COUNT.taken]! },
    };
  }

  // What comes in.

  drain(): number {
    const rows = this.#rows;
    const count = this.#addon.pacerNext(this.#pacer, this.#bytes, rows);
    for (let at = 0; at < count * REPORT_ROW; at += REPORT_ROW) {
      if (rows[at + REPORT.expiry] === 1) this.#expire(rows[at + REPORT.discriminator]!, rows[at + REPORT.handover]!);
      else this.#deliver(at);
    }
    return Math.max(0, count);
  }

  #expire(session: number, handover: number): void {
    this.#options.expired({ session, handover });
  }

  #deliver(at: number): void {
    const place = this.#byNumber.get(this.#rows[at + REPORT.endpoint]!);
    // The socket was closed since.
    if (place === undefined) return;
    const datagram = this.#datagram;
    readOrigin(datagram, this.#rows, at + REPORT.origin, this.#addresses);
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

/** Writes the numbers of a session for the addon. */
function writeSession(numbers: Float64Array, steady: SteadySession, endpoint: number): void {
  const { interval, jitter } = steady;
  numbers[SESSION.discriminator] = steady.session;
  numbers[SESSION.handover] = steady.handover;
  numbers[SESSION.endpoint] = endpoint;
  numbers[SESSION.sourcePort] = steady.sourcePort;
  numbers[SESSION.destinationPort] = steady.destinationPort;
  numbers[SESSION.ttl] = steady.ttl;
  numbers[SESSION.trafficClass] = steady.trafficClass;
  numbers[SESSION.ifindex] = steady.interface ?? 0;
  numbers[SESSION.interval] = within(interval === NEVER ? 0 : interval);
  numbers[SESSION.leastJitter] = within(jitter[0]);
  numbers[SESSION.mostJitter] = within(jitter[1]);
  numbers[SESSION.detection] = within(steady.detection);
  numbers[SESSION.receiveInterval] = within(steady.receiveInterval);
  numbers[SESSION.remoteDiscriminator] = within(steady.remoteDiscriminator);
  numbers[SESSION.leastTtl] = within(steady.leastTtl);
  numbers[SESSION.keyId] = steady.key?.id ?? 0;
  numbers[SESSION.window] = steady.sequenceWindow;
}
