/**
 * Reads capture files: libpcap's classic format (draft-ietf-opsawg-pcap) of either byte order, with micro- or
 * nanoseconds, and pcapng (draft-ietf-opsawg-pcapng). Unreadable octets throw UnreadableCapture and nothing else.
 */
export interface CapturedFrame {
  /** 1 and up, in the order of the file. */
  readonly number: number;
  /** Nanoseconds since 1970; undefined where the file keeps none. */
  readonly time: bigint | undefined;
  /** LINKTYPE_ value of the octets. */
  readonly linkType: number;
  readonly bytes: DataView;
  /** Octets on the wire; more than `bytes` has where the capture was limited. */
  readonly originalLength: number;
}

export class UnreadableCapture extends Error {}

/** Reads the next `count` octets; fewer only at the end of the file. */
export type OctetSource = (count: number) => DataView;

export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_LINUX_SLL = 113;
export const LINKTYPE_LINUX_SLL2 = 276;

/** libpcap's MAXIMUM_SNAPLEN; a longer frame means a damaged file. */
const LONGEST_FRAME = 262_144;
/** libpcap's limit of a pcapng block. */
const LONGEST_BLOCK = 16 * 1024 * 1024;

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const PCAPNG_SECTION = 0x0a0d0d0a;

export function* readCapture(source: OctetSource): Generator<CapturedFrame, void> {
  const start = source(4);
  if (start.byteLength === 0) throw new UnreadableCapture("the file is empty");
  if (start.byteLength < 4) throw new UnreadableCapture("not a pcap or pcapng capture");
  const magic = start.getUint32(0);
  if (magic === PCAPNG_SECTION) return yield* readBlocks(source);
  for (const little of [false, true]) {
    const value = start.getUint32(0, little);
    if (value === MAGIC_MICROSECONDS) return yield* readRecords(source, little, 1_000n);
    if (value === MAGIC_NANOSECONDS) return yield* readRecords(source, little, 1n);
  }
  throw new UnreadableCapture("not a pcap or pcapng capture");
}

function whole(source: OctetSource, count: number, what: string): DataView {
  const octets = source(count);
  if (octets.byteLength < count) throw new UnreadableCapture(`the file ends inside ${what}`);
  return octets;
}

const part = (view: DataView, offset: number, length: number): DataView =>
  new DataView(view.buffer, view.byteOffset + offset, length);

/** The classic format, after its magic number. */
function* readRecords(source: OctetSource, little: boolean, unit: bigint): Generator<CapturedFrame, void> {
  const header = whole(source, 20, "its header");
  // The upper bits say whether frames end with their FCS; those octets follow the PDU and are not read.
  const linkType = header.getUint32(16, little) & 0xffff;
  for (let number = 1; ; number++) {
    const record = source(16);
    if (record.byteLength === 0) return;
    if (record.byteLength < 16) throw new UnreadableCapture(`the file ends inside frame ${number}`);
    const length = record.getUint32(8, little);
    if (length > LONGEST_FRAME) throw new UnreadableCapture(`frame ${number} claims ${length} octets`);
    const time = BigInt(record.getUint32(0, little)) * 1_000_000_000n + BigInt(record.getUint32(4, little)) * unit;
    const bytes = whole(source, length, `frame ${number}`);
    yield { number, time, linkType, bytes, originalLength: Math.max(length, record.getUint32(12, little)) };
  }
}

interface Interface {
  readonly linkType: number;
  /** Most octets kept of a frame; 0 is no limit. */
  readonly snapLength: number;
  readonly ticksPerSecond: bigint;
  /** Seconds to add to each time. */
  readonly offset: bigint;
}

const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

/** pcapng, after the type of its first block. */
function* readBlocks(source: OctetSource): Generator<CapturedFrame, void> {
  let type = PCAPNG_SECTION;
  let little = false;
  let interfaces: Interface[] = [];
  for (let block = 1, number = 1; ; block++) {
    const what = `block ${block}`;
    const length = whole(source, 4, what);
    let rest: DataView;
    if (type === PCAPNG_SECTION) {
      little = byteOrder(whole(source, 4, what));
      interfaces = [];
      rest = body(source, length.getUint32(0, little), 12, what, little);
      checkVersion(rest, little);
    } else {
      rest = body(source, length.getUint32(0, little), 8, what, little);
      if (type === INTERFACE_DESCRIPTION) interfaces.push(readInterface(rest, little, what));
      else {
        const frame = readPacket(type, rest, little, interfaces, what);
        if (frame) yield { number: number++, ...frame };
      }
    }
    const next = source(4);
    if (next.byteLength === 0) return;
    if (next.byteLength < 4) throw new UnreadableCapture(`the file ends inside block ${block + 1}`);
    type = next.getUint32(0, little);
  }
}

