import { addon } from "./addon.js";

/** A receive ring. `buffer` is the map the kernel writes to; closing the ring empties it. */
export interface Ring {
  readonly kind: "ring";
  readonly buffer: ArrayBuffer;
}

interface RingWish {
  /** EtherType in host order; 3 (ETH_P_ALL) is every one. */
  readonly protocol: number;
  /** 0: every interface. */
  readonly ifindex: number;
  /** A power of two, of which a few dozen octets are the kernel's; a longer frame is cut. */
  readonly slotSize: number;
  /** Rounded up to whole blocks of 64 KiB. */
  readonly slots: number;
  /** Classic BPF, four numbers an instruction. */
  readonly filter?: Uint32Array | undefined;
}

/** Numbers in a row of ring meta, and the column of each. */
export const RING_ROW = 6;
export const RING_COLUMN = {
  start: 0,
  /** Captured; the original length may be greater. */
  length: 1,
  originalLength: 2,
  ifindex: 3,
  /** VLAN ID, 0xffffffff for none. */
  vlan: 4,
  /** PACKET_* */
  packetType: 5,
} as const;

/** Counts the frames of one EtherType on one interface, and takes none. */
interface Tally {
  readonly kind: "tally";
}

interface RingFunctions {
  ringOpen(wish: RingWish, readable: () => void): Ring | number;
  /** Gives the last batch back to the kernel, writes up to `most` rows of RING_ROW numbers; returns how many. */
  ringNext(ring: Ring, meta: Uint32Array, most: number): number;
  /** Replaces the filter; no frame comes in unfiltered. */
  ringFilter(ring: Ring, filter: Uint32Array): number;
  /** Joins the multicast group, a MAC address, on an interface, or leaves it. */
  ringMember(ring: Ring, ifindex: number, group: number, join: boolean): number;
  /** Frames the kernel dropped for want of a slot since the ring was opened. */
  ringDropped(ring: Ring): number;
  ringClose(ring: Ring): void;
  tallyOpen(protocol: number, ifindex: number): Tally | number;
  /** Frames that came since it was opened. */
  tallyClose(tally: Tally): number;
}

export const ringAddon = (): RingFunctions => addon();
