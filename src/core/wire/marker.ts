import type { Mac } from "../base/address.js";
import { bytes, clear, layout, mac, NOTHING, readMac, u8, u16, u32, writeMac } from "./layout.js";
import { SUBTYPE_MARKER } from "./slow-protocols.js";

/** Marker and Marker Response PDU, 802.1AX-2014 6.5.3.3. 110 octets after the Ethernet header. */
export const marker = layout({
  subtype: u8,
  version: u8,
  tlv: u8,
  length: u8,
  requesterPort: u16,
  requesterSystem: mac,
  transaction: u32,
  pad: bytes(2),
  terminatorTlv: u8,
  terminatorLength: u8,
  reserved: bytes(90),
});
const { at, size } = marker;

export const MARKER_INFORMATION = 1;
export const MARKER_RESPONSE = 2;

export type MarkerFault = "truncated" | "marker-length" | "marker-type";

/** A view of a Marker PDU (802.1AX-2014 6.5.3.3): each accessor reads or writes the octets in place. */
export class MarkerView {
  #bytes: DataView = NOTHING;
  #start = 0;
  #length = 0;

  wrap(bytes: DataView, start: number, length: number): this {
    this.#bytes = bytes;
    this.#start = start;
    this.#length = length;
    return this;
  }

  /** Why this PDU must be dropped; undefined when every accessor is safe to use. */
  fault(): MarkerFault | undefined {
    if (this.#length < size) return "truncated";
    // 6.5.4.1: the version is not validated.
    if (this.#bytes.getUint8(this.#start + at.length) !== 16) return "marker-length";
    if (this.type !== MARKER_INFORMATION && this.type !== MARKER_RESPONSE) return "marker-type";
    return undefined;
  }

  /** Starts a version 1 PDU: zeroes it, no old octet may leave, and sets what never varies. Returns its size. */
  begin(type: typeof MARKER_INFORMATION | typeof MARKER_RESPONSE): number {
    const bytes = this.#bytes;
    const start = this.#start;
    clear(bytes, start, size);
    bytes.setUint8(start + at.subtype, SUBTYPE_MARKER);
    bytes.setUint8(start + at.version, 1);
    bytes.setUint8(start + at.tlv, type);
    bytes.setUint8(start + at.length, 16);
    return size;
  }

  get type(): number {
    return this.#bytes.getUint8(this.#start + at.tlv);
  }
  get requesterPort(): number {
    return this.#bytes.getUint16(this.#start + at.requesterPort);
  }
  set requesterPort(value: number) {
    this.#bytes.setUint16(this.#start + at.requesterPort, value);
  }
  get requesterSystem(): Mac {
    return readMac(this.#bytes, this.#start + at.requesterSystem) as Mac;
  }
  set requesterSystem(value: Mac) {
    writeMac(this.#bytes, this.#start + at.requesterSystem, value);
  }
  get transaction(): number {
    return this.#bytes.getUint32(this.#start + at.transaction);
  }
  set transaction(value: number) {
    this.#bytes.setUint32(this.#start + at.transaction, value);
  }
}
