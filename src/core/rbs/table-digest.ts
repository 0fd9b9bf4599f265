import type { Mac } from "../base/address.js";

/** Two hashes of one entry, of seed 0 and of seed 1. */
export type EntryHash = readonly [number, number];

/** What of a host is hashed, with the numbers of the wire. */
export interface HashedHost {
  /** Service code. */
  readonly service: number;
  /** The sender's number. */
  readonly trunk: number;
  /** Outer * 65,536 + inner. */
  readonly vlans: number;
  readonly octets: Uint8Array;
  /** Where the address begins in `octets`. */
  readonly at: number;
  /** Octets of the address. */
  readonly width: 4 | 16;
  readonly mac: Mac;
  readonly isRouter: boolean;
}

const LONGEST = 31;
const hashed = new DataView(new ArrayBuffer(LONGEST));

/** The hashes of an ARP or ND entry (formats/rbs.md 7). */
export function hashOf({ service, trunk, vlans, octets, at, width, mac, isRouter }: HashedHost): EntryHash {
  hashed.setUint8(0, service);
  hashed.setUint16(1, trunk);
  hashed.setUint32(3, vlans);
  let end = 7;
  if (width === 16) {
    hashed.setUint16(end, isRouter ? 1 : 0);
    end += 2;
  }
  for (let n = 0; n < width; n++) hashed.setUint8(end++, octets[at + n] as number);
  hashed.setUint16(end, Math.floor(mac / 0x1_0000_0000));
  hashed.setUint32(end + 2, mac % 0x1_0000_0000);
  end += 6;
  return [murmurHash3(hashed, end, 0), murmurHash3(hashed, end, 1)];
}

const rotated = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
const mixed = (block: number): number => Math.imul(rotated(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);

/** MurmurHash3 of the first octets, the variant for x86 of 32 bits (https://github.com/aappleby/smhasher). @internal */
export function murmurHash3(octets: DataView, length: number, seed: number): number {
  let hash = seed;
  let at = 0;
  for (; at + 4 <= length; at += 4)
    hash = Math.imul(rotated(hash ^ mixed(octets.getUint32(at, true)), 13), 5) + 0xe6546b64;
  let rest = 0;
  for (let n = length - 1; n >= at; n--) rest = (rest << 8) | octets.getUint8(n);
  hash ^= at < length ? mixed(rest) : 0;
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Two sums modulo 2^32 over the hashes of the entries of a table, kept entry by entry. */
export class TableDigest {
  entries = 0;
  #first = 0;
  #second = 0;

  get sums(): EntryHash {
    return [this.#first, this.#second];
  }

  clear(): void {
    this.entries = 0;
    this.#first = 0;
    this.#second = 0;
  }

  add(first: number, second: number): void {
    this.entries++;
    this.#first = (this.#first + first) >>> 0;
    this.#second = (this.#second + second) >>> 0;
  }

  remove(first: number, second: number): void {
    this.entries--;
    this.#first = (this.#first - first) >>> 0;
    this.#second = (this.#second - second) >>> 0;
  }

  equals(entries: number, [first, second]: EntryHash): boolean {
    return this.entries === entries && this.#first === first && this.#second === second;
  }
}
