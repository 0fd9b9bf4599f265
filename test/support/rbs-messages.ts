// Messages of the remote backup service built from hexadecimal text by the tables of formats/rbs.md. Nothing here uses src/core/wire.
import { Wholeness } from "../../src/core/rbs/wholeness.js";
import { fromHex } from "./frames.js";

const hex = (value: number, octets: number): string => value.toString(16).padStart(octets * 2, "0");

const TYPES = {
  OPEN: 1,
  KEEPALIVE: 2,
  "PROFILE-STATE": 3,
  "BATCH-BEGIN": 4,
  ENTRIES: 5,
  "BATCH-END": 6,
  ACK: 7,
  REFRESH: 8,
  DIGEST: 9,
  CLOSE: 10,
  RELAY: 11,
};
type Type = keyof typeof TYPES;

/** A message around a body in hexadecimal digits; blanks are skipped. */
export function rbsMessage(
  type: Type | number,
  sequence: number,
  body = "",
  own: { readonly version?: number; readonly length?: number } = {},
): Uint8Array {
  const digits = body.replaceAll(" ", "");
  const { version = 1, length = 16 + digits.length / 2 } = own;
  const number = typeof type === "number" ? type : TYPES[type];
  return fromHex(`5242${hex(version, 1)}${hex(number, 1)}${hex(length, 4)}${hex(sequence, 8)}${digits}`);
}

export interface ProfileParts {
  readonly backupId: number;
  readonly state?: number;
  readonly mode?: number;
  readonly etrunk?: number;
  readonly trunk?: number;
  readonly remoteTrunk?: number;
  readonly workMode?: number;
  readonly services?: readonly number[];
}

/** Body of OPEN: 20 s x 8 and epoch 7 unless said. */
export function openBody(
  profiles: readonly ProfileParts[],
  { epoch = 7, keepalive = 20, multiplier = 8, flags = 0 } = {},
): string {
  const each = profiles.map((profile) => {
    const {
      backupId,
      state = 0,
      mode = 1,
      etrunk = 1,
      trunk = 1,
      remoteTrunk = 1,
      workMode = 0,
      services = [5],
    } = profile;
    const codes = services.map((code) => hex(code, 1)).join("");
    return [
      hex(14 + services.length, 2),
      hex(backupId, 2),
      hex(state, 1),
      hex(mode, 1),
      hex(etrunk, 2),
      hex(trunk, 2),
      hex(remoteTrunk, 2),
      hex(workMode, 1),
      hex(services.length, 1),
      codes,
    ].join("");
  });
  const head = hex(epoch, 8) + hex(keepalive, 2) + hex(multiplier, 1) + hex(flags, 1) + hex(profiles.length, 2);
  return head + each.join("");
}

const ARP = "0001 000a 0000 0000 c0a8010b 00e0fc410201 0000 0000003c";
const ND = `0001 0000 0000 0001 ${"20010db8000000000000000000000011"} 00e0fc410202 0000 00000005`;
const IGMP = "0001 000a 0000 02 03 e1010101 0a010105 0003f7a0 00000000 0001 0000 0a000001 00001388";
const MLD = `0002 0000 0000 01 02 ${"ff3e0000000000000000000000000001"} ${"fe800000000000000000000000000005"} 0003f7a0 00000000 0000 0000`;

/** A record around its fixed part. */
export const recordHex = (fixed: string, operation = 1): string => {
  const digits = fixed.replaceAll(" ", "");
  return `${hex(operation, 1)}00${hex(4 + digits.length / 2, 2)}${digits}`;
};

/** Body of ENTRIES of Backup-ID 10. */
export const entriesBody = (service: number, records: readonly string[], flags = 0): string =>
  `000a${hex(service, 1)}${hex(flags, 1)}00000002${hex(records.length, 2)}0000${records.join("")}`;

const DIGEST = "000a 05 00 00000002 00000001 0123456789abcdef";

/** One message of each type and, of ENTRIES, of each service; the sequence counts from 1. */
export const everyMessage = (): Uint8Array[] => {
  const bodies: readonly [Type, string][] = [
    [
      "OPEN",
      openBody([
        { backupId: 10, state: 2, services: [5, 32] },
        { backupId: 11, etrunk: 0, trunk: 0, services: [] },
      ]),
    ],
    ["KEEPALIVE", hex(4, 8)],
    ["PROFILE-STATE", "000a 02 00 00000001"],
    ["BATCH-BEGIN", "000a 05 00 00000002 00000001"],
    ["ENTRIES", entriesBody(5, [recordHex(ARP), recordHex(ARP, 2)], 1)],
    ["ENTRIES", entriesBody(32, [recordHex(ND)])],
    ["ENTRIES", entriesBody(21, [recordHex(IGMP)])],
    ["ENTRIES", entriesBody(36, [recordHex(MLD)])],
    ["BATCH-END", DIGEST],
    ["ACK", hex(9, 8)],
    ["REFRESH", "000a 05 02"],
    ["DIGEST", DIGEST],
    ["RELAY", "000a 15 00 000a 0000 0001 0000 46c0002000000000"],
    ["CLOSE", `0003${Buffer.from("record cut short").toString("hex")}`],
  ];
  return bodies.map(([type, body], n) => rbsMessage(type, n + 1, body));
};

/** Of an end that keeps no tables. */
export const NO_TABLES = { of: () => undefined, wholeness: new Wholeness() };
