import type { Mac } from "../base/address.js";
import { bytes, clear, layout, mac, NOTHING, readMac, u8, u16, writeMac } from "./layout.js";
import { SUBTYPE_LACP } from "./slow-protocols.js";

/** LACPDU, 802.1AX-2014 6.4.2.3. 110 octets after the Ethernet header. All fields big-endian. */
export const lacpdu = layout({
  subtype: u8,
  version: u8,
  actorTlv: u8,
  actorLength: u8,
  actorSystemPriority: u16,
  actorSystem: mac,
  actorKey: u16,
  actorPortPriority: u16,
  actorPort: u16,
  actorState: u8,
  actorReserved: bytes(3),
  partnerTlv: u8,
  partnerLength: u8,
  partnerSystemPriority: u16,
  partnerSystem: mac,
  partnerKey: u16,
  partnerPortPriority: u16,
  partnerPort: u16,
  partnerState: u8,
  partnerReserved: bytes(3),
  collectorTlv: u8,
  collectorLength: u8,
  collectorMaxDelay: u16,
  collectorReserved: bytes(12),
  terminatorTlv: u8,
  terminatorLength: u8,
  padding: bytes(50),
});
const { at, size } = lacpdu;

/** Bits of a state octet, 802.1AX-2014 6.4.2.3. Displays print bit 0 first. */
export const ACTIVITY = 0x01;
export const SHORT_TIMEOUT = 0x02;
export const AGGREGATION = 0x04;
export const SYNCHRONIZATION = 0x08;
export const COLLECTING = 0x10;
export const DISTRIBUTING = 0x20;
export const DEFAULTED = 0x40;
export const EXPIRED = 0x80;

export type LacpduFault = "truncated" | "actor-length" | "partner-length" | "collector-length" | "port-zero";

/** A view of a LACPDU, version 1 (802.1AX-2014 6.4.2.3): each accessor reads or writes the octets in place. */
export class LacpduView {
  #bytes: DataView = NOTHING;
  #start = 0;
  #length = 0;

  wrap(bytes: DataView, start: number, length: number): this {
    this.#bytes = bytes;
    this.#start = start;
    this.#length = length;
    return this;
  }

  /**
   * Why this PDU must be dropped; undefined when every accessor is safe to use.
   * 6.4.12: version, TLV types and reserved fields are not validated, lengths may be.
   */
  fault(): LacpduFault | undefined {
    if (this.#length < size) return "truncated";
    // interop: as Open vSwitch and teamd check. The terminator's length is left alone: SONiC puts further TLVs there.
    if (this.#bytes.getUint8(this.#start + at.actorLength) !== 20) return "actor-length";
    if (this.#bytes.getUint8(this.#start + at.partnerLength) !== 20) return "partner-length";
    if (this.#bytes.getUint8(this.#start + at.collectorLength) !== 16) return "collector-length";
    // 6.3.4: a port number is 1 or more.
    if (this.actorPort === 0) return "port-zero";
    return undefined;
  }

  /** Starts a version 1 PDU: zeroes it, no old octet may leave, and sets what never varies. Returns its size. */
  begin(): number {
    const bytes = this.#bytes;
    const start = this.#start;
    clear(bytes, start, size);
    bytes.setUint8(start + at.subtype, SUBTYPE_LACP);
    bytes.setUint8(start + at.version, 1);
    bytes.setUint8(start + at.actorTlv, 1);
    bytes.setUint8(start + at.actorLength, 20);
    bytes.setUint8(start + at.partnerTlv, 2);
    bytes.setUint8(start + at.partnerLength, 20);
    bytes.setUint8(start + at.collectorTlv, 3);
    bytes.setUint8(start + at.collectorLength, 16);
    return size;
  }

  get version(): number {
    return this.#bytes.getUint8(this.#start + at.version);
  }
  get actorSystemPriority(): number {
    return this.#bytes.getUint16(this.#start + at.actorSystemPriority);
  }
  set actorSystemPriority(value: number) {
    this.#bytes.setUint16(this.#start + at.actorSystemPriority, value);
  }
  get actorSystem(): Mac {
    return readMac(this.#bytes, this.#start + at.actorSystem) as Mac;
  }
  set actorSystem(value: Mac) {
    writeMac(this.#bytes, this.#start + at.actorSystem, value);
  }
  get actorKey(): number {
    return this.#bytes.getUint16(this.#start + at.actorKey);
  }
  set actorKey(value: number) {
    this.#bytes.setUint16(this.#start + at.actorKey, value);
  }
  get actorPortPriority(): number {
    return this.#bytes.getUint16(this.#start + at.actorPortPriority);
  }
  set actorPortPriority(value: number) {
    this.#bytes.setUint16(this.#start + at.actorPortPriority, value);
  }
  get actorPort(): number {
    return this.#bytes.getUint16(this.#start + at.actorPort);
  }
  set actorPort(value: number) {
    this.#bytes.setUint16(this.#start + at.actorPort, value);
  }
  get actorState(): number {
    return this.#bytes.getUint8(this.#start + at.actorState);
  }
  set actorState(value: number) {
    this.#bytes.setUint8(this.#start + at.actorState, value);
  }
  get partnerSystemPriority(): number {
    return this.#bytes.getUint16(this.#start + at.partnerSystemPriority);
  }
  set partnerSystemPriority(value: number) {
    this.#bytes.setUint16(this.#start + at.partnerSystemPriority, value);
  }
  get partnerSystem(): Mac {
    return readMac(this.#bytes, this.#start + at.partnerSystem) as Mac;
  }
  set partnerSystem(value: Mac) {
    writeMac(this.#bytes, this.#start + at.partnerSystem, value);
  }
  get partnerKey(): number {
    return this.#bytes.getUint16(this.#start + at.partnerKey);
  }
  set partnerKey(value: number) {
    this.#bytes.setUint16(this.#start + at.partnerKey, value);
  }
  get partnerPortPriority(): number {
    return this.#bytes.getUint16(this.#start + at.partnerPortPriority);
  }
  set partnerPortPriority(value: number) {
    this.#bytes.setUint16(this.#start + at.partnerPortPriority, value);
  }
  get partnerPort(): number {
    return this.#bytes.getUint16(this.#start + at.partnerPort);
  }
  set partnerPort(value: number) {
    this.#bytes.setUint16(this.#start + at.partnerPort, value);
  }
  get partnerState(): number {
    return this.#bytes.getUint8(this.#start + at.partnerState);
  }
  set partnerState(value: number) {
    this.#bytes.setUint8(this.#start + at.partnerState, value);
  }
  get collectorMaxDelay(): number {
    return this.#bytes.getUint16(this.#start + at.collectorMaxDelay);
  }
  set collectorMaxDelay(value: number) {
    this.#bytes.setUint16(this.#start + at.collectorMaxDelay, value);
  }
}
