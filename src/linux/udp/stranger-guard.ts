import type { IpAddress } from "../../core/base/ip-address.js";

/** So many datagrams of strangers in a second are read, and refused one by one with a count that says why. @internal */
export const MOST_STRANGERS = 500;
const SECOND = 1_000;
/** How long the kernel drops those that come then, milliseconds. @internal */
export const GUARDED_TIME = 5_000;

export interface GuardOptions {
  /** From now on only these addresses are heard, 16 octets each; none: everybody. */
  admit(addresses: Uint8Array): void;
  /** Strangers flood the socket. */
  flooded(): void;
}

/**
 * Keeps the queue of a socket free for the peers: what others send is read as long as it is little, so that a peer with a wrong
 * address is noticed. When it is much, the kernel drops it before it takes room that a peer's datagram needs.
 */
export class StrangerGuard {
  readonly #options: GuardOptions;
  #peers: ReadonlySet<string> = new Set();
  #octets = new Uint8Array(0);
  #strangers = 0;
  #since = Number.NEGATIVE_INFINITY;
  #guarding: NodeJS.Timeout | undefined;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Who is no stranger. */
  setPeers(peers: readonly IpAddress[]): void {
    const each = [...new Map(peers.map((peer) => [peer.text, peer])).values()];
    this.#peers = new Set(each.map(({ text }) => text));
    this.#octets = Uint8Array.from(each.flatMap(({ octets }) => [...octets]));
    if (this.#guarding !== undefined) this.#options.admit(this.#octets);
  }

  /** A datagram was read. */
  heard({ text }: IpAddress): void {
    // What came before the kernel was told still waits.
    if (this.#guarding !== undefined || this.#peers.size === 0 || this.#peers.has(text)) return;
    const now = performance.now();
    if (now - this.#since >= SECOND) {
      this.#since = now;
      this.#strangers = 0;
    }
    if (++this.#strangers > MOST_STRANGERS) this.#guard();
  }

  #guard(): void {
    this.#options.admit(this.#octets);
    this.#options.flooded();
    this.#strangers = 0;
    this.#guarding = setTimeout(() => {
      this.#guarding = undefined;
      this.#options.admit(new Uint8Array(0));
    }, GUARDED_TIME).unref();
  }

  end(): void {
    clearTimeout(this.#guarding);
  }
}
