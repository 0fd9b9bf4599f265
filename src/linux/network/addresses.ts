import { constants, release } from "node:os";
import type { IpAddress } from "../../core/base/ip-address.js";
import { ipAddressOf } from "../../core/base/ip-address.js";
import type { Steps } from "../../core/base/steps.js";
import type { NetworkInterface } from "../../core/contract/desired/network.js";
import { addressAddon, type KernelAddress } from "../native/address.js";
import type { KernelLink } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { errorCode, systemError } from "../system-error.js";
import type { Links } from "./links.js";
import type { NoteRefusal } from "./refusal.js";
import type { Look } from "./standing.js";

/** What etrunkd adds bears it: addresses as IFA_PROTO, routes as protocol. No routing daemon has this number. */
export const MARK = 168;
/** IFA_PROTO of a link-local address the kernel made. */
const OF_KERNEL = 3;

const IFA_F_NODAD = 0x02;

/** Kernels before 5.18 keep no mark; then the record says what is ours. */
const keepsMarks = (): boolean => {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return major > 5 || (major === 5 && minor >= 18);
};

/** An address as it shall be on an interface. */
interface WantedAddress {
  readonly octets: Uint8Array;
  readonly length: number;
  readonly flags: number;
}

const octetsOf = ({ octets, isIpv4 }: IpAddress): Uint8Array => (isIpv4 ? octets.subarray(12) : octets);

/** Modified EUI-64 of a MAC address (RFC 4291 appendix A), behind a prefix of 64 bits. */
function withIdentifier(prefix: Uint8Array, mac: number): Uint8Array {
  const hex = mac.toString(16).padStart(12, "0");
  const station = Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
  const identifier = [...station.subarray(0, 3), 0xff, 0xfe, ...station.subarray(3)];
  identifier[0] = (identifier[0] as number) ^ 2;
  return Uint8Array.from([...prefix.subarray(0, 8), ...identifier]);
}

/** What an interface shall have; on `lo` an IPv4 address is a host's, or its whole network would be ours. */
export interface WantedAddresses {
  readonly index: number;
  readonly addresses: readonly WantedAddress[];
  /** The link-local one is configured, so the kernel's has to go. */
  readonly hasLinkLocal: boolean;
}

export function wantedAddresses(wish: NetworkInterface, link: KernelLink, isLoopback: boolean): WantedAddresses {
  const { isShared, linkLocal } = wish;
  const flags = isShared || isLoopback ? IFA_F_NODAD : 0;
  const addresses = wish.addresses.map(({ address, length, eui64 }) => ({
    octets: eui64 ? withIdentifier(octetsOf(address), link.mac) : octetsOf(address),
    length: isLoopback && address.isIpv4 ? 32 : length,
    flags,
  }));
  if (linkLocal !== undefined) addresses.push({ octets: octetsOf(linkLocal), length: 64, flags });
  return { index: link.index, addresses, hasLinkLocal: linkLocal !== undefined };
}

const isLinkLocal = (octets: Uint8Array): boolean =>
  octets.length === 16 && octets[0] === 0xfe && ((octets[1] as number) & 0xc0) === 0x80;

const keyOf = (index: number, octets: Uint8Array, length: number): string =>
  `${index} ${Buffer.from(octets).toString("hex")}/${length}`;

const subjectOf = (index: number, octets: Uint8Array, length: number, links: Links): string =>
  `${links.at(index)?.name ?? `interface ${index}`}: address ${addressText(octets, length)}`;

export function addressText(octets: Uint8Array, length: number): string {
  const all = new Uint8Array(16);
  all.set(octets, 16 - octets.length);
  if (octets.length === 4) all.fill(0xff, 10, 12);
  return `${ipAddressOf(all).text}/${length}`;
}

/** Adds what is wanted and removes what it added and is not wanted any more; what others added is left alone. */
export class Addresses {
  readonly #native = addressAddon();
  readonly #netlink: Netlink;
  readonly #refused: NoteRefusal;
  readonly #look: Look;
  readonly #keepsMarks = keepsMarks();
  /** Ours, where the kernel does not remember it. */
  readonly #added: Set<string>;

