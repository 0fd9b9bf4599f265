import type { Mac } from "../base/address.js";
import { BITMAP_LENGTH, GREATEST_VLAN, LEAST_VLAN } from "../base/vlan-set.js";
import { bytes, clear, layout, mac, NOTHING, readMac, u8, u16, u32, writeMac } from "./layout.js";

/** Smart-Link Flush behind its SNAP header, our own sizes for the documented fields (formats/flush.md). 568 octets. */
export const flush = layout({
  type: u8,
  version: u8,
  device: mac,
  controlVlan: u16,
  authentication: u8,
  reserved: u8,
  epoch: bytes(8),
  sequence: u32,
  password: bytes(32),
  vlans: bytes(BITMAP_LENGTH),
});
const { at, size } = flush;

/** Group address 01-0f-e2-00-00-04: a frame to it is a Flush. */
export const FLUSH_GROUP = 0x010fe2000004 as Mac;
/** Header instead of an EtherType: 802.3 length, LLC AA-AA-03, SNAP 00-00-00 and 88-B5 (local experimental). */
export const snap = layout({ length: u16, dsap: u8, ssap: u8, control: u8, organisation: bytes(3), protocol: u16 });
const LLC_AND_ORGANISATION = [0xaaaa0300, 0x0000] as const;
const SNAP_PROTOCOL = 0x88b5;
/** Octets behind the addresses and the tag. */
export const FLUSH_SIZE = snap.size + size;
/** The 802.3 length counts from the LLC header on. */
export const FLUSH_LENGTH = FLUSH_SIZE - 2;

const FLUSH_TYPE_DELETE = 1;
export const AUTHENTICATION_NONE = 0;
export const AUTHENTICATION_SIMPLE = 1;
export const AUTHENTICATION_SHA = 2;
export const AUTHENTICATION_HMAC = 3;
export const PASSWORD_LENGTH = 32;

export type FlushFault = "length" | "snap" | "type" | "version" | "control-vlan" | "number";

/** A view of a Smart-Link Flush (formats/flush.md): each accessor reads or writes the octets in place. */
export class FlushView {
  #bytes: DataView = NOTHING;
  #start = 0;
  #length = 0;

  /** Lays the view over a frame; `start` is the offset of its 802.3 length. */
  wrap(bytes: DataView, start: number, length: number): this {
    this.#bytes = bytes;
    this.#start = start + snap.size;
    this.#length = length;
    return this;
  }

  /** Why this PDU must be dropped; undefined when every accessor is safe to use. */
  fault(): FlushFault | undefined {
    const head = this.#start - snap.size;
    // A Flush is longer than the least frame and so has no padding: any other length is a fault.
    if (this.#length !== FLUSH_SIZE || this.#bytes.getUint16(head + snap.at.length) !== FLUSH_LENGTH) return "length";
    const isSnap =
      this.#bytes.getUint32(head + snap.at.dsap) === LLC_AND_ORGANISATION[0] &&
      this.#bytes.getUint16(head + snap.at.dsap + 4) === LLC_AND_ORGANISATION[1] &&
      this.#bytes.getUint16(head + snap.at.protocol) === SNAP_PROTOCOL;
    if (!isSnap) return "snap";
    if (this.#bytes.getUint8(this.#start + at.version) !== 0) return "version";
    if (this.#bytes.getUint8(this.#start + at.type) !== FLUSH_TYPE_DELETE) return "type";
    if (this.controlVlan < LEAST_VLAN || this.controlVlan > GREATEST_VLAN) return "control-vlan";
    return Number.isSafeInteger(this.epoch) ? undefined : "number";
  }

  /** Starts a Flush: zeroes it, writes what never varies, its headers too. Returns its octets. */
  begin(): number {
    const head = this.#start - snap.size;
    clear(this.#bytes, head, FLUSH_SIZE);
    this.#bytes.setUint16(head + snap.at.length, FLUSH_LENGTH);
    this.#bytes.setUint32(head + snap.at.dsap, LLC_AND_ORGANISATION[0]);
    this.#bytes.setUint16(head + snap.at.dsap + 4, LLC_AND_ORGANISATION[1]);
    this.#bytes.setUint16(head + snap.at.protocol, SNAP_PROTOCOL);
    this.#bytes.setUint8(this.#start + at.type, FLUSH_TYPE_DELETE);
    return FLUSH_SIZE;
  }

  get device(): Mac {
    return readMac(this.#bytes, this.#start + at.device) as Mac;
  }
  set device(value: Mac) {
    writeMac(this.#bytes, this.#start + at.device, value);
  }
  get controlVlan(): number {
    return this.#bytes.getUint16(this.#start + at.controlVlan);
  }
  set controlVlan(value: number) {
    this.#bytes.setUint16(this.#start + at.controlVlan, value);
  }
  get authentication(): number {
    return this.#bytes.getUint8(this.#start + at.authentication);
  }
  set authentication(value: number) {
    this.#bytes.setUint8(this.#start + at.authentication, value);
  }
  get epoch(): number {
    const offset = this.#start + at.epoch;
    return this.#bytes.getUint32(offset) * 0x1_0000_0000 + this.#bytes.getUint32(offset + 4);
  }
  set epoch(value: number) {
    this.#bytes.setUint32(this.#start + at.epoch, Math.floor(value / 0x1_0000_0000));
    this.#bytes.setUint32(this.#start + at.epoch + 4, value % 0x1_0000_0000);
  }
  get sequence(): number {
    return this.#bytes.getUint32(this.#start + at.sequence);
  }
  set sequence(value: number) {
    this.#bytes.setUint32(this.#start + at.sequence, value);
  }
  /** A view into the PDU, valid only as long as it. */
  get password(): Uint8Array {
    return this.#octets(at.password, PASSWORD_LENGTH);
  }
  /** The PDU from its type on, as the HMAC covers it; a view as above. */
  get signed(): Uint8Array {
    return this.#octets(0, size);
  }
  get passwordAt(): number {
    return at.password;
  }
  /** The set of VLANs: VLAN v is octet v >> 3, bit 0x80 >> (v & 7); a view as above. */
  get vlans(): Uint8Array {
    return this.#octets(at.vlans, BITMAP_LENGTH);
  }

  #octets(offset: number, length: number): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#start + offset, length);
  }
}
