import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Mac } from "../../src/core/base/address.js";
import type { FrameFilter } from "../../src/core/contract/host.js";
import { compileFilters } from "../../src/linux/capture/filter.js";

/** Classic BPF as Linux defines it, as far as a filter of ours may use it: whether a frame passes. */
function run(program: Uint32Array, frame: Uint8Array): boolean {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  let loaded = 0;
  for (let at = 0; at < program.length / 4; at++) {
    const [code, yes, no, operand] = program.subarray(4 * at, 4 * at + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const width = code === 0x20 ? 4 : 2;
    switch (code) {
      case 0x20:
      case 0x28:
        // A load beyond the frame ends the program: it does not pass.
        if (operand + width > frame.length) return false;
        loaded = width === 4 ? view.getUint32(operand) : view.getUint16(operand);
        break;
      case 0x15:
        at += loaded === operand ? yes : no;
        break;
      case 0x35:
        at += loaded >= operand ? yes : no;
        break;
      case 0x06:
        return operand > 0;
      default:
        throw new Error(`code ${code}`);
    }
  }
  throw new Error("the program has no end");
}

/** The same said plainly. */
function passes({ destination, type }: FrameFilter, frame: Uint8Array): boolean {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const isTagged = view.getUint16(12) === 0x8100;
  const field = view.getUint16(isTagged && type !== undefined ? 16 : 12);
  const isTo = destination === undefined || view.getUint16(0) * 2 ** 32 + view.getUint32(2) === destination;
  return isTo && (type === undefined || (type === "802.3" ? field < 0x600 : field === type));
}

const GROUPS = [0x010fe2000004, 0x0180c2000002, 0x01005e000016, 0xffffffffffff] as const;
const TYPES = [0x806, 0x88b6, 0x5ff, 0x600, 570, 0x8100] as const;

const filter = fc.record(
  {
    destination: fc.constantFrom(...GROUPS).map((address) => address as Mac),
    type: fc.constantFrom("802.3" as const, 0x806, 0x88b6),
  },
  { requiredKeys: [] },
);

const frame = fc
  .record({ to: fc.constantFrom(...GROUPS), tag: fc.boolean(), type: fc.constantFrom(...TYPES), rest: fc.nat(40) })
  .map(({ to, tag, type, rest }) => {
    const view = new DataView(new ArrayBuffer(18 + rest));
    view.setUint16(0, Math.floor(to / 2 ** 32));
    view.setUint32(2, to % 2 ** 32);
    view.setUint16(12, tag ? 0x8100 : type);
    view.setUint16(16, tag ? type : 0);
    return new Uint8Array(view.buffer);
  });

describe("a filter of frames", () => {
  test("lets through what one of its parts wants, and nothing else", () => {
    let passed = 0;
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 4 }), frame, (filters, octets) => {
        const expected = filters.some((each) => passes(each, octets));
        passed += Number(expected);
        expect(run(compileFilters(filters), octets)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
    expect(passed).toBeGreaterThan(200);
  });

  test("of one group is six instructions, and a runt passes none", () => {
    const program = compileFilters([{ destination: GROUPS[0] as Mac }]);
    expect([...program]).toEqual(
      [
        [0x20, 0, 0, 0],
        [0x15, 0, 3, 0x010fe200],
        [0x28, 0, 0, 4],
        [0x15, 0, 1, 0x0004],
        [0x06, 0, 0, 0x4_0000],
        [0x06, 0, 0, 0],
      ].flat(),
    );
    expect(run(program, new Uint8Array(5))).toBe(false);
  });
});
