import bufferLayout from "buffer-layout";
import { assert } from "../base/assert.js";

/** What a field holds: an unsigned big-endian number of that many octets, or raw octets. */
export type Field = { readonly octets: number; readonly raw: boolean };

export const u8: Field = { octets: 1, raw: false };
export const u16: Field = { octets: 2, raw: false };
export const u32: Field = { octets: 4, raw: false };
export const mac: Field = { octets: 6, raw: false };
export const bytes = (octets: number): Field => ({ octets, raw: true });

export interface Layout<Name extends string> {
  /** Offset of each field from the start of the PDU. */
  readonly at: { readonly [N in Name]: number };
  /** Octets of the whole PDU. */
  readonly size: number;
  /** Decodes into an object: slow and allocating, the tests' oracle for the views. */
  decode(octets: Uint8Array): { readonly [N in Name]: unknown };
  /** Encodes from an object: the mirror of decode. */
  encode(values: { readonly [N in Name]?: unknown }, octets: Uint8Array): number;
}

function declare(name: string, field: Field) {
  if (field.raw) return bufferLayout.blob(field.octets, name);
  switch (field.octets) {
    case 1:
      return bufferLayout.u8(name);
    case 2:
      return bufferLayout.u16be(name);
    case 4:
      return bufferLayout.u32be(name);
    default:
      return bufferLayout.u48be(name);
  }
}

/**
 * Declares the fixed part of a PDU, fields in the order of the wire; every offset in `core` comes from here (decision
 * 0005).
 */
export function layout<const Fields extends { readonly [name: string]: Field }>(
  fields: Fields,
): Layout<keyof Fields & string> {
  type Name = keyof Fields & string;
  const structure = bufferLayout.struct(Object.entries(fields).map(([name, field]) => declare(name, field)));
  const at = {} as { [N in Name]: number };
  for (const name of Object.keys(fields) as Name[]) {
    const offset = structure.offsetOf(name);
    assert(offset !== undefined, `the layout has no field ${name}`);
    at[name] = offset;
  }
  return {
    // An object filled key by key becomes a dictionary; parsed at once, V8 reads its fields as constants (bench/codec).
    at: JSON.parse(JSON.stringify(at)) as typeof at,
    size: structure.span,
    decode: (octets) => structure.decode(octets) as { [N in Name]: unknown },
    encode: (values, octets) => structure.encode(values, octets),
  };
}

/** Empty octets of a view that is not laid over a PDU yet. */
export const NOTHING = new DataView(new ArrayBuffer(0));

/** 48 bits at an offset; a double holds them exactly. */
export const readMac = (from: DataView, offset: number): number =>
  from.getUint16(offset) * 0x1_0000_0000 + from.getUint32(offset + 2);

export function writeMac(to: DataView, offset: number, value: number): void {
  const upper = Math.floor(value / 0x1_0000_0000);
  to.setUint16(offset, upper);
  // A subtraction, since `%` is a division of doubles.
  to.setUint32(offset + 2, value - upper * 0x1_0000_0000);
}

/** Zeroes a PDU before its fields are set: no old octets may leave (a buffer bleed). */
export function clear(to: DataView, start: number, length: number): void {
  const end = start + length;
  let offset = start;
  // A double of 0 is eight octets of 0.
  for (; offset + 8 <= end; offset += 8) to.setFloat64(offset, 0);
  for (; offset < end; offset++) to.setUint8(offset, 0);
}
