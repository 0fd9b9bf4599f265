import fc from "fast-check";
import { expect, test, vi } from "vitest";
import {
  type CapturedFrame,
  type OctetSource,
  readCapture,
  UnreadableCapture,
} from "../../src/cli/decode/capture-file.js";
import { frameText } from "../../src/cli/decode/decode.js";
import { type DecodedFrame, decodeFrame } from "../../src/cli/decode/frame.js";
import { fromHex, lacpduFrame, markerFrame, patched, tagged } from "../support/frames.js";
import { encodePcap } from "../support/pcap.js";

vi.stubEnv("TZ", "Europe/Berlin");

const source = "02:00:00:00:00:01";
const actor = {
  systemPriority: 32768,
  system: "00:e0:fc:12:34:55",
  key: 305,
  portPriority: 100,
  port: 7,
  state: "10111100",
};
const partner = { ...actor, system: "00:e0:fc:12:34:60", port: 9, state: "11100010" };
const lacpdu = lacpduFrame({ source, actor, partner, collectorMaxDelay: 5 });
const marker = markerFrame({ source, requesterPort: 7, transaction: 0xdeadbeef });
/** 2026-11-20 10:28:01.123456 UTC in microseconds. */
const TIME = 1_795_170_481_123_456;

const octets = (file: Uint8Array): OctetSource => {
  let at = 0;
  return (count) => {
    const part = file.slice(at, at + count);
    at += part.length;
    return new DataView(part.buffer, part.byteOffset, part.byteLength);
  };
};

const decoded = (file: Uint8Array): DecodedFrame[] => [...readCapture(octets(file))].map((frame) => decodeFrame(frame));

const one = (bytes: Uint8Array, parts: Partial<CapturedFrame> = {}): DecodedFrame =>
  decodeFrame({
    number: 1,
    time: undefined,
    linkType: 1,
    bytes: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    originalLength: bytes.length,
    ...parts,
  });

/** Numbers of some octets each, in one of the two byte orders. */
const numbers = (little: boolean, ...parts: readonly (readonly [octets: number, value: number])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap(([length, value]) => {
      const big = Array.from({ length }, (_, n) => Math.floor(value / 256 ** (length - 1 - n)) % 256);
      return little ? big.reverse() : big;
    }),
  );

const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

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

test("every field of an LACPDU is read by its name", () => {
  const [frame] = decoded(encodePcap([{ time: TIME, bytes: lacpdu }]));
  expect(frame).toEqual({
    number: 1,
    time: "2026-11-20T10:28:01.123456Z",
    source,
    destination: "01:80:c2:00:00:02",
    vlan: null,
    length: 124,
    what: "LACPDU",
    cut: false,
    lacpdu: {
      version: 1,
      actor: {
        systemPriority: 32768,
        systemId: "00:e0:fc:12:34:55",
        portKey: 305,
        portPriority: 100,
        portNumber: 7,
        portState: "10111100",
        portStateBits: ["Activity", "Aggregation", "Synchronization", "Collecting", "Distributing"],
      },
      partner: {
        systemPriority: 32768,
        systemId: "00:e0:fc:12:34:60",
        portKey: 305,
        portPriority: 100,
        portNumber: 9,
        portState: "11100010",
        portStateBits: ["Activity", "Short Timeout", "Aggregation", "Defaulted"],
      },
      collectorMaxDelay: 5,
      tlvs: [
        [1, 20],
        [2, 20],
        [3, 16],
        [0, 0],
      ],
    },
    marker: null,
    flush: null,
    hello: null,
    bfd: null,
    fault: null,
  });
});

test("a Marker and its response are read by their names", () => {
  const fields = { version: 1, requesterPort: 7, requesterSystem: source, transaction: 0xdeadbeef };
  expect(one(marker)).toMatchObject({ what: "Marker", marker: { ...fields, tlv: [1, 16] }, fault: null });
  const response = markerFrame({ source, type: "response", requesterPort: 7, transaction: 0xdeadbeef });
  expect(one(response)).toMatchObject({ what: "Marker Response", marker: { ...fields, tlv: [2, 16] }, fault: null });
});

test("the text of a PDU names time, addresses, fields, state bits and the fault", () => {
  const [frame] = decoded(encodePcap([{ time: TIME, bytes: patched(tagged(lacpdu, 10), { 21: 19 }) }]));
  expect(frameText(frame!).split("\n")).toEqual([
    "    1  2026-11-20 11:28:01.123456  0200-0000-0001 > 0180-c200-0002  VLAN 10  LACPDU",
    "       Actor    System Priority 32768, System 00e0-fc12-3455, Key 305, Port Priority 100, Port 7, State 10111100 (Activity, Aggregation, Synchronization, Collecting, Distributing)",
    "       Partner  System Priority 32768, System 00e0-fc12-3460, Key 305, Port Priority 100, Port 9, State 11100010 (Activity, Short Timeout, Aggregation, Defaulted)",
    "       Version 1, Collector Max Delay 5",
    "       Fault: Actor_Information_Length is 19, must be 20 (802.1AX-2014 6.4.2.3)",
    "",
  ]);
  expect(frameText(one(marker)).split("\n")).toEqual([
    "    1  0200-0000-0001 > 0180-c200-0002  Marker",
    "       Version 1, Requester Port 7, Requester System 0200-0000-0001, Transaction 3735928559",
    "",
  ]);
});

