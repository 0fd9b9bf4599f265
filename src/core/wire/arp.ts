import type { Mac } from "../base/address.js";
import { bytes, clear, layout, mac, u8, u16, writeMac } from "./layout.js";

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
const REQUEST = 1;

/**
 * Writes an announcement, RFC 5227 3: a request whose sender and target are the same address, so that every cache that
 * knows the address learns the MAC. Returns its size.
 */
export function writeGratuitousArp(to: DataView, start: number, address: Uint8Array, owner: Mac): number {
  clear(to, start, size);
  to.setUint16(start + at.hardwareType, 1);
  to.setUint16(start + at.protocolType, 0x0800);
  to.setUint8(start + at.hardwareLength, 6);
  to.setUint8(start + at.protocolLength, 4);
  to.setUint16(start + at.operation, REQUEST);
  writeMac(to, start + at.senderMac, owner);
  for (let i = 0; i < 4; i++) {
    to.setUint8(start + at.senderAddress + i, address[i] ?? 0);
    to.setUint8(start + at.targetAddress + i, address[i] ?? 0);
  }
  return size;
}