/** True for little endian, as the section's byte-order magic has it. */
function byteOrder(magic: DataView): boolean {
  if (magic.getUint32(0) === 0x1a2b3c4d) return false;
  if (magic.getUint32(0, true) === 0x1a2b3c4d) return true;
  throw new UnreadableCapture("a section has no byte-order magic");
}

function checkVersion(section: DataView, little: boolean): void {
  if (section.byteLength < 12) throw new UnreadableCapture("a section header is cut short");
  const major = section.getUint16(0, little);
  if (major !== 1) throw new UnreadableCapture(`pcapng version ${major} is not known`);
}

/** The rest of a block of which `read` octets are read, without the length at its end. */
function body(source: OctetSource, length: number, read: number, what: string, little: boolean): DataView {
  if (length < read + 4 || length % 4 !== 0 || length > LONGEST_BLOCK) {
    throw new UnreadableCapture(`${what} claims ${length} octets`);
  }
  const octets = whole(source, length - read, what);
  const end = octets.byteLength - 4;
  if (octets.getUint32(end, little) !== length) throw new UnreadableCapture(`${what} does not end with its length`);
  return part(octets, 0, end);
}

const OPTION_RESOLUTION = 9;
const OPTION_OFFSET = 14;

function readInterface(block: DataView, little: boolean, what: string): Interface {
  if (block.byteLength < 8) throw new UnreadableCapture(`${what} is cut short`);
  let ticksPerSecond = 1_000_000n;
  let offset = 0n;
  for (let at = 8; at + 4 <= block.byteLength; ) {
    const code = block.getUint16(at, little);
    const length = block.getUint16(at + 2, little);
    if (code === 0) break;
    if (at + 4 + length > block.byteLength) throw new UnreadableCapture(`${what} has an option that is cut short`);
    if (code === OPTION_RESOLUTION && length === 1) {
      const exponent = block.getUint8(at + 4);
      ticksPerSecond = exponent < 0x80 ? 10n ** BigInt(exponent) : 2n ** BigInt(exponent - 0x80);
    } else if (code === OPTION_OFFSET && length === 8) offset = block.getBigInt64(at + 4, little);
    at += 4 + Math.ceil(length / 4) * 4;
  }
  const [linkType, snapLength] = [block.getUint16(0, little), block.getUint32(4, little)];
  return { linkType, snapLength, ticksPerSecond, offset };
}

/** A block that holds a frame; undefined for every other block. */
function readPacket(
  type: number,
  block: DataView,
  little: boolean,
  interfaces: readonly Interface[],
  what: string,
): Omit<CapturedFrame, "number"> | undefined {
  if (type !== ENHANCED_PACKET && type !== OBSOLETE_PACKET && type !== SIMPLE_PACKET) return undefined;
  const fixed = type === SIMPLE_PACKET ? 4 : 20;
  if (block.byteLength < fixed) throw new UnreadableCapture(`${what} is cut short`);
  const index =
    type === ENHANCED_PACKET ? block.getUint32(0, little) : type === OBSOLETE_PACKET ? block.getUint16(0, little) : 0;
  const from = interfaces[index];
  if (!from) throw new UnreadableCapture(`${what} is of interface ${index}, which is not described`);
  const originalLength = block.getUint32(fixed - 4, little);
  const length =
    type === SIMPLE_PACKET
      ? Math.min(originalLength, from.snapLength || originalLength)
      : block.getUint32(fixed - 8, little);
  if (length > block.byteLength - fixed) throw new UnreadableCapture(`${what} claims a frame of ${length} octets`);
  return {
    time: type === SIMPLE_PACKET ? undefined : timeOf(block, little, from),
    linkType: from.linkType,
    bytes: part(block, fixed, length),
    originalLength: Math.max(length, originalLength),
  };
}

function timeOf(block: DataView, little: boolean, { ticksPerSecond, offset }: Interface): bigint {
  const ticks = (BigInt(block.getUint32(4, little)) << 32n) | BigInt(block.getUint32(8, little));
  return offset * 1_000_000_000n + (ticks * 1_000_000_000n) / ticksPerSecond;
}
