import { expect, it } from "vitest";
import type { Mac } from "../../../src/core/base/address.js";
import { HelloView, writeHello } from "../../../src/core/wire/etrunk-hello.js";

const FIELDS = {
  flags: 0,
  etrunk: 1,
  state: 3,
  reason: 1,
  priority: 10,
  selectMode: 0,
  failTime: 200,
  system: 0x00e0fc123455 as Mac,
  revertDelay: 120,
  epoch: 1,
  sequence: 1,
  peerEpoch: 0,
};
const MEMBER = {
  type: 1,
  workMode: 0,
  state: 2,
  reason: 5,
  localId: 1,
  remoteId: 1,
  flags: 15,
  availableLinks: 1,
  availableBandwidth: 1000,
  systemPriority: 32768,
  system: 0x00e0fc123455 as Mac,
  key: 305,
  revertRemaining: 0,
};

/** A good hello of one member, and what a change of one octet makes of it. */
function faultOf(change: (bytes: DataView, length: number) => number | undefined) {
  const bytes = new DataView(new ArrayBuffer(4_200));
  const { length } = writeHello(bytes, 0, FIELDS, {
    members: [MEMBER],
    software: "etrunkd",
    echoes: [],
    authentication: { mode: 3, keyId: 0 },
  });
  return new HelloView().wrap(bytes, 0, change(bytes, length) ?? length).fault();
}
const octet = (at: number, value: number) => (bytes: DataView) => {
  bytes.setUint8(at, value);
  return undefined;
};
const word = (at: number, value: number, length?: number) => (bytes: DataView) => {
  bytes.setUint16(at, value);
  return length;
};
const MEMBER_TLV = 40;

const rows: readonly [string, Parameters<typeof faultOf>[0], ReturnType<typeof faultOf>][] = [
  ["as it should be", () => undefined, undefined],
  ["another version", octet(0, 2), "version"],
  ["nothing at all", () => 0, "length"],
  ["cut short", (_, length) => length - 1, "length"],
  ["longer than it says", (_, length) => length + 1, "length"],
  ["longer than 4,096 octets", word(2, 4_097, 4_097), "length"],
  ["E-Trunk 0", octet(5, 0), "etrunk-id"],
  ["E-Trunk 513", word(4, 513), "etrunk-id"],
  ["state 0", octet(6, 0), "state"],
  ["state 4", octet(6, 4), "state"],
  ["reason 9", octet(7, 9), "reason"],
  ["priority 0", octet(8, 0), "priority"],
  ["priority 255", octet(8, 255), "priority"],
  ["a fail time of 1.4 s", word(10, 14), "fail-time"],
  ["no fail time carried", word(10, 0), undefined],
  ["an epoch above 2^53", octet(20, 1), "number"],
  ["a TLV longer than what is left", word(MEMBER_TLV + 2, 400), "tlv"],
  ["a member cut short", word(MEMBER_TLV + 2, 27), "tlv"],
  ["a member in state 7", octet(MEMBER_TLV + 4 + 2, 7), "tlv"],
  ["an unknown TLV in a member's place", word(MEMBER_TLV, 77), undefined],
];
it.for(rows)("%s", ([, change, fault]) => {
  expect(faultOf(change)).toBe(fault);
});
