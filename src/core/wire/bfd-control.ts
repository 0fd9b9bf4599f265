import { clear, layout, NOTHING, u8, u32 } from "./layout.js";

/** BFD control packet, RFC 5880 4.1. 24 octets, then an authentication section when the A bit is set. */
export const bfdControl = layout({
  versionDiagnostic: u8,
  stateFlags: u8,
  multiplier: u8,
  length: u8,
  myDiscriminator: u32,
  yourDiscriminator: u32,
  desiredMinTx: u32,
  requiredMinRx: u32,
  requiredMinEchoRx: u32,
});
const { at, size } = bfdControl;

// Flags of the second octet; the state stands in its two upper bits.
export const POLL = 0x20;
export const FINAL = 0x10;
export const CONTROL_PLANE_INDEPENDENT = 0x08;
export const AUTHENTICATION = 0x04;
export const DEMAND = 0x02;
export const MULTIPOINT = 0x01;

// States of RFC 5880 4.1 in which Your Discriminator may be 0.
const ADMIN_DOWN = 0;
const DOWN = 1;

export type BfdFault =
  | "version"
  | "length"
  | "multiplier"
  | "multipoint"
  | "my-discriminator"
  | "your-discriminator"
  | "authentication-section";

/** A view of a BFD control packet: each accessor reads or writes the octets in place (RFC 5880 4.1). */
export class BfdView {
  #bytes: DataView = NOTHING;
  #start = 0;
  #length = 0;

  wrap(bytes: DataView, start: number, length: number): this {
    this.#bytes = bytes;
    this.#start = start;
    this.#length = length;
    return this;
  }

  /** Why this PDU must be dropped, in the order of RFC 5880 6.8.6; undefined when every accessor is safe to use. */
  fault(): BfdFault | undefined {
    if (this.#length < size) return "length";
    if (this.#u8(at.versionDiagnostic) >> 5 !== 1) return "version";
    const least = this.has(AUTHENTICATION) ? size + 2 : size;
    if (this.length < least || this.length > this.#length) return "length";
    if (this.multiplier === 0) return "multiplier";
    if (this.has(MULTIPOINT)) return "multipoint";
    if (this.myDiscriminator === 0) return "my-discriminator";
    if (this.yourDiscriminator === 0 && this.state !== DOWN && this.state !== ADMIN_DOWN) return "your-discriminator";
    if (this.has(AUTHENTICATION) && size + this.authenticationLength > this.length) return "authentication-section";
    return undefined;
  }

  /** Starts a version 1 packet: zeroes it and sets what never varies. */
  begin(length: number): void {
    clear(this.#bytes, this.#start, length);
    this.#bytes.setUint8(this.#start + at.versionDiagnostic, 1 << 5);
    this.#bytes.setUint8(this.#start + at.length, length);
  }

  #u8(offset: number): number {
    return this.#bytes.getUint8(this.#start + offset);
  }
  has(flag: number): boolean {
    return (this.#u8(at.stateFlags) & flag) !== 0;
  }
  get state(): number {
    return this.#u8(at.stateFlags) >> 6;
  }
  setState(state: number, flags: number): void {
    this.#bytes.setUint8(this.#start + at.stateFlags, (state << 6) | flags);
  }
  get diagnostic(): number {
    return this.#u8(at.versionDiagnostic) & 0x1f;
  }
  set diagnostic(diagnostic: number) {
    this.#bytes.setUint8(this.#start + at.versionDiagnostic, (1 << 5) | diagnostic);
  }
  get multiplier(): number {
    return this.#u8(at.multiplier);
  }
  set multiplier(multiplier: number) {
    this.#bytes.setUint8(this.#start + at.multiplier, multiplier);
  }
  get length(): number {
    return this.#u8(at.length);
  }
  get myDiscriminator(): number {
    return this.#bytes.getUint32(this.#start + at.myDiscriminator);
  }
  set myDiscriminator(value: number) {
    this.#bytes.setUint32(this.#start + at.myDiscriminator, value);
  }
  get yourDiscriminator(): number {
    return this.#bytes.getUint32(this.#start + at.yourDiscriminator);
  }
  set yourDiscriminator(value: number) {
    this.#bytes.setUint32(this.#start + at.yourDiscriminator, value);
  }
  /** Microseconds. */
  get desiredMinTx(): number {
    return this.#bytes.getUint32(this.#start + at.desiredMinTx);
  }
  set desiredMinTx(value: number) {
    this.#bytes.setUint32(this.#start + at.desiredMinTx, value);
  }
  get requiredMinRx(): number {
    return this.#bytes.getUint32(this.#start + at.requiredMinRx);
  }
  set requiredMinRx(value: number) {
    this.#bytes.setUint32(this.#start + at.requiredMinRx, value);
  }
  get requiredMinEchoRx(): number {
    return this.#bytes.getUint32(this.#start + at.requiredMinEchoRx);
  }

  // Authentication section, RFC 5880 4.2 to 4.4; safe only when the A bit is set.
  get authenticationType(): number {
    return this.#u8(size);
  }
  get authenticationLength(): number {
    return this.#u8(size + 1);
  }
  get keyId(): number {
    return this.#u8(size + 2);
  }
  /** Sequence number of the keyed types; needs 8 octets of section. */
  get authenticationSequence(): number {
    return this.#bytes.getUint32(this.#start + size + 4);
  }
  /** Octets of the whole packet; a view, valid only as long as the packet. */
  octets(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#start, this.length);
  }
}
