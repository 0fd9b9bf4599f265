import { type IpAddress, ipAddressOf } from "../../core/base/ip-address.js";

/** More addresses than any host has peers; when forged sources fill the book, it begins anew. */
const MOST_ENTRIES = 4_096;
const MAPPED = 0xffff;

/** IP addresses of the addon's rows, each made into an IpAddress once. */
export class AddressBook {
  readonly #ipv4 = new Map<number, IpAddress>();
  readonly #ipv6 = new Map<string, IpAddress>();

  /** The address of four words from `at`, IPv4 as v4-mapped. */
  read(words: Uint32Array, at: number): IpAddress {
    const [a, b, c, d] = [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!];
    if (a === 0 && b === 0 && c === MAPPED) return this.#ipv4.get(d) ?? keep(this.#ipv4, d, words, at);
    const key = `${a} ${b} ${c} ${d}`;
    return this.#ipv6.get(key) ?? keep(this.#ipv6, key, words, at);
  }
}

function keep<Key>(known: Map<Key, IpAddress>, key: Key, words: Uint32Array, at: number): IpAddress {
  const octets = new DataView(new ArrayBuffer(16));
  for (let n = 0; n < 4; n++) octets.setUint32(4 * n, words[at + n]!);
  const address = ipAddressOf(new Uint8Array(octets.buffer));
  if (known.size >= MOST_ENTRIES) known.clear();
  known.set(key, address);
  return address;
}