test.for([
  ["truncated", lacpdu.slice(0, 123), "the PDU has 109 octets, must have 110 (802.1AX-2014 6.4.2.3)"],
  ["actor-length", patched(lacpdu, { 17: 21 }), "Actor_Information_Length is 21, must be 20 (802.1AX-2014 6.4.2.3)"],
  ["partner-length", patched(lacpdu, { 37: 0 }), "Partner_Information_Length is 0, must be 20 (802.1AX-2014 6.4.2.3)"],
  [
    "collector-length",
    patched(lacpdu, { 57: 17 }),
    "Collector_Information_Length is 17, must be 16 (802.1AX-2014 6.4.2.3)",
  ],
  ["port-zero", patched(lacpdu, { 31: 0 }), "Actor_Port is 0, a port number is 1 or more (802.1AX-2014 6.3.4)"],
  ["truncated", marker.slice(0, 60), "the PDU has 46 octets, must have 110 (802.1AX-2014 6.5.3.3)"],
  ["marker-length", patched(marker, { 17: 15 }), "Marker_Information_Length is 15, must be 16 (802.1AX-2014 6.5.3.3)"],
  [
    "marker-type",
    patched(marker, { 16: 3 }),
    "the TLV type is 3, must be 1 (Marker) or 2 (Marker Response) (802.1AX-2014 6.5.3.3)",
  ],
  ["no-subtype", lacpdu.slice(0, 14), "the frame ends with its EtherType, a subtype is needed (802.3 Annex 57A)"],
  ["illegal-subtype", patched(lacpdu, { 14: 0 }), "the subtype is 0, 1 to 10 are legal (802.3 Table 57A-3)"],
  ["illegal-subtype", patched(lacpdu, { 14: 11 }), "the subtype is 11, 1 to 10 are legal (802.3 Table 57A-3)"],
] as const)("%s is a fault with its clause", ([name, bytes, text]) => {
  const frame = one(bytes);
  expect(frame.fault?.name).toBe(name);
  expect(`${frame.fault?.text} (${frame.fault?.clause})`).toBe(text);
});

test("a PDU the capture cut short has no fault of its own", () => {
  const frame = one(lacpdu.slice(0, 64), { originalLength: 124 });
  expect(frame).toMatchObject({ what: "LACPDU", length: 124, cut: true, fault: null });
  expect(frameText(frame)).toContain("LACPDU  (cut short by the capture)");
});

test("octets after the PDU, a version above 1 and odd TLV types are no fault", () => {
  expect(one(joined(patched(lacpdu, { 15: 2, 16: 9 }), new Uint8Array(4)))).toMatchObject({
    fault: null,
    lacpdu: {
      version: 2,
      tlvs: [
        [9, 20],
        [2, 20],
        [3, 16],
        [0, 0],
      ],
    },
  });
});

const header = (type: string) => `ffffffffffff020000000001${type}`;

test.for([
  ["0800", "IPv4"],
  ["0806", "ARP"],
  ["86dd", "IPv6"],
  ["88cc", "LLDP"],
  ["888e", "EAPOL"],
  ["abcd", "EtherType 0xabcd"],
  ["88090300", "OAM"],
  ["88090a00", "OSSP"],
  ["88090500", "slow protocol 5"],
  ["8100000a0806", "ARP"],
  ["88a8000a8100000b0806", "ARP"],
  ["8100", "EtherType 0x8100"],
  ["0026424203", "STP"],
  ["0026aaaa03", "SNAP"],
  ["0026fefe03", "LLC"],
  ["0026", "LLC"],
])("a frame of type %s is %s", ([type, what]) => {
  expect(one(fromHex(header(type!)))).toMatchObject({ what, fault: null, lacpdu: null });
});

test("the outermost tag is the frame's VLAN", () => {
  expect(one(fromHex(header("88a8200a8100000b0806"))).vlan).toBe(10);
});

test("a frame shorter than its header is no PDU", () => {
  expect(one(lacpdu.slice(0, 13))).toMatchObject({ what: "a frame without a whole header", source: null, fault: null });
});

test("Linux cooked captures are read, both versions", () => {
  const pdu = lacpdu.slice(14);
  const address = fromHex("0200000000010000");
  const cooked = joined(numbers(false, [2, 2], [2, 1], [2, 6]), address, numbers(false, [2, 0x8809]), pdu);
  const cooked2 = joined(numbers(false, [2, 0x8809], [2, 0], [4, 3], [2, 1], [1, 2], [1, 6]), address, pdu);
  for (const [linkType, bytes] of [
    [113, cooked],
    [276, cooked2],
  ] as const) {
    expect(one(bytes, { linkType })).toMatchObject({ what: "LACPDU", source, destination: null, fault: null });
    expect(one(bytes.slice(0, 15), { linkType }).what).toBe("a frame without a whole header");
  }
});

test("a frame of another link type is named by its number", () => {
  expect(one(lacpdu, { linkType: 105 })).toMatchObject({ what: "link type 105", lacpdu: null });
});

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

test("any octets are a frame of some kind, on every link type", () => {
  const frame = fc.oneof(
    fc.uint8Array({ maxLength: 140 }),
    fc
      .array(fc.tuple(fc.nat(123), fc.nat(255)), { maxLength: 8 })
      .map((changes) => patched(lacpdu, Object.fromEntries(changes))),
  );
  fc.assert(
    fc.property(frame, fc.constantFrom(1, 113, 276, 0), (bytes, linkType) => {
      const decodedFrame = one(bytes, { linkType });
      expect(frameText(decodedFrame)).toContain(decodedFrame.what);
    }),
    { numRuns: 5_000 },
  );
});
