import { type Mac, NO_MAC } from "../base/address.js";
import { bytes, clear, layout, mac, NOTHING, readMac, u8, u16, writeMac } from "./layout.js";

/** ARP for IPv4 over Ethernet, RFC 826. 28 octets after the Ethernet header. @internal */
export const arp = layout({
  hardwareType: u16,
  protocolType: u16,
  hardwareLength: u8,
  protocolLength: u8,
  operation: u16,
  senderMac: mac,
  senderAddress: bytes(4),
  targetMac: mac,
  targetAddress: bytes(4),
});
const { at, size } = arp;

export const ETHERTYPE_ARP = 0x0806;
const ETHERNET = 1;
const IPV4 = 0x0800;
const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

export type ArpFault = "truncated" | "types" | "lengths" | "operation";

/** A view of an ARP packet: each accessor reads the octets in place. */
export class ArpView {
  #bytes: DataView = NOTHING;
  #start = 0;
  #length = 0;

  wrap(bytes: DataView, start: number, length: number): this {
    this.#bytes = bytes;
    this.#start = start;
    this.#length = length;
    return this;
  }

  /** Why this packet must be dropped; undefined when every accessor is safe to use. */
  fault(): ArpFault | undefined {
    if (this.#length < size) return "truncated";
    const u16At = (offset: number): number => this.#bytes.getUint16(this.#start + offset);
    if (u16At(at.hardwareType) !== ETHERNET || u16At(at.protocolType) !== IPV4) return "types";
    // Both lengths at once.
    if (u16At(at.hardwareLength) !== 0x0604) return "lengths";
    return this.operation === ARP_REQUEST || this.operation === ARP_REPLY ? undefined : "operation";
  }

  get operation(): number {
    return this.#bytes.getUint16(this.#start + at.operation);
  }
  get senderMac(): Mac {
    return readMac(this.#bytes, this.#start + at.senderMac) as Mac;
  }
  get targetMac(): Mac {
    return readMac(this.#bytes, this.#start + at.targetMac) as Mac;
  }
  copySender(to: Uint8Array): void {
    copy(this.#bytes, this.#start + at.senderAddress, to);
  }
  copyTarget(to: Uint8Array): void {
    copy(this.#bytes, this.#start + at.targetAddress, to);
  }
}

function copy(from: DataView, start: number, to: Uint8Array): void {
  for (let n = 0; n < 4; n++) to[n] = from.getUint8(start + n);
}

interface ArpRequest {
  readonly senderMac: Mac;
  /** Four octets, as the target's. */
  readonly sender: Uint8Array;
  readonly target: Uint8Array;
}

/** Writes a request. Returns its size. */
export function writeArpRequest(to: DataView, start: number, { senderMac, sender, target }: ArpRequest): number {
  clear(to, start, size);
  to.setUint16(start + at.hardwareType, ETHERNET);
  to.setUint16(start + at.protocolType, IPV4);
  to.setUint8(start + at.hardwareLength, 6);
  to.setUint8(start + at.protocolLength, 4);
  to.setUint16(start + at.operation, ARP_REQUEST);
  writeMac(to, start + at.senderMac, senderMac);
  writeMac(to, start + at.targetMac, NO_MAC);
  for (let i = 0; i < 4; i++) {
    to.setUint8(start + at.senderAddress + i, sender[i] ?? 0);
    to.setUint8(start + at.targetAddress + i, target[i] ?? 0);
  }
  return size;
}

/**
 * Writes an announcement, RFC 5227 3: a request whose sender and target are the same address, so that every cache that
 * knows the address learns the MAC. Returns its size.
 */
export const writeGratuitousArp = (to: DataView, start: number, address: Uint8Array, owner: Mac): number =>
  writeArpRequest(to, start, { senderMac: owner, sender: address, target: address });
