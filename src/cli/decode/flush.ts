import { macToColons } from "../../core/base/address.js";
import { GREATEST_VLAN, LEAST_VLAN, vlansOf } from "../../core/base/vlan-set.js";
import {
  AUTHENTICATION_HMAC,
  AUTHENTICATION_NONE,
  AUTHENTICATION_SHA,
  AUTHENTICATION_SIMPLE,
  FLUSH_LENGTH,
  FLUSH_SIZE,
  type FlushFault,
  FlushView,
  flush,
  snap,
} from "../../core/wire/flush.js";
import { printMac } from "../layout.js";

/** A Smart-Link Flush. Our own format, not that of VRP. */
export interface DecodedFlush {
  readonly type: number;
  readonly version: number;
  readonly deviceId: string;
  readonly controlVlan: number;
  /** `none`, `simple`, `sha`, `hmac`, or the number of an unknown mode. */
  readonly authentication: string;
  /** Microseconds since 1970, a decimal number; beyond 2^53 it is a fault. */
  readonly epoch: string;
  readonly sequence: number;
  /** Hexadecimal; null where there is none, and where it is a plain password. */
  readonly digest: string | null;
  /** Ranges: `1-4094`, `5 10-12`; empty for none. */
  readonly vlans: string;
}

export interface DecodedFlushFault {
  readonly name: FlushFault;
  readonly text: string;
  readonly clause: string;
}

const CLAUSE = "Flush format of etrunkd, version 0";

const MODES = new Map([
  [AUTHENTICATION_NONE, "none"],
  [AUTHENTICATION_SIMPLE, "simple"],
  [AUTHENTICATION_SHA, "sha"],
  [AUTHENTICATION_HMAC, "hmac"],
]);
const HAS_DIGEST: readonly number[] = [AUTHENTICATION_SHA, AUTHENTICATION_HMAC];

/** Octets of the FCS, which some captures keep. */
const FCS_SIZE = 4;

const view = new FlushView();

/** Reads a frame to the Flush group from its 802.3 length on. */
export function judgeFlush(
  bytes: DataView,
  start: number,
): { readonly flush: DecodedFlush | null; readonly fault: DecodedFlushFault | null } {
  const rest = bytes.byteLength - start;
  const length = rest === FLUSH_SIZE + FCS_SIZE ? FLUSH_SIZE : rest;
  const name = view.wrap(bytes, start, length).fault();
  const isWhole = length >= FLUSH_SIZE && name !== "snap";
  return {
    flush: isWhole ? decoded(bytes, start) : null,
    fault: name === undefined ? null : { name, text: faultText(name, bytes, start), clause: CLAUSE },
  };
}

function decoded(bytes: DataView, start: number): DecodedFlush {
  const pdu = start + snap.size;
  const { at } = flush;
  const mode = view.authentication;
  const hex = [...view.password].map((octet) => octet.toString(16).padStart(2, "0")).join("");
  return {
    type: bytes.getUint8(pdu + at.type),
    version: bytes.getUint8(pdu + at.version),
    deviceId: macToColons(view.device),
    controlVlan: view.controlVlan,
    authentication: MODES.get(mode) ?? String(mode),
    epoch: String(bytes.getBigUint64(pdu + at.epoch)),
    sequence: view.sequence,
    digest: HAS_DIGEST.includes(mode) ? hex : null,
    vlans: rangesOf(vlansOf(view.vlans)),
  };
}

function rangesOf(vlans: readonly number[]): string {
  const ranges: string[] = [];
  for (let at = 0; at < vlans.length; ) {
    const first = at;
    while (vlans[at + 1] === (vlans[at] ?? 0) + 1) at++;
    ranges.push(at === first ? `${vlans[first]}` : `${vlans[first]}-${vlans[at]}`);
    at++;
  }
  return ranges.join(" ");
}

function faultText(name: FlushFault, bytes: DataView, start: number): string {
  const pdu = start + snap.size;
  const { at } = flush;
  switch (name) {
    case "length": {
      const octets = bytes.byteLength - start - 2;
      if (octets !== FLUSH_LENGTH)
        return `there are ${Math.max(0, octets)} octets of 802.3 data, must be ${FLUSH_LENGTH}`;
      return `the 802.3 length is ${bytes.getUint16(start)}, must be ${FLUSH_LENGTH}`;
    }
    case "snap":
      return "LLC and SNAP are not AA-AA-03, 00-00-00, 88-B5";
    case "version":
      return `Control Version is ${bytes.getUint8(pdu + at.version)}, 0 is known`;
    case "type":
      return `Control Type is ${bytes.getUint8(pdu + at.type)}, must be 1 (delete MAC, ARP and ND entries)`;
    case "control-vlan":
      return `Control VLAN ID is ${view.controlVlan}, must be ${LEAST_VLAN} to ${GREATEST_VLAN}`;
    case "number":
      return `Epoch is ${bytes.getBigUint64(pdu + at.epoch)}, more than 2^53 - 1`;
  }
}

/** The fields as lines of text. */
export function flushLines(pdu: DecodedFlush): string[] {
  const { type, version, deviceId, controlVlan, authentication, epoch, sequence, digest, vlans } = pdu;
  const authenticated =
    digest !== null
      ? `Authentication ${authentication} ${digest}`
      : `Authentication ${authentication}${authentication === "simple" ? " (password not shown)" : ""}`;
  return [
    `       Type ${type}, Version ${version}, Device ${printMac(deviceId)}, Control VLAN ${controlVlan}, Epoch ${epoch}, Sequence ${sequence}`,
    `       ${authenticated}`,
    `       VLANs ${vlans === "" ? "none" : vlans}`,
  ];
}
