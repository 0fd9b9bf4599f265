import type { IpAddress } from "../../core/base/ip-address.js";
import { openPacket } from "./datagram.js";

/** A TCP segment within a frame (RFC 9293 3.1). */
export interface Segment {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Of its first octet. */
  readonly sequence: number;
  readonly isFirst: boolean;
  /** Offset and octets of the payload that the capture kept. */
  readonly start: number;
  readonly length: number;
  /** Octets of the payload on the wire. */
  readonly sent: number;
}

const TCP = 6;
const TCP_HEADER = 20;
const SYN = 0x02;

/** Finds the TCP segment in a frame; undefined without a whole TCP header. */
export function openSegment(bytes: DataView, type: number, start: number): Segment | undefined {
  const packet = openPacket(bytes, type, start, TCP);
  if (packet === undefined || packet.start + TCP_HEADER > bytes.byteLength) return undefined;
  const tcp = packet.start;
  const payload = tcp + (bytes.getUint8(tcp + 12) >> 4) * 4;
  const sent = Math.max(0, packet.end - payload);
  const isFirst = (bytes.getUint8(tcp + 13) & SYN) !== 0;
  return {
    source: packet.source,
    destination: packet.destination,
    sourcePort: bytes.getUint16(tcp),
    destinationPort: bytes.getUint16(tcp + 2),
    // A SYN takes a number of its own.
    sequence: (bytes.getUint32(tcp + 4) + (isFirst ? 1 : 0)) >>> 0,
    isFirst,
    start: payload,
    length: Math.max(0, Math.min(sent, bytes.byteLength - payload)),
    sent,
  };
}
