// Ethernet frames with a UDP datagram in them, built from hexadecimal text by the offsets of RFC 791, 8200 and 768: what a
// dissector needs to read a payload.
import { parseIpAddress } from "../../src/core/base/ip-address.js";
import { fromHex, toHex } from "./frames.js";

export interface UdpParts {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly ttl: number;
  readonly trafficClass?: number;
  readonly payload: Uint8Array;
}

const UDP = 17;
const hex = (value: number, octets: number): string => value.toString(16).padStart(octets * 2, "0");

/** The Internet checksum of hexadecimal text, RFC 1071. */
function checksum(text: string): number {
  const padded = text.padEnd(Math.ceil(text.length / 4) * 4, "0");
  let sum = 0;
  for (let at = 0; at < padded.length; at += 4) sum += Number.parseInt(padded.slice(at, at + 4), 16);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return 0xffff - sum;
}

function addressHex(text: string): string {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an IP address: ${text}`);
  return toHex(address.isIpv4 ? address.octets.slice(12) : address.octets);
}

/** The whole frame. */
export function udpFrame(parts: UdpParts): Uint8Array {
  const { payload, ttl, trafficClass = 0 } = parts;
  const addresses = addressHex(parts.source) + addressHex(parts.destination);
  const isIpv4 = addresses.length === 16;
  const length = 8 + payload.length;
  const ports = hex(parts.sourcePort, 2) + hex(parts.destinationPort, 2);
  const body = toHex(payload);
  const pseudo = addresses + hex(UDP, isIpv4 ? 2 : 4) + hex(length, isIpv4 ? 2 : 4);
  const udp = `${ports}${hex(length, 2)}${hex(checksum(`${pseudo}${ports}${hex(length, 2)}0000${body}`), 2)}${body}`;
  const before = `45${hex(trafficClass, 1)}${hex(20 + length, 2)}00000000${hex(ttl, 1)}${hex(UDP, 1)}`;
  const ip = isIpv4
    ? `${before}${hex(checksum(`${before}0000${addresses}`), 2)}${addresses}`
    : `6${hex(trafficClass, 1)}00000${hex(length, 2)}${hex(UDP, 1)}${hex(ttl, 1)}${addresses}`;
  return fromHex(`020000000002020000000001${isIpv4 ? "0800" : "86dd"}${ip}${udp}`);
}
