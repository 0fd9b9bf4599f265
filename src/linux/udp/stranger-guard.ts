import type { IpAddress } from "../../core/base/ip-address.js";

/** Datagrams of strangers read in a second; each is refused and counted by its reason. @internal */
export const MOST_STRANGERS = 500;
const SECOND = 1_000;
/** How long the kernel then drops the datagrams of strangers, in milliseconds. @internal */
export const GUARDED_TIME = 5_000;

export interface GuardOptions {
  /** The kernel takes datagrams of these addresses only, 16 octets each; of none: of everybody. */
  admit(addresses: Uint8Array): void;
  /** Strangers flood the socket. */
  flooded(): void;
}

/**
 * Keeps the queue of a socket free for the peers. A few datagrams of strangers are read, so that a peer with a wrong address is
 * noticed; of a flood the kernel drops them before they take the room of a peer's datagram.
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

  /** Sets the addresses that are no strangers. */
  setPeers(peers: readonly IpAddress[]): void {
    const each = [...new Map(peers.map((peer) => [peer.text, peer])).values()];
    this.#peers = new Set(each.map(({ text }) => text));
    this.#octets = Uint8Array.from(each.flatMap(({ octets }) => [...octets]));
    if (this.#guarding !== undefined) this.#options.admit(this.#octets);
  }

  /** A datagram was read. */
  heard({ text }: IpAddress): void {
    // Datagrams that came before the filter still wait.
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
