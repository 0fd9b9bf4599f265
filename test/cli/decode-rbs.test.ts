import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameText } from "../../src/cli/decode/decode.js";
import { type DecodedFrame, decodeFrame } from "../../src/cli/decode/frame.js";
import { RbsStreams } from "../../src/cli/decode/rbs.js";
import { everyMessage, openBody, rbsMessage } from "../support/rbs-messages.js";
import { tcpFrame, tcpStream } from "../support/tcp-frames.js";

/** The frames of one capture. */
function decode(frames: readonly Uint8Array[], kept = 65_535): DecodedFrame[] {
  const context = { streams: new RbsStreams() };
  return frames.map((whole, n) => {
    const bytes = whole.slice(0, kept);
    const captured = { number: n + 1, time: undefined, linkType: 1, originalLength: whole.length };
    return decodeFrame({ ...captured, bytes: new DataView(bytes.buffer) }, context);
  });
}

const messagesOf = (frames: readonly DecodedFrame[]) => frames.flatMap(({ rbs }) => rbs?.messages ?? []);
const typesOf = (frames: readonly DecodedFrame[]) => messagesOf(frames).map(({ type }) => type);
const stream = new Uint8Array(Buffer.concat(everyMessage().map((message) => Buffer.from(message))));
const TYPES = [
  "OPEN",
  "KEEPALIVE",
  "PROFILE-STATE",
  "BATCH-BEGIN",
  "ENTRIES",
  "ENTRIES",
  "ENTRIES",
  "ENTRIES",
  "BATCH-END",
  "ACK",
  "REFRESH",
  "DIGEST",
  "RELAY",
  "CLOSE",
];

test("every message and record as text", () => {
  const [frame] = decode(tcpStream(stream, []));
  expect(frame && frameText(frame)).toMatchSnapshot();
});

test("numbers stand in words in JSON", () => {
  const frames = decode(tcpStream(stream, []));
  const { rbs } = JSON.parse(JSON.stringify(frames[0])) as { rbs: { messages: { body: object }[] } };
  expect(rbs).toMatchObject({ source: "192.0.2.2", destination: "192.0.2.1", sourcePort: 40_000, begun: 0 });
  expect(rbs.messages.map(({ body }) => body)).toMatchSnapshot();
});

test("messages are found wherever segments end, also where sequence numbers begin again at 0", () => {
  const all = decode(tcpStream(stream, []));
  const expected = JSON.stringify(messagesOf(all));
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 17, max: stream.length }), { maxLength: 20 }),
      fc.boolean(),
      (cuts, wraps) => {
        const frames = decode(tcpStream(stream, cuts, wraps ? 0xffff_ff00 : 1_000));
        expect(JSON.stringify(messagesOf(frames))).toBe(expected);
        expect(frames.every(({ what, fault }) => what === "RBS" && fault === null)).toBe(true);
      },
    ),
  );
});

test("a segment that comes twice is read once", () => {
  const segments = tcpStream(stream, [60, 200, 300]);
  const [first, second, third, fourth] = segments as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  expect(typesOf(decode([first, second, second, first, third, fourth, fourth]))).toEqual(TYPES);
});

test("after a segment that is missing the stream is found again at the beginning of a message", () => {
  const lengths = everyMessage().map(({ length }) => length);
  const ends = lengths.map((_, n) => lengths.slice(0, n + 1).reduce((sum, length) => sum + length, 0));
  const segments = tcpStream(stream, ends);
  const frames = decode(segments.filter((_, n) => n !== 3));
  expect(typesOf(frames)).toEqual(TYPES.filter((_, n) => n !== 3));
  expect(frames.every(({ fault }) => fault === null)).toBe(true);
});

describe("a stream with", () => {
  const open = rbsMessage("OPEN", 1, openBody([{ backupId: 10 }]));
  const faulty: readonly (readonly [string, Uint8Array, string, string])[] = [
    ["version 2", rbsMessage("OPEN", 1, openBody([]), { version: 2 }), "version", "the version is not 1"],
    [
      "backup-id 0",
      rbsMessage("OPEN", 1, openBody([{ backupId: 0 }])),
      "value",
      "a field has a value out of its range",
    ],
    ["two OPEN of one number", new Uint8Array([...open, ...open]), "sequence", "the sequence is 1, must be 2"],
    ["octets behind a message", new Uint8Array([...open, 0, 0]), "magic", "a message does not begin with 0x5242"],
  ];
  test.for(faulty)("%s has a fault", ([, octets, name, text]) => {
    const [frame] = decode(tcpStream(octets, []));
    expect(frame?.fault).toEqual({ name, text, clause: "RBS of etrunkd, version 1" });
  });
});

test("a capture that keeps too little of a segment has no fault of the stream", () => {
  const frames = decode(tcpStream(stream, [300]), 100);
  expect(frames.map(({ what, fault }) => [what, fault])).toEqual([
    ["RBS", null],
    ["IPv4", null],
  ]);
});

test("other TCP, the beginning of a connection and an empty segment are none of ours", () => {
  const parts = { source: "2001:db8::1", destination: "2001:db8::2", sourcePort: 1, destinationPort: 2, sequence: 0 };
  const others = [
    tcpFrame({ ...parts, payload: Buffer.from("GET / HTTP/1.1\r\n\r\n") }),
    tcpFrame({ ...parts, flags: 2, payload: new Uint8Array() }),
    tcpFrame({ ...parts, payload: new Uint8Array() }),
  ];
  expect(decode(others).map(({ what, rbs, fault }) => [what, rbs, fault])).toEqual(
    others.map(() => ["IPv6", null, null]),
  );
});

test("no octets make it throw", () => {
  const changes = fc.array(fc.tuple(fc.integer({ min: 12, max: 700 }), fc.integer({ min: 0, max: 255 })), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 4 }), changes, fc.nat(900), (cuts, octets, kept) => {
      const frames = tcpStream(stream, cuts);
      for (const frame of frames) for (const [at, octet] of octets) if (at < frame.length) frame[at] = octet;
      for (const frame of decode(frames, kept)) {
        frameText(frame);
        JSON.stringify(frame);
      }
    }),
  );
});
