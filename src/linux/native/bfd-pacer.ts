import { addon } from "./addon.js";

export interface BfdPacer {
  readonly kind: "pacer";
}

/** The numbers of a session, by place. Times in microseconds. */
export const SESSION = {
  discriminator: 0,
  handover: 1,
  endpoint: 2,
  sourcePort: 3,
  destinationPort: 4,
  ttl: 5,
  trafficClass: 6,
  ifindex: 7,
  /** 0: nothing is sent. */
  interval: 8,
  /** Per 1000 of the interval. */
  leastJitter: 9,
  mostJitter: 10,
  detection: 11,
  receiveInterval: 12,
  remoteDiscriminator: 13,
  leastTtl: 14,
  keyId: 15,
  /** Sequence numbers of the last packet that was signed and that was taken, and how far ahead the next one may be. */
  sent: 16,
  taken: 17,
  window: 18,
} as const;
export const SESSION_NUMBERS = 19;

/** A row of the pacer, by column: `expiry` is 1 for an expiry; a datagram goes on from `origin` by ORIGIN of udp.ts. */
export const REPORT = { expiry: 0, endpoint: 1, discriminator: 2, handover: 3, origin: 4 } as const;
export const REPORT_ROW = 17;
export const REPORT_SLOT = 256;

/** What `pacerCounts` and `pacerRelease` write, by place; the silence in microseconds. */
export const SESSION_COUNT = { received: 0, sent: 1, longestSilence: 2, signed: 3, taken: 4 } as const;
/** What `pacerStats` writes, by place; the lateness in microseconds since the last call. */
export const PACER_COUNT = { turns: 0, worstLateness: 1, lost: 2, sendErrors: 3, dropped: 4, sessions: 5 } as const;
export const COUNTS = 6;

interface BfdPacerFunctions {
  pacerOpen(readable: () => void): BfdPacer | number;
  /** `numbers` by SESSION; a packet of 24 octets; a key of 20, or of none. */
  pacerPace(
    pacer: BfdPacer,
    numbers: Float64Array,
    packet: Uint8Array,
    source: Uint8Array,
    destination: Uint8Array,
    key: Uint8Array,
  ): number;
  /** The sequence number of a packet that JavaScript signs; -1 when it does not pace the session. */
  pacerSign(pacer: BfdPacer, discriminator: number): number;
  /** False when it does not pace the session. */
  pacerCounts(pacer: BfdPacer, discriminator: number, counts: Float64Array): boolean;
  /** The same, and the session is paced no more. */
  pacerRelease(pacer: BfdPacer, discriminator: number, counts: Float64Array): boolean;
  pacerStats(pacer: BfdPacer, counts: Float64Array): void;
  /** A slot of REPORT_SLOT octets and a row of REPORT_ROW numbers each. How many; negative errno. */
  pacerNext(pacer: BfdPacer, bytes: Uint8Array, rows: Uint32Array): number;
  pacerClose(pacer: BfdPacer): void;
}

export const bfdPacerAddon = (): BfdPacerFunctions => addon();
