import { addon } from "./addon.js";

/** A UDP socket. Addresses have 16 octets everywhere here, IPv4 as v4-mapped. */
export interface Udp {
  readonly kind: "udp";
}

/** The numbers of a datagram to be sent, by place; the last two are for the BFD pacer only. */
export const OUTGOING = {
  start: 0,
  length: 1,
  destinationPort: 2,
  ttl: 3,
  trafficClass: 4,
  /** 0: the kernel's choice. */
  ifindex: 5,
  sourcePort: 6,
  endpoint: 7,
} as const;
export const OUTGOING_NUMBERS = 8;

/** A row of a received datagram, by column. The length is the true one; source and destination are 4 words each. */
export const ORIGIN = { start: 0, length: 1, ttl: 2, ifindex: 3, sourcePort: 4, source: 5, destination: 9 } as const;
export const ORIGIN_ROW = 13;

interface UdpFunctions {
  /** `device`: a VRF or interface, empty for none. */
  udpOpen(address: Uint8Array, port: number, device: string, readable: () => void): Udp | number;
  /** One batch: a slot of `bytes` and a row of ORIGIN_ROW numbers each. How many came; negative errno. */
  udpNext(udp: Udp, bytes: Uint8Array, slot: number, rows: Uint32Array): number;
  /** `numbers` by OUTGOING. An unspecified source is the kernel's choice. */
  udpSend(
    udp: Udp,
    bytes: DataView | Uint8Array,
    numbers: Uint32Array,
    source: Uint8Array,
    destination: Uint8Array,
  ): number;
  /** Classic BPF, four numbers an instruction, over the datagram from its UDP header on; undefined: everything is heard. */
  udpFilter(udp: Udp, filter: Uint32Array | undefined): number;
  /** Datagrams the kernel dropped for want of room, or by the filter. */
  udpDropped(udp: Udp): number;
  /** Octets of memory that datagrams take which were not read yet. */
  udpWaiting(udp: Udp): number;
  udpClose(udp: Udp): void;
}

export const udpAddon = (): UdpFunctions => addon();
