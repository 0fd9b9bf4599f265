/**
 * A numbered UDP frame of a stream: Ethernet, IPv4, UDP and 16 octets. The addresses are those for benchmarks (RFC 2544
 * C.2.2); no host of the lab has one, so the receiving host counts the frame and drops it.
 */

/** Parameters of a stream, the same for both ends; each end's program gets them as JSON in its argument. */
export interface StreamSpec {
  /** Linux interface that sends the frames, and the one that receives them. */
  readonly from: string;
  readonly to: string;
  /** MAC address with colons. */
  readonly source: string;
  /** Destination MAC address of each flow; flows differ in their UDP source port too. */
  readonly flows: readonly string[];
  /** Frames sent in a tick, one flow after the other. */
  readonly burst: number;
}

/** Microseconds between two bursts. */
export const TICK = 1_000;

/** Microseconds between two frames of one flow. */
export const flowPeriod = ({ flows, burst }: StreamSpec): number => (TICK * flows.length) / burst;

const ETHERTYPE_IPV4 = 0x0800;
const HEADERS = 14 + 20 + 8;
const DATA = 16;
export const FRAME_SIZE = HEADERS + DATA;

/** The first octets of the data tell frames of a stream from all others. */
const MAGIC = 0x65547273;
const AT = {
  port: 34,
  magic: HEADERS,
  flow: HEADERS + 4,
  sequence: HEADERS + 8,
  skipped: HEADERS + 12,
} as const;
const FIRST_PORT = 50_000;

/** Checksum of an IPv4 header without options (RFC 1071). */
function headerChecksum(ip: DataView): number {
  let sum = 0;
  for (let at = 0; at < 20; at += 2) sum += ip.getUint16(at);
  return ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
}

/** The frame of a flow, without its number. */
export function frameOf({ source, flows }: StreamSpec, flow: number): Uint8Array {
  const frame = new Uint8Array(FRAME_SIZE);
  const view = new DataView(frame.buffer);
  frame.set(Buffer.from(`${flows[flow]}${source}`.replaceAll(":", ""), "hex"));
  view.setUint16(12, ETHERTYPE_IPV4);
  const ip = new DataView(frame.buffer, 14, 20);
  ip.setUint16(0, 0x4500);
  ip.setUint16(2, FRAME_SIZE - 14);
  ip.setUint16(8, (64 << 8) | 17);
  ip.setUint32(12, 0xc6120001);
  ip.setUint32(16, 0xc6130001);
  ip.setUint16(10, headerChecksum(ip));
  // The UDP checksum stays 0, as IPv4 allows.
  view.setUint16(AT.port, FIRST_PORT + flow);
  view.setUint16(AT.port + 2, 9);
  view.setUint16(AT.port + 4, 8 + DATA);
  view.setUint32(AT.magic, MAGIC);
  view.setUint32(AT.flow, flow);
  return frame;
}

export function number(view: DataView, start: number, { sequence, skipped }: Omit<Numbers, "flow">): void {
  view.setUint32(start + AT.sequence, sequence);
  view.setUint32(start + AT.skipped, skipped);
}

export interface Numbers {
  readonly flow: number;
  readonly sequence: number;
  /** Ticks since the start in which the sender got no CPU and sent nothing. */
  readonly skipped: number;
}

/** Reads the numbers of a frame; undefined when the frame belongs to no stream. */
export function numbersOf(view: DataView, start: number, length: number): Numbers | undefined {
  if (length < FRAME_SIZE || view.getUint32(start + AT.magic) !== MAGIC) return undefined;
  return {
    flow: view.getUint32(start + AT.flow),
    sequence: view.getUint32(start + AT.sequence),
    skipped: view.getUint32(start + AT.skipped),
  };
}
