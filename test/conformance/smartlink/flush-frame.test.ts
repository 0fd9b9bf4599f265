import { describe, expect, test } from "vitest";
import type { Outgoing } from "../../../src/core/base/protocol.js";
import { micros } from "../../../src/core/base/time.js";
import type { DesiredFlushKey } from "../../../src/core/contract/desired/flush.js";
import { FlushSender } from "../../../src/core/smartlink/flush-sender.js";
import { vlanTag } from "../../../src/core/wire/ethernet.js";
import { FLUSH_LENGTH, type FlushFault, FlushView, flush, snap } from "../../../src/core/wire/flush.js";
import { digests } from "../../../src/linux/digests.js";
import { macOf } from "../../support/desired.js";
import { type FlushParts, flushFrame, readFlush } from "../../support/flush-frames.js";
import { patched, toHex } from "../../support/frames.js";

const TEXT = new TextEncoder();
const keyOf = (mode: DesiredFlushKey["mode"], password = ""): DesiredFlushKey => ({
  mode,
  octets: TEXT.encode(password),
});

/** What our sender writes into a buffer that was used before. */
function written(parts: Partial<FlushParts>): Uint8Array {
  const { mode = "none", password = "", vlans = "all", tag = 5, controlVlan = 5 } = parts;
  const sender = new FlushSender(0x0006_1234_5678_9abc, digests);
  sender.device = macOf("02:00:00:00:0a:00");
  const sending = {
    controlVlan,
    isTagged: tag !== null,
    vlans: vlans === "all" ? undefined : vlans,
    key: keyOf(mode, password),
  };
  sender.send({ trunk: 1, index: 7, name: "eth1", source: macOf("02:00:00:00:0a:01"), sending, reason: "" }, micros(0));
  const out: Outgoing = {
    bytes: new DataView(new Uint8Array(2_000).fill(0xee).buffer),
    start: 13,
    length: 0,
    to: -1,
  };
  expect(sender.transmit(out, micros(0))).toBe(true);
  expect(out.to).toBe(7);
  return new Uint8Array(out.bytes.buffer, out.start, out.length).slice();
}

const FORMS: readonly [form: string, parts: Partial<FlushParts>][] = [
  ["all VLANs, no authentication", {}],
  ["untagged", { tag: null }],
  ["VLANs at the ends of octets", { vlans: [1, 7, 8, 15, 16, 4087, 4088, 4094] }],
  ["no VLAN", { vlans: [] }],
  ["a plain password", { mode: "simple", password: "a password of 32 octets, no more!".slice(0, 32) }],
  ["a short plain password", { mode: "simple", password: "x" }],
  ["a hashed password", { mode: "sha", password: "secret-1" }],
  ["an HMAC", { mode: "hmac", password: "secret-1", vlans: [5, 10, 11] }],
  ["the greatest control VLAN", { tag: 4094, controlVlan: 4094 }],
];

test.for(FORMS)("a Flush with %s is exact to the octet", ([, parts]) => {
  const expected = flushFrame({ ...parts, epoch: 0x0006_1234_5678_9abc, sequence: 1 });
  expect(toHex(written(parts))).toBe(toHex(expected));
});

test("the golden frame stays what it is", () => {
  const frame = toHex(written({ vlans: [1, 5, 4094] }));
  expect(frame.slice(0, -1024)).toBe(
    "010fe2000004" + // to the group
      "020000000a01" + // from the port
      "81000005" + // in the control VLAN
      "0240" + // 576 octets follow
      "aaaa03" + // LLC
      "00000088b5" + // SNAP, local experimental
      "0100" + // delete, version 0
      "020000000a00" + // device ID
      "0005" + // control VLAN
      "0000" + // no authentication, reserved
      "0006123456789abc" + // epoch
      "00000001" + // sequence
      "00".repeat(32), // password field
  );
  const vlans = frame.slice(frame.length - 1024);
  expect(vlans).toBe(`44${"00".repeat(510)}02`);
  expect(frame.length / 2).toBe(594);
});

test("the layouts have the sizes and offsets of the format", () => {
  expect(flush.size).toBe(568);
  expect(snap.size).toBe(10);
  expect(vlanTag.size).toBe(4);
  expect(FLUSH_LENGTH).toBe(576);
  const { type, version, device, controlVlan, authentication, epoch, sequence, password, vlans } = flush.at;
  expect([type, version, device, controlVlan, authentication, epoch, sequence, password, vlans]).toEqual([
    0, 1, 2, 8, 10, 12, 20, 24, 56,
  ]);
});

/** Where the parts of an untagged frame begin. */
const LENGTH_AT = 12;
const LLC_AT = 14;
const PDU_AT = 22;

const untagged = flushFrame({ tag: null });
const faultOf = (frame: Uint8Array): FlushFault | undefined =>
  new FlushView().wrap(new DataView(frame.slice().buffer), LENGTH_AT, frame.length - LENGTH_AT).fault();

const FAULTS: readonly [what: string, fault: FlushFault | undefined, frame: Uint8Array][] = [
  ["as it should be", undefined, untagged],
  ["empty", "length", untagged.slice(0, LENGTH_AT)],
  ["cut by an octet", "length", untagged.slice(0, -1)],
  ["an octet longer", "length", new Uint8Array([...untagged, 0])],
  ["as long as a frame can be", "length", new Uint8Array([...untagged, ...new Uint8Array(924)])],
  ["of another 802.3 length", "length", patched(untagged, { [LENGTH_AT + 1]: 0x41 })],
  ["of an EtherType", "length", patched(untagged, { [LENGTH_AT]: 0x88, [LENGTH_AT + 1]: 0xb5 })],
  ["of another LLC", "snap", patched(untagged, { [LLC_AT]: 0x42 })],
  ["of another SNAP organisation", "snap", patched(untagged, { [LLC_AT + 5]: 1 })],
  ["of another SNAP protocol", "snap", patched(untagged, { [LLC_AT + 7]: 0xb6 })],
  ["of version 1", "version", patched(untagged, { [PDU_AT + 1]: 1 })],
  ["of type 0", "type", patched(untagged, { [PDU_AT]: 0 })],
  ["of type 2", "type", patched(untagged, { [PDU_AT]: 2 })],
  ["of control VLAN 0", "control-vlan", patched(untagged, { [PDU_AT + 9]: 0 })],
  ["of control VLAN 4095", "control-vlan", patched(untagged, { [PDU_AT + 8]: 0x0f, [PDU_AT + 9]: 0xff })],
  ["of an epoch beyond 2^53", "number", patched(untagged, { [PDU_AT + 12]: 0x01 })],
  ["with something in the reserved octet", undefined, patched(untagged, { [PDU_AT + 11]: 0xff })],
];

test.for(FAULTS)("a Flush %s: %s", ([, fault, frame]) => {
  expect(faultOf(frame)).toBe(fault);
});

describe("the test's own builder", () => {
  test.for(FORMS)("reads what it wrote: %s", ([, parts]) => {
    const read = readFlush(flushFrame(parts));
    expect(read).toMatchObject({ tag: 5, vlans: "all", ...parts, password: read?.password });
  });
});
