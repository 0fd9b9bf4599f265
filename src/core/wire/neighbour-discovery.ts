import type { Mac } from "../base/address.js";
import { bytes, clear, layout, mac, NOTHING, readMac, u8, u16, u32, writeMac } from "./layout.js";

/**
 * A neighbour solicitation or advertisement with one link-layer address option and its IPv6 header, RFC 4861 4.3, 4.4. 72 octets. A
 * solicitation has no flags.
 * @internal
 */
export const neighbourMessage = layout({
  versionClassFlow: u32,
  payloadLength: u16,
  nextHeader: u8,
  hopLimit: u8,
  source: bytes(16),
  destination: bytes(16),
  type: u8,
  code: u8,
  checksum: u16,
  flags: u8,
  reserved: bytes(3),
  target: bytes(16),
  optionType: u8,
  optionLength: u8,
  optionMac: mac,
});
const { at, size } = neighbourMessage;

export const ETHERTYPE_IPV6 = 0x86dd;
/** 33-33-00-00-00-01, where all nodes of a link listen. */
export const ALL_NODES_MAC = 0x333300000001 as Mac;
const ICMPV6 = 58;
export const SOLICITATION = 135;
export const ADVERTISEMENT = 136;
const SOLICITED = 0x40;
const OVERRIDE = 0x20;
const ROUTER = 0x80;
const SOURCE_OPTION = 1;
const TARGET_OPTION = 2;
const ALL_NODES = Uint8Array.from([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
const IPV6_HEADER = 40;
/** Up to its options, without the IPv6 header. */
const FIXED = at.optionType - IPV6_HEADER;
const HOP_LIMIT = 255;

const put = (to: DataView, offset: number, octets: Uint8Array): void => {
  for (let i = 0; i < octets.length; i++) to.setUint8(offset + i, octets[i] ?? 0);
};

/** Ones-complement sum of 16-bit words, RFC 1071. */
function sum(of: DataView, start: number, length: number): number {
  let total = 0;
  for (let i = 0; i + 1 < length; i += 2) total += of.getUint16(start + i);
  if (length % 2 === 1) total += of.getUint8(start + length - 1) << 8;
  return total;
}

/** RFC 4443 2.3: over addresses, length and next header, then the message. */
function folded(of: DataView, start: number, payload: number): number {
  let total = sum(of, start + at.source, 32) + payload + ICMPV6 + sum(of, start + IPV6_HEADER, payload);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

/** True of an IPv6 packet whose first header is that of a neighbour solicitation or advertisement, sound or not. */
export function isNeighbourMessage(bytes: DataView, start: number, length: number): boolean {
  if (length <= IPV6_HEADER || bytes.getUint8(start + at.nextHeader) !== ICMPV6) return false;
  const type = bytes.getUint8(start + at.type);
  return type === SOLICITATION || type === ADVERTISEMENT;
}

/** Why a message must be dropped, RFC 4861 7.1. */
export type NeighbourFault =
  | "truncated"
  | "hop-limit"
  | "length"
  | "checksum"
  | "code"
  | "option"
  | "target"
  | "source"
  | "solicited";

/** A view of a neighbour solicitation or advertisement from its IPv6 header on: accessors read the octets in place. */
export class NeighbourView {
  #bytes: DataView = NOTHING;
  #start = 0;
  #length = 0;
  /** Offset of the link-layer address option; 0 where there is none. */
  #option = 0;

  /** From the IPv6 header on. */
  wrap(bytes: DataView, start: number, length: number): this {
    this.#bytes = bytes;
    this.#start = start;
    this.#length = length;
    this.#option = 0;
    return this;
  }

  /** Undefined when every accessor is safe to use. */
  fault(): NeighbourFault | undefined {
    if (this.#length < IPV6_HEADER + FIXED) return "truncated";
    const payload = this.#bytes.getUint16(this.#start + at.payloadLength);
    if (this.#u8(at.hopLimit) !== HOP_LIMIT) return "hop-limit";
    if (payload < FIXED || IPV6_HEADER + payload > this.#length) return "length";
    if (folded(this.#bytes, this.#start, payload) !== 0xffff) return "checksum";
    if (this.#u8(at.code) !== 0) return "code";
    if (this.#u8(at.target) === 0xff) return "target";
    if (!this.#findOption(IPV6_HEADER + payload)) return "option";
    if (!this.isSolicitation) return this.isSolicited && this.#u8(at.destination) === 0xff ? "solicited" : undefined;
    // RFC 4861 7.1.1: a host without an address asks whether another one has it.
    const hasNoSource = this.#isUnspecified(at.source);
    return hasNoSource && (this.#option !== 0 || this.#u8(at.destination) !== 0xff) ? "source" : undefined;
  }

  /** False where an option has length 0 or is longer than what is left. */
  #findOption(end: number): boolean {
    const wanted = this.isSolicitation ? SOURCE_OPTION : TARGET_OPTION;
    for (let offset: number = at.optionType; offset < end; ) {
      if (end - offset < 8) return false;
      const length = 8 * this.#u8(offset + 1);
      if (length === 0 || offset + length > end) return false;
      if (this.#u8(offset) === wanted && this.#option === 0) this.#option = offset;
      offset += length;
    }
    return true;
  }

  #u8(offset: number): number {
    return this.#bytes.getUint8(this.#start + offset);
  }

  #isUnspecified(offset: number): boolean {
    for (let n = 0; n < 16; n++) if (this.#u8(offset + n) !== 0) return false;
    return true;
  }

  get isSolicitation(): boolean {
    return this.#u8(at.type) === SOLICITATION;
  }
  get isSolicited(): boolean {
    return (this.#u8(at.flags) & SOLICITED) !== 0;
  }
  get isOverride(): boolean {
    return (this.#u8(at.flags) & OVERRIDE) !== 0;
  }
  get isRouter(): boolean {
    return (this.#u8(at.flags) & ROUTER) !== 0;
  }
  /** Of the option: the source's in a solicitation, the target's in an advertisement. Undefined where there is none. */
  get linkLayer(): Mac | undefined {
    return this.#option === 0 ? undefined : (readMac(this.#bytes, this.#start + this.#option + 2) as Mac);
  }
  copySource(to: Uint8Array): void {
    this.#copy(at.source, to);
  }
  copyDestination(to: Uint8Array): void {
    this.#copy(at.destination, to);
  }
  copyTarget(to: Uint8Array): void {
    this.#copy(at.target, to);
  }

  #copy(offset: number, to: Uint8Array): void {
    for (let n = 0; n < 16; n++) to[n] = this.#u8(offset + n);
  }
}

interface Message {
  readonly type: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly flags: number;
  readonly target: Uint8Array;
  readonly option: number;
  readonly owner: Mac;
}

function write(to: DataView, start: number, message: Message): number {
  clear(to, start, size);
  const payload = size - IPV6_HEADER;
  to.setUint32(start + at.versionClassFlow, 0x60000000);
  to.setUint16(start + at.payloadLength, payload);
  to.setUint8(start + at.nextHeader, ICMPV6);
  to.setUint8(start + at.hopLimit, HOP_LIMIT);
  put(to, start + at.source, message.source);
  put(to, start + at.destination, message.destination);
  to.setUint8(start + at.type, message.type);
  to.setUint8(start + at.flags, message.flags);
  put(to, start + at.target, message.target);
  to.setUint8(start + at.optionType, message.option);
  to.setUint8(start + at.optionLength, 1);
  writeMac(to, start + at.optionMac, message.owner);
  to.setUint16(start + at.checksum, ~folded(to, start, payload) & 0xffff);
  return size;
}

/** Writes an unsolicited advertisement to all nodes, RFC 4861 7.2.6: Override set, so that caches change. Returns its size. */
export const writeUnsolicitedAdvertisement = (
  to: DataView,
  start: number,
  address: Uint8Array,
  owner: Mac,
  isRouter: boolean,
): number =>
  write(to, start, {
    type: ADVERTISEMENT,
    source: address,
    destination: ALL_NODES,
    flags: OVERRIDE | (isRouter ? ROUTER : 0),
    target: address,
    option: TARGET_OPTION,
    owner,
  });

interface Probe {
  /** 16 octets, as the target's. */
  readonly source: Uint8Array;
  readonly sourceMac: Mac;
  readonly target: Uint8Array;
}

/** Writes a solicitation to the target itself, RFC 4861 7.3.3: whether it is still there. Returns its size. */
export const writeUnicastSolicitation = (to: DataView, start: number, { source, sourceMac, target }: Probe): number =>
  write(to, start, {
    type: SOLICITATION,
    source,
    destination: target,
    flags: 0,
    target,
    option: SOURCE_OPTION,
    owner: sourceMac,
  });
