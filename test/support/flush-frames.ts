// Flush frames built from hexadecimal text by the table of the format, and read back the same way. Nothing here uses
// src/core/wire or src/core/smartlink, so a field at a wrong place there shows.
import { createHash, createHmac } from "node:crypto";
import { fromHex, toHex } from "./frames.js";

type FlushMode = "none" | "simple" | "sha" | "hmac";

export interface FlushParts {
  readonly source: string;
  readonly device: string;
  /** The tag; null for none. */
  readonly tag: number | null;
  readonly controlVlan: number;
  readonly mode: FlushMode;
  readonly password: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly vlans: readonly number[] | "all";
  readonly type: number;
  readonly version: number;
}

const FLUSH_DEFAULTS: FlushParts = {
  source: "02:00:00:00:0a:01",
  device: "02:00:00:00:0a:00",
  tag: 5,
  controlVlan: 5,
  mode: "none",
  password: "",
  epoch: 1,
  sequence: 1,
  vlans: "all",
  type: 1,
  version: 0,
};

const MODES: readonly FlushMode[] = ["none", "simple", "sha", "hmac"];
/** Offset of the password field, and the octets of the three parts around it. */
const PASSWORD_AT = 24;
const PASSWORD_LENGTH = 32;
const BITMAP_AT = 56;
const PDU_LENGTH = 568;
/** Addresses, 802.3 length, LLC and SNAP. */
const HEAD_LENGTH = 22;

const hex = (value: number, octets: number): string => value.toString(16).padStart(octets * 2, "0");
const bareMac = (mac: string): string => mac.replaceAll(":", "");

function bitmap(vlans: FlushParts["vlans"]): string {
  const wanted = new Set(vlans === "all" ? Array.from({ length: 4094 }, (_, n) => n + 1) : vlans);
  let bits = "";
  for (let vlan = 0; vlan < 4096; vlan++) bits += wanted.has(vlan) ? "1" : "0";
  return (bits.match(/.{8}/g) ?? []).map((octet) => hex(Number.parseInt(octet, 2), 1)).join("");
}

function passwordField(pdu: string, mode: FlushMode, password: string): string {
  switch (mode) {
    case "none":
      return "00".repeat(PASSWORD_LENGTH);
    case "simple":
      return toHex(new TextEncoder().encode(password)).padEnd(PASSWORD_LENGTH * 2, "0");
    case "sha":
      return createHash("sha256").update(password).digest("hex");
    case "hmac":
      return createHmac("sha256", password).update(fromHex(pdu)).digest("hex");
  }
}

/** A whole frame: 590 octets, 594 with a tag. */
export function flushFrame(parts: Partial<FlushParts> = {}): Uint8Array {
  const { source, device, tag, controlVlan, mode, password, epoch, sequence, vlans, type, version } = {
    ...FLUSH_DEFAULTS,
    ...parts,
  };
  const before =
    hex(type, 1) +
    hex(version, 1) +
    bareMac(device) +
    hex(controlVlan, 2) +
    hex(MODES.indexOf(mode), 1) +
    "00" +
    hex(epoch, 8) +
    hex(sequence, 4);
  const unsigned = `${before}${"00".repeat(PASSWORD_LENGTH)}${bitmap(vlans)}`;
  const pdu = `${before}${passwordField(unsigned, mode, password)}${bitmap(vlans)}`;
  const vlanTag = tag === null ? "" : `8100${hex(tag, 2)}`;
  return fromHex(`010fe2000004${bareMac(source)}${vlanTag}0240aaaa0300000088b5${pdu}`);
}

/** Reads a Flush frame; undefined when the frame is something else. */
export function readFlush(frame: Uint8Array): FlushParts | undefined {
  const text = toHex(frame);
  if (!text.startsWith("010fe2000004")) return undefined;
  const isTagged = text.slice(24, 28) === "8100";
  const bare = isTagged ? text.slice(0, 24) + text.slice(32) : text;
  if (bare.slice(24, HEAD_LENGTH * 2) !== "0240aaaa0300000088b5") return undefined;
  const pdu = bare.slice(HEAD_LENGTH * 2);
  if (pdu.length !== PDU_LENGTH * 2) return undefined;
  const at = (offset: number, octets: number): string => pdu.slice(offset * 2, (offset + octets) * 2);
  const number = (offset: number, octets: number): number => Number.parseInt(at(offset, octets), 16);
  const bits = [...fromHex(at(BITMAP_AT, 512))].map((octet) => octet.toString(2).padStart(8, "0")).join("");
  const vlans = [...bits].flatMap((bit, vlan) => (bit === "1" ? [vlan] : []));
  const mode = MODES[number(10, 1)] ?? "none";
  const password = at(PASSWORD_AT, PASSWORD_LENGTH);
  return {
    source: text.slice(12, 24).replace(/..(?=.)/g, "$&:"),
    device: at(2, 6).replace(/..(?=.)/g, "$&:"),
    tag: isTagged ? Number.parseInt(text.slice(28, 32), 16) & 0xfff : null,
    controlVlan: number(8, 2),
    mode,
    password: mode === "simple" ? Buffer.from(password.replace(/(00)+$/, ""), "hex").toString() : password,
    epoch: number(12, 8),
    sequence: number(20, 4),
    vlans: vlans.length === 4094 && vlans[0] === 1 ? "all" : vlans,
    type: number(0, 1),
    version: number(1, 1),
  };
}
