/** Walks the variable part of a PDU, never beyond its bound. */
export class Cursor {
  readonly bytes: DataView;
  readonly end: number;
  at: number;

  constructor(bytes: DataView, start: number, length: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = start + length;
  }

  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    return this.bytes.getUint8(this.#take(1));
  }
  u16(): number {
    return this.bytes.getUint16(this.#take(2));
  }
  u32(): number {
    return this.bytes.getUint32(this.#take(4));
  }
  mac(): number {
    const at = this.#take(6);
    return this.bytes.getUint16(at) * 0x1_0000_0000 + this.bytes.getUint32(at + 2);
  }
  octets(count: number): Uint8Array {
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + this.#take(count), count);
  }

  putU8(value: number): void {
    this.bytes.setUint8(this.#take(1), value);
  }
  putU16(value: number): void {
    this.bytes.setUint16(this.#take(2), value);
  }
  putU32(value: number): void {
    this.bytes.setUint32(this.#take(4), value);
  }
  putMac(value: number): void {
    const at = this.#take(6);
    this.bytes.setUint16(at, Math.floor(value / 0x1_0000_0000));
    this.bytes.setUint32(at + 2, value % 0x1_0000_0000);
  }
  putOctets(octets: Uint8Array): void {
    new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + this.#take(octets.length), octets.length).set(octets);
  }

  #take(count: number): number {
    const { at } = this;
    if (at + count > this.end) throw new RangeError("beyond the end of the PDU");
    this.at = at + count;
    return at;
  }
}