  constructor(netlink: Netlink, recorded: readonly string[], refused: NoteRefusal, look: Look) {
    this.#netlink = netlink;
    this.#refused = refused;
    this.#look = look;
    this.#added = new Set(recorded);
  }

  record(): string[] {
    return [...this.#added];
  }

  /** The whole of what is wanted; several may be of one interface. `save`: the record is on disk when it returns. */
  *apply(all: readonly WantedAddresses[], links: Links, save: () => void): Steps<void> {
    const wanted = all.flatMap(({ index, addresses }) => addresses.map((each) => ({ index, ...each })));
    const keys = new Set(wanted.map(({ index, octets, length }) => keyOf(index, octets, length)));
    const linkLocal = new Set(all.flatMap(({ index, hasLinkLocal }) => (hasLinkLocal ? [index] : [])));
    const found = this.#list();
    const foundKeys = new Set(found.map(({ index, address, length }) => keyOf(index, address, length)));
    for (const { index, octets, length } of wanted)
      this.#look(subjectOf(index, octets, length, links), foundKeys.has(keyOf(index, octets, length)));
    for (const each of found) {
      const isUnwanted = this.#isOurs(each) && !keys.has(keyOf(each.index, each.address, each.length));
      const isReplaced = linkLocal.has(each.index) && isLinkLocal(each.address) && this.#isOfKernel(each, links);
      if (!isUnwanted && !isReplaced) continue;
      this.#remove(each, links);
      yield;
    }
    yield;
    this.#reorder(all, links);
    yield;
    // A secondary address goes with its primary one, so what is there is only known now.
    const there = new Set(this.#list().map(({ index, address, length }) => keyOf(index, address, length)));
    const due = wanted.filter(({ index, octets, length }) => !there.has(keyOf(index, octets, length)));
    if (due.length === 0) return;
    if (!this.#keepsMarks) {
      for (const { index, octets, length } of due) this.#added.add(keyOf(index, octets, length));
      save();
    }
    for (const each of due) {
      this.#add(each, links);
      yield;
    }
  }

  #list(): KernelAddress[] {
    const list = this.#native.addressList(this.#netlink);
    if (typeof list === "number") throw systemError("list of addresses", -list);
    return list;
  }

  #isOurs({ index, address, length, mark }: KernelAddress): boolean {
    return this.#keepsMarks ? mark === MARK : this.#added.has(keyOf(index, address, length));
  }

  #isOfKernel({ index, address, mark }: KernelAddress, links: Links): boolean {
    if (this.#keepsMarks) return mark === OF_KERNEL;
    const made = withIdentifier(address, links.at(index)?.mac ?? 0);
    return made.every((octet, at) => octet === address[at]);
  }

  /** The first IPv4 address of a network speaks; when ours stand in another order they are added anew. */
  #reorder(wanted: readonly WantedAddresses[], links: Links): void {
    const there = this.#list().filter((each) => each.address.length === 4 && this.#isOurs(each));
    for (const { index, addresses } of wanted) {
      const order = addresses.map(({ octets, length }) => keyOf(index, octets, length));
      // Several loopback interfaces may be on `lo`.
      const own = there.filter(
        (each) => each.index === index && order.includes(keyOf(index, each.address, each.length)),
      );
      const places = own.map(({ address, length }) => order.indexOf(keyOf(index, address, length)));
      if (places.every((place, at) => at === 0 || (places[at - 1] as number) < place)) continue;
      for (const each of own) this.#remove(each, links);
    }
  }

  #add({ index, octets, length, flags }: WantedAddress & { index: number }, links: Links): void {
    const result = this.#native.addressAdd(this.#netlink, { index, address: octets, length, flags, mark: MARK });
    if (result < 0) this.#tell(index, octets, length, result, links);
  }

  #remove({ index, address, length }: KernelAddress, links: Links): void {
    this.#added.delete(keyOf(index, address, length));
    const result = this.#native.addressRemove(this.#netlink, { index, address, length });
    // It went with another one.
    if (result < 0 && result !== -constants.errno.EADDRNOTAVAIL) this.#tell(index, address, length, result, links);
  }

  #tell(index: number, octets: Uint8Array, length: number, result: number, links: Links): void {
    this.#refused(subjectOf(index, octets, length, links), errorCode(-result));
  }
}
