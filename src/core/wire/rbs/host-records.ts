import type { Mac } from "../../base/address.js";
import { readMac, writeMac } from "../layout.js";
import { rbsArp, rbsNd, rbsRecord } from "./layouts.js";

const PUT = 1;
const DELETE = 2;
const ROUTER = 0x0001;
const ATTRIBUTE_HEADER = 2;

/** Services whose entries are hosts. */
export type HostService = "arp" | "nd";
const layoutOf = (service: HostService) => (service === "arp" ? rbsArp : rbsNd);
const widthOf = (service: HostService): 4 | 16 => (service === "arp" ? 4 : 16);

/** One record (formats/rbs.md 4). */
export interface HostEntry {
  readonly isPut: boolean;
  /** The sender's number. */
  readonly trunk: number;
  /** Outer * 65,536 + inner; 0: none. */
  readonly vlans: number;
  /** The address, from `at` on. */
  readonly octets: Uint8Array;
  readonly at: number;
  readonly mac: Mac;
  /** Of ND entries. */
  readonly isRouter: boolean;
  /** Seconds. */
  readonly sinceHeard: number;
}

/** The records of one ENTRIES message under arp or nd as they lie in it: valid until its octets are reused. */
export class HostRecords {
  readonly service: HostService;
  readonly count: number;
  readonly #bytes: DataView;
  readonly #start: number;

  private constructor(bytes: DataView, start: number, count: number, service: HostService) {
    this.#bytes = bytes;
    this.#start = start;
    this.count = count;
    this.service = service;
  }

  /** Undefined where a count or length lies, or an operation is none. */
  static of(bytes: DataView, start: number, end: number, count: number, service: HostService): HostRecords | undefined {
    const least = rbsRecord.size + layoutOf(service).size;
    let at = start;
    for (let n = 0; n < count; n++) {
      if (end - at < least) return undefined;
      const length = bytes.getUint16(at + rbsRecord.at.length);
      const operation = bytes.getUint8(at + rbsRecord.at.operation);
      if (length < least || length > end - at || (operation !== PUT && operation !== DELETE)) return undefined;
      if (!areAttributes(bytes, at + least, at + length)) return undefined;
      at += length;
    }
    return new HostRecords(bytes, start, count, service);
  }

  /** In order; the entry is reused. */
  each(take: (entry: HostEntry) => void): void {
    const bytes = this.#bytes;
    const { at: field } = layoutOf(this.service);
    const entry = { isPut: true, trunk: 0, vlans: 0, at: 0, mac: 0 as Mac, isRouter: false, sinceHeard: 0 };
    const whole = Object.assign(entry, { octets: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) });
    let at = this.#start;
    for (let n = 0; n < this.count; n++) {
      const start = at + rbsRecord.size;
      whole.isPut = bytes.getUint8(at + rbsRecord.at.operation) === PUT;
      whole.trunk = bytes.getUint16(start + field.trunk);
      whole.vlans = bytes.getUint32(start + field.outerVlan);
      whole.at = start + field.address;
      whole.mac = readMac(bytes, start + field.mac) as Mac;
      whole.isRouter = this.service === "nd" && (bytes.getUint16(start + rbsNd.at.flags) & ROUTER) !== 0;
      whole.sinceHeard = bytes.getUint32(start + field.sinceHeard);
      take(whole);
      at += bytes.getUint16(at + rbsRecord.at.length);
    }
  }
}

/** The octets are attributes, none longer than what is left. */
function areAttributes(bytes: DataView, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    if (end - at < ATTRIBUTE_HEADER) return false;
    at += ATTRIBUTE_HEADER + bytes.getUint8(at + 1);
  }
  return at === end;
}

/** Writes a record; returns its octets. A delete carries the key alone. */
export function writeHost(to: DataView, start: number, entry: HostEntry, service: HostService): number {
  const layout = layoutOf(service);
  const length = rbsRecord.size + layout.size;
  const fixed = start + rbsRecord.size;
  new Uint8Array(to.buffer, to.byteOffset + start, length).fill(0);
  to.setUint8(start + rbsRecord.at.operation, entry.isPut ? PUT : DELETE);
  to.setUint16(start + rbsRecord.at.length, length);
  to.setUint16(fixed + layout.at.trunk, entry.trunk);
  to.setUint32(fixed + layout.at.outerVlan, entry.vlans);
  for (let n = 0; n < widthOf(service); n++)
    to.setUint8(fixed + layout.at.address + n, entry.octets[entry.at + n] as number);
  if (!entry.isPut) return length;
  writeMac(to, fixed + layout.at.mac, entry.mac);
  if (service === "nd") to.setUint16(fixed + rbsNd.at.flags, entry.isRouter ? ROUTER : 0);
  to.setUint32(fixed + layout.at.sinceHeard, entry.sinceHeard);
  return length;
}
