import type { IpAddress } from "./ip-address.js";
import type { InterfaceIndex } from "./protocol.js";
import type { Micros } from "./time.js";

/** An Up BFD session as the pacer keeps it: the exact packet to send, and what the peer's must bear to count. */
export interface SteadySession {
  /** Local discriminator. */
  readonly session: number;
  /** Reports carry it; one of an older hand-over is ignored. */
  readonly handover: number;
  /** 24 octets: authenticated sessions are never paced. */
  readonly packet: Uint8Array;
  /** Longest time between two packets; NEVER where the peer wants none. */
  readonly interval: Micros;
  /** Least and greatest part of the interval between two packets, per 1000 (RFC 5880 6.8.7). */
  readonly jitter: readonly [number, number];
  readonly detection: Micros;
  /** How often the peer promised to speak. */
  readonly receiveInterval: Micros;
  readonly remoteDiscriminator: number;
  /** TTL below which a packet does not count. */
  readonly leastTtl: number;
  /** The unspecified address: as routed. */
  readonly source: IpAddress;
  /** The peer, or a group; then packets count whoever sent them. */
  readonly destination: IpAddress;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly ttl: number;
  readonly trafficClass: number;
  readonly interface: InterfaceIndex | undefined;
  readonly vrf: string | undefined;
}

/** The detection time of a session passed without a packet that counts; the pacer has stopped sending for it. */
export interface PacerReport {
  readonly session: number;
  readonly handover: number;
}

/** Packets of one paced session. */
export interface PacedCounts {
  readonly received: number;
  readonly sent: number;
  /** Microseconds between two packets of the peer that counted, at the most. */
  readonly longestSilence: number;
}
