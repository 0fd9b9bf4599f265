import fc from "fast-check";
import { expect, test } from "vitest";
import { frameText } from "../../src/cli/decode/decode.js";
import { type DecodedFrame, decodeFrame } from "../../src/cli/decode/frame.js";
import { flushFrame } from "../support/flush-frames.js";
import { patched } from "../support/frames.js";

const decode = (bytes: Uint8Array, originalLength = bytes.length): DecodedFrame =>
  decodeFrame({
    number: 1,
    time: undefined,
    linkType: 1,
    bytes: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    originalLength,
  });

const EPOCH = 1_795_170_481_123_456;

test("every field of a Flush is read by its name", () => {
  const frame = flushFrame({ mode: "hmac", password: "secret", epoch: EPOCH, sequence: 3, vlans: [1, 5, 6, 7, 4094] });
  expect(decode(frame)).toMatchObject({
    what: "Flush",
    destination: "01:0f:e2:00:00:04",
    source: "02:00:00:00:0a:01",
    vlan: 5,
    flush: {
      type: 1,
      version: 0,
      deviceId: "02:00:00:00:0a:00",
      controlVlan: 5,
      authentication: "hmac",
      epoch: String(EPOCH),
      sequence: 3,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      vlans: "1 5-7 4094",
    },
    fault: null,
  });
});

test("a Flush is printed as text", () => {
  const frame = flushFrame({ tag: null, mode: "sha", password: "secret", epoch: 7 });
  expect(frameText(decode(frame))).toBe(
    [
      "    1  0200-0000-0a01 > 010f-e200-0004  Flush",
      "       Type 1, Version 0, Device 0200-0000-0a00, Control VLAN 5, Epoch 7, Sequence 1",
      "       Authentication sha 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
      "       VLANs 1-4094",
      "",
    ].join("\n"),
  );
});

test("a plain password is not shown", () => {
  const shown = decode(flushFrame({ mode: "simple", password: "hunter2" }));
  const text = frameText(shown) + JSON.stringify(shown);
  expect(text).not.toContain("hunter2");
  expect(text).not.toContain(Buffer.from("hunter2").toString("hex"));
  expect(text).toContain("Authentication simple (password not shown)");
});

const untagged = flushFrame({ tag: null });

test.for([
  ["length", "there are 575 octets of 802.3 data, must be 576", untagged.slice(0, -1)],
  ["length", "there are 600 octets of 802.3 data, must be 576", new Uint8Array([...untagged, ...new Uint8Array(24)])],
  ["length", "the 802.3 length is 577, must be 576", patched(untagged, { 13: 0x41 })],
  ["snap", "LLC and SNAP are not AA-AA-03, 00-00-00, 88-B5", patched(untagged, { 21: 0xb6 })],
  ["version", "Control Version is 9, 0 is known", patched(untagged, { 23: 9 })],
  ["type", "Control Type is 2, must be 1 (delete MAC, ARP and ND entries)", patched(untagged, { 22: 2 })],
  ["control-vlan", "Control VLAN ID is 0, must be 1 to 4094", patched(untagged, { 31: 0 })],
  ["number", "Epoch is 72057594037927937, more than 2^53 - 1", patched(untagged, { 34: 1 })],
] as const)("the fault %s says: %s", ([name, text, frame]) => {
  expect(decode(frame).fault).toEqual({ name, text, clause: "Flush format of etrunkd, version 0" });
});

test("a capture that keeps the FCS, and one that kept too little, are no faults", () => {
  expect(decode(new Uint8Array([...untagged, 1, 2, 3, 4])).fault).toBeNull();
  expect(decode(untagged.slice(0, 96), untagged.length)).toMatchObject({ cut: true, fault: null, flush: null });
});

test("no octets to the Flush group make it throw", () => {
  const anything = fc.uint8Array({ maxLength: 700 });
  fc.assert(
    fc.property(anything, (octets) => {
      const frame = new Uint8Array([...untagged.slice(0, 12), ...octets]);
      expect(frameText(decode(frame)).length).toBeGreaterThan(0);
    }),
  );
});
