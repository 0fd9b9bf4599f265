import type { Mac } from "../address.js";
import type { InterfaceIndex } from "../protocol.js";

/** What becomes of an entry of the kernel. */
export const ENTRY_OPERATIONS = {
  /** It is taken away. */
  delete: 0,
  /** The kernel asks the host when the entry is used. */
  stale: 1,
  /** The same, and where nobody answers the entry stays usable: the answer may have gone to the other PE. */
  validated: 2,
  /** The kernel asks nobody. */
  noArp: 3,
} as const;

/** Octets of a row: interface 4 (of the host's byte order), operation, width, router, free 1, MAC 6, free 2, address 16. */
const SIZE = 32;
const AT = { index: 0, operation: 4, width: 5, router: 6, mac: 8, address: 16 } as const;
/** Of the machine: netlink has the byte order of the host, which is little-endian wherever Node 20 runs on Linux but s390x. */
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

export interface EntryRow {
  readonly index: InterfaceIndex;
  readonly operation: number;
  readonly mac: Mac;
  readonly isRouter: boolean;
  /** 4 or 16 of them. */
  readonly octets: Uint8Array;
}

/** Entries of the kernel as the addon takes and gives them (native/tables/neighbour.c), in a buffer of a fixed size. */
export class EntryRows {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  count = 0;

  /** Room for so many rows, or rows that are there. */
  constructor(rows: number | Uint8Array) {
    this.bytes = typeof rows === "number" ? new Uint8Array(rows * SIZE) : rows;
    if (typeof rows !== "number") this.count = Math.floor(rows.length / SIZE);
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }

  get isFull(): boolean {
    return (this.count + 1) * SIZE > this.bytes.length;
  }

  /** The octets of the rows there are. */
  get used(): Uint8Array {
    return this.bytes.subarray(0, this.count * SIZE);
  }

  add({ index, operation, mac, isRouter, octets }: EntryRow): void {
    const start = this.count++ * SIZE;
    this.bytes.fill(0, start, start + SIZE);
    this.#view.setUint32(start + AT.index, index, isLittleEndian);
    this.#view.setUint8(start + AT.operation, operation);
    this.#view.setUint8(start + AT.width, octets.length);
    this.#view.setUint8(start + AT.router, isRouter ? 1 : 0);
    this.#view.setUint16(start + AT.mac, Math.floor(mac / 0x1_0000_0000));
    this.#view.setUint32(start + AT.mac + 2, mac % 0x1_0000_0000);
    this.bytes.set(octets, start + AT.address);
  }

  /** The row of a number; its octets are a view. */
  at(row: number): EntryRow {
    const start = row * SIZE;
    const width = this.#view.getUint8(start + AT.width);
    return {
      index: this.#view.getUint32(start + AT.index, isLittleEndian),
      operation: this.#view.getUint8(start + AT.operation),
      mac: (this.#view.getUint16(start + AT.mac) * 0x1_0000_0000 + this.#view.getUint32(start + AT.mac + 2)) as Mac,
      isRouter: this.#view.getUint8(start + AT.router) !== 0,
      octets: this.bytes.subarray(start + AT.address, start + AT.address + width),
    };
  }

  /** The operation of a row is another. */
  setOperation(row: number, operation: number): void {
    this.#view.setUint8(row * SIZE + AT.operation, operation);
  }
}
