import type { Mac } from "../base/address.js";
import { bytes, clear, layout, mac, u8, u16, u32, writeMac } from "./layout.js";

/**
 * Neighbour advertisement with its target link-layer address option and IPv6 header, RFC 4861 4.4. 72 octets.
 * @internal
 */
export const neighbourAdvertisement = layout({
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
const { at, size } = neighbourAdvertisement;

export const ETHERTYPE_IPV6 = 0x86dd;
/** 33-33-00-00-00-01, where all nodes of a link listen. */
export const ALL_NODES_MAC = 0x333300000001 as Mac;
const ICMPV6 = 58;
const ADVERTISEMENT = 136;
const OVERRIDE = 0x20;
const ROUTER = 0x80;
const ALL_NODES = Uint8Array.from([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
const IPV6_HEADER = 40;

const put = (to: DataView, offset: number, octets: Uint8Array): void => {
  for (let i = 0; i < octets.length; i++) to.setUint8(offset + i, octets[i] ?? 0);
};

/** Ones-complement sum of 16-bit words, RFC 1071. */
function sum(of: DataView, start: number, length: number): number {
  let total = 0;
  for (let i = 0; i < length; i += 2) total += of.getUint16(start + i);
  return total;
}

/** Writes an unsolicited advertisement to all nodes, RFC 4861 7.2.6: Override set, so that caches change. Returns its size. */
export function writeUnsolicitedAdvertisement(
  to: DataView,
  start: number,
  address: Uint8Array,
  owner: Mac,
  isRouter: boolean,
): number {
  clear(to, start, size);
  const payload = size - IPV6_HEADER;
  to.setUint32(start + at.versionClassFlow, 0x60000000);
  to.setUint16(start + at.payloadLength, payload);
  to.setUint8(start + at.nextHeader, ICMPV6);
  to.setUint8(start + at.hopLimit, 255);
  put(to, start + at.source, address);
  put(to, start + at.destination, ALL_NODES);
  to.setUint8(start + at.type, ADVERTISEMENT);
  to.setUint8(start + at.flags, OVERRIDE | (isRouter ? ROUTER : 0));
  put(to, start + at.target, address);
  to.setUint8(start + at.optionType, 2);
  to.setUint8(start + at.optionLength, 1);
  writeMac(to, start + at.optionMac, owner);
  // RFC 4443 2.3: over addresses, length and next header, then the message.
  let total = sum(to, start + at.source, 32) + payload + ICMPV6 + sum(to, start + IPV6_HEADER, payload);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  to.setUint16(start + at.checksum, ~total & 0xffff);
  return size;
}
