import { constants } from "node:os";
import { ipAddressOf } from "../core/base/ip-address.js";
import type { InterfaceIndex } from "../core/base/protocol.js";
import type { AddressState } from "../core/contract/host.js";
import { addressAddon, type KernelAddress } from "./native/address.js";
import { addressWatchAddon } from "./native/address-watch.js";
import { netlinkAddon } from "./native/netlink.js";
import { systemError } from "./system-error.js";

/** linux/if_addr.h: flags of an address that nothing can be sent from, for its duplicate detection runs or found one. */
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;

export interface AddressWatchOptions {
  /** An address can be used from now on, or no longer. Called from `drain` only, once per change. */
  changed(address: AddressState): void;
  /** The kernel tells something of an address of an interface, which may be nothing that is reported. */
  touched?(index: InterfaceIndex): void;
  /** An event waits: call `drain`. */
  readable(): void;
}

export interface AddressWatch {
  /** Reports what is new; the first call reports every address there is. Returns how many reports it made. */
  drain(): number;
  close(): void;
}

/** Watches the addresses of this network namespace. Needs no capability. */
export function openAddressWatch(options: AddressWatchOptions): AddressWatch {
  return new KernelAddressWatch(options);
}

function addressState({ index, address, length, flags, present }: KernelAddress): AddressState {
  const octets = new Uint8Array(16);
  octets.set(address, 16 - address.length);
  if (address.length === 4) octets.fill(0xff, 10, 12);
  const usable = present && (flags & (IFA_F_DADFAILED | IFA_F_TENTATIVE)) === 0;
  return { index, address: ipAddressOf(octets), prefixLength: length, present: usable };
}

class KernelAddressWatch implements AddressWatch {
  readonly #addon = addressWatchAddon();
  readonly #changed: (address: AddressState) => void;
  readonly #touched: AddressWatchOptions["touched"];
  readonly #events;
  readonly #requests;
  /** Usable addresses; one may stand on several interfaces, and on one interface with several prefix lengths. */
  readonly #known = new Map<string, AddressState>();
  /** Events got lost, or none was read yet: the addresses have to be listed. */
  #isStale = true;
  #reports = 0;

  constructor({ changed, touched, readable }: AddressWatchOptions) {
    this.#changed = changed;
    this.#touched = touched;
    const requests = netlinkAddon().netlinkOpen();
    if (typeof requests === "number") throw systemError("netlink socket", -requests);
    this.#requests = requests;
    const events = this.#addon.addressWatchOpen(readable);
    if (typeof events === "number") throw systemError("netlink socket", -events);
    this.#events = events;
  }

  drain(): number {
    const before = this.#reports;
    for (;;) {
      const event = this.#addon.addressWatchNext(this.#events);
      if (typeof event !== "number") {
        this.#touched?.(event.index);
        this.#take(addressState(event));
      } else if (event === -constants.errno.ENOBUFS) this.#isStale = true;
      // Waiting events are read first, so that the list is newer than all of them.
      else if (!this.#isStale || !this.#list()) return this.#reports - before;
    }
  }

  /** False where the kernel does not list; the next `drain` asks again. */
  #list(): boolean {
    const list = addressAddon().addressList(this.#requests);
    if (typeof list === "number") return false;
    this.#isStale = false;
    const states = list.map(addressState).filter(({ present }) => present);
    const there = new Set(states.map(keyOf));
    for (const state of [...this.#known.values()])
      if (!there.has(keyOf(state))) this.#take({ ...state, present: false });
    for (const state of states) this.#take(state);
    return true;
  }

  #take(state: AddressState): void {
    const key = keyOf(state);
    if (this.#known.has(key) === state.present) return;
    if (state.present) this.#known.set(key, state);
    else this.#known.delete(key);
    this.#reports++;
    this.#changed(state.present ? state : (this.#sameAs(state) ?? state));
  }

  /** The same address on the same interface with another prefix length, which keeps the address there. */
  #sameAs({ index, address }: AddressState): AddressState | undefined {
    for (const known of this.#known.values())
      if (known.index === index && known.address.text === address.text) return known;
    return undefined;
  }

  close(): void {
    this.#addon.addressWatchClose(this.#events);
    netlinkAddon().netlinkClose(this.#requests);
  }
}

const keyOf = ({ index, address, prefixLength }: AddressState): string => `${index} ${address.text}/${prefixLength}`;
