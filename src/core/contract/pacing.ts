import type { IpAddress } from "../base/ip-address.js";
import type { InterfaceIndex } from "../base/protocol.js";
import type { Micros } from "../base/time.js";

/**
 * An Up BFD session as the pacer keeps it: the exact packet to send, and the fields that a packet of the peer must have
 * to count.
 */
export interface SteadySession {
  /** Local discriminator. */
  readonly session: number;
  /** Number of the hand-over. Reports carry it, and a report of an older hand-over is ignored. */
  readonly handover: number;
  /** The 24 octets before the authentication section. */
  readonly packet: Uint8Array;
  /** Key of Meticulous Keyed SHA1 (RFC 5880 6.7.4), 20 octets; undefined without authentication. */
  readonly key: { readonly id: number; readonly octets: Uint8Array } | undefined;
  /** Longest time between two packets; NEVER where the peer wants none. */
  readonly interval: Micros;
  /** Least and greatest part of the interval between two packets, per 1000 (RFC 5880 6.8.7). */
  readonly jitter: readonly [number, number];
  readonly detection: Micros;
  /** Interval at which the peer promised to send. */
  readonly receiveInterval: Micros;
  readonly remoteDiscriminator: number;
  /** How far ahead of the last one the peer's next sequence number may be. */
  readonly sequenceWindow: number;
  /** TTL below which a packet does not count. */
  readonly leastTtl: number;
  /** Source address; the unspecified one leaves the choice to the kernel. */
  readonly source: IpAddress;
  /** Destination: the peer, or a group, of which packets from any source count. */
  readonly destination: IpAddress;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly ttl: number;
  readonly trafficClass: number;
  readonly interface: InterfaceIndex | undefined;
  readonly vrf: string | undefined;
}

/** Report of the pacer: a session's detection time passed without a packet that counts, and sending has stopped. */
export interface PacerReport {
  readonly session: number;
  readonly handover: number;
}

/** Sequence numbers of a session that signs (RFC 5880 6.8.1): of the last packet that was sent, that was taken. */
export interface PacedNumbers {
  readonly sent: number;
  readonly taken: number;
}

/** Packets of one paced session. */
export interface PacedCounts {
  readonly received: number;
  readonly sent: number;
  /** Longest time in microseconds between two packets of the peer that counted. */
  readonly longestSilence: number;
  readonly numbers: PacedNumbers;
}
