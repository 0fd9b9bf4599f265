// Frames to decode, and captures of them.
import type { CapturedFrame, OctetSource } from "../../src/cli/decode/capture-file.js";
import { readCapture } from "../../src/cli/decode/capture-file.js";
import { type DecodedFrame, decodeFrame } from "../../src/cli/decode/frame.js";
import { lacpduFrame, markerFrame } from "../support/frames.js";

export const source = "02:00:00:00:00:01";
const actor = {
  systemPriority: 32768,
  system: "00:e0:fc:12:34:55",
  key: 305,
  portPriority: 100,
  port: 7,
  state: "10111100",
};
const partner = { ...actor, system: "00:e0:fc:12:34:60", port: 9, state: "11100010" };
export const lacpdu = lacpduFrame({ source, actor, partner, collectorMaxDelay: 5 });
export const marker = markerFrame({ source, requesterPort: 7, transaction: 0xdeadbeef });
/** 2026-11-20 10:28:01.123456 UTC in microseconds. */
export const TIME = 1_795_170_481_123_456;

const octets = (file: Uint8Array): OctetSource => {
  let at = 0;
  return (count) => {
    const part = file.slice(at, at + count);
    at += part.length;
    return new DataView(part.buffer, part.byteOffset, part.byteLength);
  };
};

export const decoded = (file: Uint8Array): DecodedFrame[] =>
  [...readCapture(octets(file))].map((frame) => decodeFrame(frame));

export const one = (bytes: Uint8Array, parts: Partial<CapturedFrame> = {}): DecodedFrame =>
  decodeFrame({
    number: 1,
    time: undefined,
    linkType: 1,
    bytes: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    originalLength: bytes.length,
    ...parts,
  });

/** Numbers of some octets each, in one of the two byte orders. */
export const numbers = (little: boolean, ...parts: readonly (readonly [octets: number, value: number])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap(([length, value]) => {
      const big = Array.from({ length }, (_, n) => Math.floor(value / 256 ** (length - 1 - n)) % 256);
      return little ? big.reverse() : big;
    }),
  );

export const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
