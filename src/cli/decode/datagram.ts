import { type IpAddress, ipAddressOf } from "../../core/base/ip-address.js";

/** A UDP datagram within a frame. */
export interface Datagram {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** TTL, or hop limit. */
  readonly ttl: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Offset and octets of the payload; fewer octets than were sent when the capture cut the frame. */
  readonly start: number;
  readonly length: number;
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const UDP = 17;
const UDP_HEADER = 8;
const V4_MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

interface Packet {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly ttl: number;
  /** Offset behind the IP header, and of the end as the header says. */
  readonly start: number;
  readonly end: number;
}

/** Finds the UDP datagram in a frame; undefined without a whole UDP header (another protocol, or a fragment). */
export function openDatagram(bytes: DataView, type: number, start: number): Datagram | undefined {
  const packet = openPacket(bytes, type, start, UDP);
  if (packet === undefined || packet.start + UDP_HEADER > bytes.byteLength) return undefined;
  const udp = packet.start;
  const payload = udp + UDP_HEADER;
  const length = Math.min(Math.max(0, bytes.getUint16(udp + 4) - UDP_HEADER), bytes.byteLength - payload);
  const { source, destination, ttl } = packet;
  const ports = { sourcePort: bytes.getUint16(udp), destinationPort: bytes.getUint16(udp + 2) };
  return { source, destination, ttl, ...ports, start: payload, length };
}

/** The IP packet of a protocol in a frame; undefined where there is none, or a fragment. */
export function openPacket(bytes: DataView, type: number, start: number, protocol: number): Packet | undefined {
  const open = type === ETHERTYPE_IPV4 ? openIpv4 : type === ETHERTYPE_IPV6 ? openIpv6 : undefined;
  return open?.(bytes, start, protocol);
}

/** RFC 791 3.1. */
function openIpv4(bytes: DataView, at: number, protocol: number): Packet | undefined {
  if (at + 20 > bytes.byteLength || bytes.getUint8(at) >> 4 !== 4) return undefined;
  const isFragment = (bytes.getUint16(at + 6) & 0x3fff) !== 0;
  if (bytes.getUint8(at + 9) !== protocol || isFragment) return undefined;
  const address = (offset: number) => ipAddressOf(Uint8Array.from([...V4_MAPPED, ...octetsAt(bytes, at + offset, 4)]));
  const start = at + (bytes.getUint8(at) & 15) * 4;
  const end = at + bytes.getUint16(at + 2);
  return { source: address(12), destination: address(16), ttl: bytes.getUint8(at + 8), start, end };
}

/** RFC 8200 3; our own packets have no extension headers. */
function openIpv6(bytes: DataView, at: number, protocol: number): Packet | undefined {
  if (at + 40 > bytes.byteLength || bytes.getUint8(at) >> 4 !== 6) return undefined;
  if (bytes.getUint8(at + 6) !== protocol) return undefined;
  const address = (offset: number) => ipAddressOf(Uint8Array.from(octetsAt(bytes, at + offset, 16)));
  const start = at + 40;
  const end = start + bytes.getUint16(at + 4);
  return { source: address(8), destination: address(24), ttl: bytes.getUint8(at + 7), start, end };
}

const octetsAt = (bytes: DataView, at: number, count: number): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset + at, count);

/** One line of text. */
export const datagramLine = ({ source, destination, ttl, destinationPort }: DecodedDatagram): string =>
  `       ${source} > ${destination}, UDP port ${destinationPort}, TTL ${ttl}`;

/** Its addresses as documents show them. */
export interface DecodedDatagram {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly ttl: number;
}

export const decodedDatagram = (datagram: Datagram): DecodedDatagram => ({
  source: datagram.source.text,
  destination: datagram.destination.text,
  sourcePort: datagram.sourcePort,
  destinationPort: datagram.destinationPort,
  ttl: datagram.ttl,
});
