import type { IpAddress } from "../base/ip-address.js";
import type { InterfaceIndex } from "../base/protocol.js";
import type { AddressState } from "../contract/host.js";

/** fe80::/10, RFC 4291 2.5.6. */
export const isLinkLocal = ({ isIpv4, octets }: IpAddress): boolean =>
  !isIpv4 && octets[0] === 0xfe && ((octets[1] as number) & 0xc0) === 0x80;

function isInPrefix(address: IpAddress, { address: own, prefixLength }: AddressState): boolean {
  const bits = own.isIpv4 ? prefixLength + 96 : prefixLength;
  for (let bit = 0; bit < bits; bit++) {
    const mask = 0x80 >> (bit & 7);
    if ((((address.octets[bit >> 3] as number) ^ (own.octets[bit >> 3] as number)) & mask) !== 0) return false;
  }
  return true;
}

/** The IP addresses of this host, by interface. */
export class Addresses {
  readonly #byIndex = new Map<InterfaceIndex, Map<string, AddressState>>();

  changed(state: AddressState): void {
    const here = this.#byIndex.get(state.index) ?? new Map<string, AddressState>();
    if (state.present) here.set(state.address.text, state);
    else here.delete(state.address.text);
    // The kernel never gives an index again, so nothing may stay of an interface that is gone.
    if (here.size > 0) this.#byIndex.set(state.index, here);
    else this.#byIndex.delete(state.index);
  }

  /** The interface is gone. */
  forget(index: InterfaceIndex): void {
    this.#byIndex.delete(index);
  }

  has(text: string): boolean {
    for (const here of this.#byIndex.values()) if (here.has(text)) return true;
    return false;
  }

  isOn(index: InterfaceIndex, text: string): boolean {
    return this.#byIndex.get(index)?.has(text) === true;
  }

  /** One of our addresses has the other in its network, so nobody routes between the two. */
  isNear(own: IpAddress, other: IpAddress): boolean {
    for (const here of this.#byIndex.values()) {
      const state = here.get(own.text);
      if (state !== undefined && isInPrefix(other, state)) return true;
    }
    return false;
  }

  on(index: InterfaceIndex): IpAddress[] {
    return [...(this.#byIndex.get(index)?.values() ?? [])].map(({ address }) => address);
  }

  /** The addresses of an interface with their prefixes. */
  statesOn(index: InterfaceIndex): readonly AddressState[] {
    return [...(this.#byIndex.get(index)?.values() ?? [])];
  }

  /** The address from which an interface speaks to a neighbour: one in the neighbour's network, else one of its scope. */
  towards(index: InterfaceIndex, neighbour: IpAddress): IpAddress | undefined {
    const fitting = [...(this.#byIndex.get(index)?.values() ?? [])].filter(
      ({ address }) => address.isIpv4 === neighbour.isIpv4 && isLinkLocal(address) === isLinkLocal(neighbour),
    );
    return (fitting.find((state) => isInPrefix(neighbour, state)) ?? fitting[0])?.address;
  }
}
