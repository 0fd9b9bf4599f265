import fc from "fast-check";
import { expect, test } from "vitest";
import { UnreadableCapture } from "../../src/cli/decode/capture-file.js";
import { frameText } from "../../src/cli/decode/decode.js";
import { fromHex, patched } from "../support/frames.js";
import { decoded, joined, lacpdu, marker, numbers, TIME } from "./captured.js";

/** A pcap file of one LACPDU. */
const pcap = (little: boolean, magic: number, seconds: number, fraction: number, linkType = 1): Uint8Array =>
  joined(
    numbers(little, [4, magic], [2, 2], [2, 4], [4, 0], [4, 0], [4, 65_535], [4, linkType]),
    numbers(little, [4, seconds], [4, fraction], [4, lacpdu.length], [4, lacpdu.length]),
    lacpdu,
  );

const padded = (bytes: Uint8Array): Uint8Array => joined(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));

const block = (little: boolean, type: number, body: Uint8Array): Uint8Array => {
  const length = [4, 12 + padded(body).length] as const;
  return joined(numbers(little, [4, type], length), padded(body), numbers(little, length));
};

const section = (little: boolean): Uint8Array =>
  block(little, 0x0a0d0d0a, numbers(little, [4, 0x1a2b3c4d], [2, 1], [2, 0], [4, 0xffffffff], [4, 0xffffffff]));

/** An interface of Ethernet frames with these options, each a code and its octets. */
const description = (little: boolean, ...options: readonly (readonly [code: number, value: Uint8Array])[]) =>
  block(
    little,
    1,
    joined(
      numbers(little, [2, 1], [2, 0], [4, 0]),
      ...options.map(([code, value]) => joined(numbers(little, [2, code], [2, value.length]), padded(value))),
    ),
  );

const enhanced = (little: boolean, index: number, time: bigint, frame: Uint8Array): Uint8Array =>
  block(
    little,
    6,
    joined(
      numbers(little, [4, index], [4, Number(time >> 32n)], [4, Number(time & 0xffffffffn)]),
      numbers(little, [4, frame.length], [4, frame.length]),
      frame,
    ),
  );

test.for([
  ["big endian, microseconds", false, 0xa1b2c3d4, 123_456, "2026-11-20T10:28:01.123456Z"],
  ["little endian, microseconds", true, 0xa1b2c3d4, 123_456, "2026-11-20T10:28:01.123456Z"],
  ["big endian, nanoseconds", false, 0xa1b23c4d, 123_456_789, "2026-11-20T10:28:01.123456789Z"],
  ["little endian, nanoseconds", true, 0xa1b23c4d, 123_456_789, "2026-11-20T10:28:01.123456789Z"],
] as const)("pcap is read: %s", ([, little, magic, fraction, time]) => {
  expect(decoded(pcap(little, magic, 1_795_170_481, fraction))).toMatchObject([{ time, what: "LACPDU", fault: null }]);
});

test("the upper bits of a pcap link type, which tell of an FCS, are not part of it", () => {
  expect(decoded(pcap(false, 0xa1b2c3d4, 0, 0, 0x14000001))).toMatchObject([{ what: "LACPDU" }]);
});

test.for([false, true])("pcapng is read, little endian: %s", (little) => {
  const micros = BigInt(TIME);
  const file = joined(
    section(little),
    description(little),
    description(little, [2, fromHex("65746831")], [9, fromHex("09")]),
    description(little, [9, fromHex("94")], [14, numbers(little, [8, 1_000_000])]),
    block(little, 5, new Uint8Array(16)),
    enhanced(little, 0, micros, lacpdu),
    enhanced(little, 1, micros * 1_000n + 789n, marker),
    enhanced(little, 2, 3n << 19n, lacpdu),
    block(little, 3, joined(numbers(little, [4, lacpdu.length]), lacpdu)),
    block(
      little,
      2,
      joined(
        numbers(little, [2, 0], [2, 0], [4, Number(micros >> 32n)], [4, Number(micros & 0xffffffffn)]),
        numbers(little, [4, lacpdu.length], [4, 200]),
        lacpdu,
      ),
    ),
    // A second section numbers its interfaces anew and may have the other byte order.
    section(!little),
    description(!little),
    enhanced(!little, 0, 0n, lacpdu),
  );
  expect(decoded(file).map(({ number, time, what, length }) => [number, time, what, length])).toEqual([
    [1, "2026-11-20T10:28:01.123456Z", "LACPDU", 124],
    [2, "2026-11-20T10:28:01.123456789Z", "Marker", 124],
    [3, "1970-01-12T13:46:41.500000Z", "LACPDU", 124],
    [4, null, "LACPDU", 124],
    [5, "2026-11-20T10:28:01.123456Z", "LACPDU", 200],
    [6, "1970-01-01T00:00:00.000000Z", "LACPDU", 124],
  ]);
});

