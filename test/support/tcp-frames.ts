// Ethernet frames with a TCP segment in them, built from hexadecimal text by the offsets of RFC 791, 8200 and 9293.
import { parseIpAddress } from "../../src/core/base/ip-address.js";
import { fromHex, toHex } from "./frames.js";

export interface TcpParts {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  /** ACK unless said. */
  readonly flags?: number;
  readonly payload: Uint8Array;
}

const TCP = "06";
const ACK = 0x10;
const hex = (value: number, octets: number): string => value.toString(16).padStart(octets * 2, "0");

function addressHex(text: string): string {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an IP address: ${text}`);
  return toHex(address.isIpv4 ? address.octets.slice(12) : address.octets);
}

/** The whole frame. Checksums are 0, which no reader of ours looks at. */
export function tcpFrame({ payload, flags = ACK, ...parts }: TcpParts): Uint8Array {
  const addresses = addressHex(parts.source) + addressHex(parts.destination);
  const isIpv4 = addresses.length === 16;
  const length = 20 + payload.length;
  const ports = hex(parts.sourcePort, 2) + hex(parts.destinationPort, 2);
  const tcp = `${ports}${hex(parts.sequence, 4)}0000000050${hex(flags, 1)}ffff00000000${toHex(payload)}`;
  const ip = isIpv4
    ? `4500${hex(20 + length, 2)}00000000ff${TCP}0000${addresses}`
    : `60000000${hex(length, 2)}${TCP}ff${addresses}`;
  return fromHex(`020000000002020000000001${isIpv4 ? "0800" : "86dd"}${ip}${tcp}`);
}

/** Octets of one direction as segments that end at these offsets, and at the end. */
export function tcpStream(octets: Uint8Array, cuts: readonly number[], first = 1_000): Uint8Array[] {
  const within = cuts.filter((cut) => cut > 0 && cut < octets.length);
  const ends = [...new Set([...within, octets.length])].sort((a, b) => a - b);
  return ends.map((end, n) => {
    const start = n === 0 ? 0 : (ends[n - 1] as number);
    return tcpFrame({
      source: "192.0.2.2",
      destination: "192.0.2.1",
      sourcePort: 40_000,
      destinationPort: 1_025,
      sequence: (first + start) >>> 0,
      payload: octets.slice(start, end),
    });
  });
}
