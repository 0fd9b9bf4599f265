import type { Mac } from "./base/address.js";
import type { InterfaceIndex, Outgoing } from "./base/protocol.js";

/** What the machine says of one Linux interface. An interface is known by its index while it lives. */
export interface LinkState {
  readonly index: InterfaceIndex;
  /** Linux name, e.g. `eth2`. */
  readonly name: string;
  /** False in the last report, when the interface is gone. */
  readonly present: boolean;
  /** Administratively up. */
  readonly up: boolean;
  readonly carrier: boolean;
  readonly mac: Mac;
  readonly mtu: number;
  /** Mbit/s as ethtool says, of real NICs only; 0 for a veth and where it is not known. */
  readonly speed: number;
}

/** A wish about an interface; what is left out stays as it is. */
export interface InterfaceWish {
  readonly device: string;
  readonly up?: boolean;
  readonly alias?: string;
}

/**
 * Everything the engine asks of the machine it runs on. A send has no result: a failed one is counted, and a dead link
 * comes back as an input. When a send returns the bytes are gone or copied.
 */
export interface Host {
  /** Frames over AF_PACKET or pcap. */
  readonly link: { send(out: Outgoing): void };
  readonly interfaces: { set(wish: InterfaceWish): void };
  /** Written behind, never waited for. */
  readonly store: { save(name: string, text: string): void };
}