test("a time beyond any calendar is no time", () => {
  const file = joined(
    section(false),
    description(false, [9, fromHex("00")]),
    enhanced(false, 0, (1n << 63n) - 1n, lacpdu),
  );
  expect(decoded(file)).toMatchObject([{ time: null, what: "LACPDU" }]);
});

const head = pcap(false, 0xa1b2c3d4, 0, 0).slice(0, 24);
const start = joined(section(true), description(true));

test.for([
  ["an empty file", new Uint8Array(), "the file is empty"],
  ["three octets", fromHex("a1b2c3"), "not a pcap or pcapng capture"],
  ["a text", Uint8Array.from(Buffer.from("#!/bin/sh\n")), "not a pcap or pcapng capture"],
  ["a cut header", head.slice(0, 20), "the file ends inside its header"],
  ["a cut record", joined(head, new Uint8Array(15)), "the file ends inside frame 1"],
  ["a cut frame", pcap(false, 0xa1b2c3d4, 0, 0).slice(0, -1), "the file ends inside frame 1"],
  ["a huge frame", joined(head, numbers(false, [4, 0], [4, 0], [4, 262_145], [4, 0])), "frame 1 claims 262145 octets"],
  ["no byte order", fromHex("0a0d0d0a0000001c00000000"), "a section has no byte-order magic"],
  ["another version", patched(section(false), { 13: 2 }), "pcapng version 2 is not known"],
  ["a short section", block(true, 0x0a0d0d0a, numbers(true, [4, 0x1a2b3c4d])), "a section header is cut short"],
  ["a cut block", start.slice(0, -3), "the file ends inside block 2"],
  ["a cut block type", joined(start, new Uint8Array(2)), "the file ends inside block 3"],
  ["an odd block", joined(start, numbers(true, [4, 6], [4, 33])), "block 3 claims 33 octets"],
  ["a tiny block", joined(start, numbers(true, [4, 6], [4, 8])), "block 3 claims 8 octets"],
  ["a huge block", joined(start, numbers(true, [4, 6], [4, 0xfffffffc])), "block 3 claims 4294967292 octets"],
  ["two lengths", joined(start, numbers(true, [4, 5], [4, 12], [4, 16])), "block 3 does not end with its length"],
  ["an empty interface", joined(section(true), block(true, 1, new Uint8Array(4))), "block 2 is cut short"],
  [
    "a cut option",
    joined(section(true), block(true, 1, numbers(true, [2, 1], [2, 0], [4, 0], [2, 9], [2, 5]))),
    "block 2 has an option that is cut short",
  ],
  [
    "an unknown interface",
    joined(start, enhanced(true, 1, 0n, lacpdu)),
    "block 3 is of interface 1, which is not described",
  ],
  ["a cut packet", joined(start, block(true, 6, new Uint8Array(16))), "block 3 is cut short"],
  [
    "a packet larger than its block",
    joined(start, block(true, 6, numbers(true, [4, 0], [8, 0], [4, 99], [4, 99]))),
    "block 3 claims a frame of 99 octets",
  ],
] as const)("%s is told: %s", ([, file, problem]) => {
  expect(() => decoded(file)).toThrow(new UnreadableCapture(problem));
});

test("any octets after any beginning of a capture are read or told, never a crash", () => {
  const pieces = [
    pcap(false, 0xa1b2c3d4, 0, 0),
    pcap(true, 0xa1b23c4d, 0, 0),
    joined(section(false), description(false, [9, fromHex("ff")]), enhanced(false, 0, 1n, lacpdu)),
    joined(section(true), description(true), enhanced(true, 0, 1n, marker), block(true, 3, numbers(true, [4, 9]))),
  ];
  const file = fc
    .tuple(
      fc.constantFrom(...pieces, new Uint8Array()),
      fc.array(fc.tuple(fc.nat(220), fc.nat(255)), { maxLength: 6 }),
      fc.uint8Array({ maxLength: 60 }),
      fc.nat(260),
    )
    .map(([piece, changes, more, keep]) => {
      const whole = joined(piece, more);
      for (const [at, octet] of changes) if (at < whole.length) whole[at] = octet;
      return whole.slice(0, keep);
    });
  let read = 0;
  fc.assert(
    fc.property(file, (bytes) => {
      try {
        for (const frame of decoded(bytes)) {
          expect(frameText(frame)).toMatch(/\n$/);
          read++;
        }
      } catch (error) {
        if (!(error instanceof UnreadableCapture)) throw error;
      }
    }),
    { numRuns: 5_000 },
  );
  expect(read).toBeGreaterThan(0);
});
