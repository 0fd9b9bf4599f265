import type { IncomingDatagram } from "../../core/base/datagram.js";
import type { ExpectedSender } from "../../core/contract/host.js";
import { compilePeerFilter, MOST_PEERS } from "./peer-filter.js";

/** Datagrams read in a second that are not a peer's beyond doubt; each is judged and counted. @internal */
export const MOST_UNEXPECTED = 500;
const SECOND = 1_000;
/** How often the share is set anew in a flood, in milliseconds. @internal */
export const SLICE = 100;
/** In one slice so many datagrams with a peer's address are read of a flood: above what digests are computed for, so it is told. */
const LEAST_OF_SLICE = 60;
const MOST_OF_SLICE = 130;
/** A flood is over when fewer than MOST_UNEXPECTED a second came in so many slices. */
const CALM_SLICES = 10;
const MOST_HALVINGS = 24;
/** Octets that may wait at the end of a slice: beyond the first the share does not grow, beyond the second it shrinks. */
const MOST_WAITING = { grow: 100_000, stay: 500_000 };

export interface GuardOptions {
  /** The kernel takes what passes; undefined: everything. */
  filter(program: Uint32Array | undefined): void;
  /** Datagrams that the kernel did not take so far. */
  dropped(): number;
  /** Octets of memory that wait to be read. */
  waiting(): number;
  /** A flood begins. */
  flooded(): void;
}

const nameOf = ({ address, leastTtl, known }: ExpectedSender): string =>
  `${address.text} ${leastTtl} ${known?.offset} ${known?.octets}`;

/** peer: it has what only the peer knows; likely: address and TTL of a peer; stranger: the rest. */
type Kind = "peer" | "likely" | "stranger";

/**
 * Keeps the queue of a socket free for the peers. Everything is read, so that a peer with a wrong address is noticed, until a flood
 * comes; then the kernel drops strangers, and takes of what has only the address of a peer as many as can be judged.
 */
export class FloodGuard {
  readonly #options: GuardOptions;
  #peers: readonly ExpectedSender[] = [];
  #read = { likely: 0, stranger: 0 };
  #since = Number.NEGATIVE_INFINITY;
  #slices: NodeJS.Timeout | undefined;
  /** Of the datagrams that are likely a peer's one of 2^halvings is taken. */
  #halvings = 0;
  #calm = 0;
  #droppedBefore = 0;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Several may differ in nothing. With more than MOST_PEERS there is no guard. */
  setPeers(peers: readonly ExpectedSender[]): void {
    const different = [...new Map(peers.map((peer) => [nameOf(peer), peer])).values()];
    this.#peers = different.length > MOST_PEERS ? [] : different;
    if (this.#slices !== undefined) this.#filter();
  }

  /** A datagram was read. */
  heard(datagram: IncomingDatagram): void {
    if (this.#peers.length === 0) return;
    const kind = this.#kindOf(datagram);
    if (kind === "peer") return;
    this.#read[kind]++;
    if (this.#slices !== undefined) return;
    const now = performance.now();
    if (now - this.#since >= SECOND) {
      this.#since = now;
      this.#read = { likely: 0, stranger: 0, [kind]: 1 };
    } else if (this.#read.likely + this.#read.stranger > MOST_UNEXPECTED) this.#begin(now - this.#since);
  }

  #kindOf({ source, ttl, bytes, start, length }: IncomingDatagram): Kind {
    let kind: Kind = "stranger";
    for (const { address, leastTtl, known } of this.#peers) {
      if (address.text !== source.text || ttl < leastTtl) continue;
      kind = "likely";
      if (known === undefined || known.offset + known.octets.length > length) continue;
      if (known.octets.every((octet, n) => bytes.getUint8(start + known.offset + n) === octet)) return "peer";
    }
    return kind;
  }

  /** So many were read in so many milliseconds. */
  #begin(elapsed: number): void {
    const inSlice = (this.#read.likely * SLICE) / Math.max(elapsed, 1);
    this.#halvings = Math.max(0, Math.ceil(Math.log2(inSlice / MOST_OF_SLICE)));
    this.#calm = 0;
    this.#slices = setInterval(() => this.#adjust(), SLICE).unref();
    this.#filter();
    this.#beginSlice();
    this.#options.flooded();
  }

  #beginSlice(): void {
    this.#read = { likely: 0, stranger: 0 };
    this.#droppedBefore = this.#options.dropped();
  }

  /** A slice is over: the share of what is likely a peer's doubles or halves, or the flood is over. */
  #adjust(): void {
    const { likely, stranger } = this.#read;
    // The counter of the kernel has 32 bits.
    const dropped = (this.#options.dropped() - this.#droppedBefore) >>> 0;
    const isCalm = likely + stranger + dropped <= (MOST_UNEXPECTED * SLICE) / SECOND;
    this.#calm = isCalm ? this.#calm + 1 : 0;
    if (this.#calm >= CALM_SLICES) {
      this.end();
      this.#options.filter(undefined);
      return;
    }
    const before = this.#halvings;
    const waiting = this.#options.waiting();
    if (likely > MOST_OF_SLICE || waiting > MOST_WAITING.stay) this.#halvings = Math.min(MOST_HALVINGS, before + 1);
    else if (likely < LEAST_OF_SLICE && waiting < MOST_WAITING.grow) this.#halvings = Math.max(0, before - 1);
    if (this.#halvings !== before) this.#filter();
    this.#beginSlice();
  }

  #filter(): void {
    this.#options.filter(this.#peers.length === 0 ? undefined : compilePeerFilter(this.#peers, this.#halvings));
  }

  end(): void {
    clearInterval(this.#slices);
    this.#slices = undefined;
  }
}
