import type { Mac } from "../../base/address.js";
import { type IpAddress, ipAddressOf } from "../../base/ip-address.js";
import type { RbsService } from "../../base/rbs.js";
import { readMac } from "../layout.js";
import { rbsArp, rbsGroup4, rbsGroup6, rbsNd, rbsRecord } from "./layouts.js";

const PUT = 1;
const DELETE = 2;
const ROUTER = 0x0001;
const MOST_SOURCES = 3_000;
const ATTRIBUTE_HEADER = 2;

interface Key {
  readonly operation: "put" | "delete";
  /** The sender's number. */
  readonly trunk: number;
  /** 0: none. */
  readonly outerVlan: number;
  readonly innerVlan: number;
  /** Octets of attributes, none of which is known. */
  readonly attributes: number;
}

/** A host: an ARP or ND entry (formats/rbs.md 4). */
export interface HostRecord extends Key {
  readonly kind: "host";
  readonly address: IpAddress;
  readonly mac: Mac;
  /** Of ND entries. */
  readonly isRouter: boolean;
  /** Seconds. */
  readonly sinceHeard: number;
}

export interface GroupRecord extends Key {
  readonly kind: "group";
  readonly group: IpAddress;
  readonly filterMode: number;
  readonly compatibility: number;
  readonly lastReporter: IpAddress;
  /** Milliseconds that remain. */
  readonly groupTimer: number;
  readonly olderHostTimer: number;
  readonly sources: readonly { readonly address: IpAddress; readonly timer: number }[];
}

export type RbsRecord = HostRecord | GroupRecord;

const V4_MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

function addressAt(bytes: DataView, at: number, octets: 4 | 16): IpAddress {
  const own = new Uint8Array(bytes.buffer, bytes.byteOffset + at, octets);
  return ipAddressOf(Uint8Array.from(octets === 4 ? [...V4_MAPPED, ...own] : own));
}

/** Octets of each address under a service. */
const WIDTHS: { readonly [S in RbsService]: 4 | 16 } = {
  arp: 4,
  nd: 16,
  igmp: 4,
  "igmp-snooping": 4,
  mld: 16,
};

const isOfHosts = (service: RbsService): boolean => service === "arp" || service === "nd";

function layoutOf(service: RbsService): { readonly size: number } {
  if (isOfHosts(service)) return service === "arp" ? rbsArp : rbsNd;
  return WIDTHS[service] === 4 ? rbsGroup4 : rbsGroup6;
}

/** Reads so many records. Undefined where a count or length lies, or a value is out of its range. */
export function readRecords(
  bytes: DataView,
  start: number,
  end: number,
  count: number,
  service: RbsService,
): RbsRecord[] | undefined {
  const records: RbsRecord[] = [];
  let at = start;
  for (let n = 0; n < count; n++) {
    if (end - at < rbsRecord.size) return undefined;
    const length = bytes.getUint16(at + rbsRecord.at.length);
    if (length < rbsRecord.size + layoutOf(service).size || length > end - at) return undefined;
    const record = readRecord(bytes, at, length, service);
    if (record === undefined) return undefined;
    records.push(record);
    at += length;
  }
  return records;
}

function readRecord(bytes: DataView, at: number, length: number, service: RbsService): RbsRecord | undefined {
  const operation = bytes.getUint8(at + rbsRecord.at.operation);
  if (operation !== PUT && operation !== DELETE) return undefined;
  const start = at + rbsRecord.size;
  const read = isOfHosts(service) ? readHost : readGroup;
  const fixed = { bytes, start, end: at + length, operation: operation === PUT ? "put" : "delete", service } as const;
  return read(fixed);
}

interface Fixed {
  readonly bytes: DataView;
  /** Offset of the fixed part. */
  readonly start: number;
  readonly end: number;
  readonly operation: Key["operation"];
  readonly service: RbsService;
}

/** Key and attributes, which begin at `attributes`; undefined where an attribute is longer than what is left. */
function readKey({ bytes, start, end, operation }: Fixed, attributes: number): Key | undefined {
  for (let at = attributes; at < end; ) {
    if (end - at < ATTRIBUTE_HEADER) return undefined;
    at += ATTRIBUTE_HEADER + bytes.getUint8(at + 1);
    if (at > end) return undefined;
  }
  const { trunk, outerVlan, innerVlan } = rbsArp.at;
  return {
    operation,
    trunk: bytes.getUint16(start + trunk),
    outerVlan: bytes.getUint16(start + outerVlan),
    innerVlan: bytes.getUint16(start + innerVlan),
    attributes: end - attributes,
  };
}

function readHost(fixed: Fixed): HostRecord | undefined {
  const { bytes, start, service } = fixed;
  const { at, size } = service === "arp" ? rbsArp : rbsNd;
  const key = readKey(fixed, start + size);
  if (key === undefined) return undefined;
  return {
    ...key,
    kind: "host",
    address: addressAt(bytes, start + at.address, WIDTHS[service]),
    mac: readMac(bytes, start + at.mac) as Mac,
    isRouter: service === "nd" && (bytes.getUint16(start + rbsNd.at.flags) & ROUTER) !== 0,
    sinceHeard: bytes.getUint32(start + at.sinceHeard),
  };
}

function readGroup(fixed: Fixed): GroupRecord | undefined {
  const { bytes, start, end, operation, service } = fixed;
  const width = WIDTHS[service];
  const { at, size } = width === 4 ? rbsGroup4 : rbsGroup6;
  const count = bytes.getUint16(start + at.sources);
  const attributes = start + size + count * (width + 4);
  if (count > MOST_SOURCES || attributes > end) return undefined;
  const filterMode = bytes.getUint8(start + at.filterMode);
  const compatibility = bytes.getUint8(start + at.compatibility);
  // A delete has zeros behind its key.
  const isSound = [1, 2].includes(filterMode) && compatibility >= 1 && compatibility <= (width === 4 ? 3 : 2);
  const key = readKey(fixed, attributes);
  if (key === undefined || (operation === "put" && !isSound)) return undefined;
  return {
    ...key,
    kind: "group",
    group: addressAt(bytes, start + at.group, width),
    filterMode,
    compatibility,
    lastReporter: addressAt(bytes, start + at.lastReporter, width),
    groupTimer: bytes.getUint32(start + at.groupTimer),
    olderHostTimer: bytes.getUint32(start + at.olderHostTimer),
    sources: Array.from({ length: count }, (_, n) => {
      const source = start + size + n * (width + 4);
      return { address: addressAt(bytes, source, width), timer: bytes.getUint32(source + width) };
    }),
  };
}
