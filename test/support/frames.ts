// Frames built from hexadecimal text by the offsets of the clause, and read back the same way. Nothing here uses
// src/core/wire, so a field at a wrong place there shows.

/** One end as an LACPDU names it. MAC addresses as `02:00:00:00:00:01`, the state octet as text, bit 0 first. */
export interface End {
  readonly systemPriority: number;
  readonly system: string;
  readonly key: number;
  readonly portPriority: number;
  readonly port: number;
  readonly state: string;
}

export const NOBODY: End = {
  systemPriority: 0,
  system: "00:00:00:00:00:00",
  key: 0,
  portPriority: 0,
  port: 0,
  state: "00000000",
};

interface Addresses {
  readonly destination: string;
  readonly source: string;
}

export interface LacpduParts extends Addresses {
  readonly version: number;
  readonly actor: End;
  readonly partner: End;
  readonly collectorMaxDelay: number;
}

export interface MarkerParts extends Addresses {
  readonly type: "information" | "response";
  readonly requesterPort: number;
  readonly requesterSystem: string;
  readonly transaction: number;
}

const SLOW_PROTOCOLS_GROUP = "01:80:c2:00:00:02";

const hex = (value: number, octets: number): string => value.toString(16).padStart(octets * 2, "0");
const zeros = (octets: number): string => "00".repeat(octets);
const bareMac = (mac: string): string => mac.replaceAll(":", "");
const colons = (text: string): string => text.replace(/..(?=.)/g, "$&:");

/** `10111100` -> 0x3d: displays print bit 0 first. */
export const stateOctet = (text: string): number => Number.parseInt([...text].reverse().join(""), 2);
export const stateText = (octet: number): string => [...octet.toString(2).padStart(8, "0")].reverse().join("");

export const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replace(/[^0-9a-f]/gi, ""), "hex"));
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** 802.1AX-2014 6.4.2.3.2: 18 octets of an Actor or Partner Information TLV after its type and length. */
const endHex = (end: End): string =>
  hex(end.systemPriority, 2) +
  bareMac(end.system) +
  hex(end.key, 2) +
  hex(end.portPriority, 2) +
  hex(end.port, 2) +
  hex(stateOctet(end.state), 1) +
  zeros(3);

const header = ({ destination, source }: Addresses, type: string): string =>
  bareMac(destination) + bareMac(source) + type;

/** A whole frame with an LACPDU, 124 octets; what is left out has the values of a fresh partner. */
export function lacpduFrame(parts: Partial<LacpduParts> & { readonly source: string }): Uint8Array {
  const { destination = SLOW_PROTOCOLS_GROUP, version = 1, actor = NOBODY, partner = NOBODY } = parts;
  return fromHex(
    header({ destination, source: parts.source }, "8809") +
      `01${hex(version, 1)}` +
      `0114${endHex(actor)}` +
      `0214${endHex(partner)}` +
      `0310${hex(parts.collectorMaxDelay ?? 0, 2)}${zeros(12)}` +
      `0000${zeros(50)}`,
  );
}

/** A whole frame with a Marker or Marker Response PDU, 124 octets. */
export function markerFrame(parts: Partial<MarkerParts> & { readonly source: string }): Uint8Array {
  const { destination = SLOW_PROTOCOLS_GROUP, type = "information", requesterPort = 1, transaction = 1 } = parts;
  return fromHex(
    header({ destination, source: parts.source }, "8809") +
      `0201${type === "information" ? "01" : "02"}10` +
      hex(requesterPort, 2) +
      bareMac(parts.requesterSystem ?? parts.source) +
      hex(transaction, 4) +
      zeros(2) +
      `0000${zeros(90)}`,
  );
}

const octetAt = (frame: Uint8Array, offset: number): number =>
  Number.parseInt(toHex(frame.slice(offset, offset + 1)), 16);
const pairAt = (frame: Uint8Array, offset: number): number =>
  Number.parseInt(toHex(frame.slice(offset, offset + 2)), 16);
const macAt = (frame: Uint8Array, offset: number): string => colons(toHex(frame.slice(offset, offset + 6)));

const endAt = (frame: Uint8Array, offset: number): End => ({
  systemPriority: pairAt(frame, offset),
  system: macAt(frame, offset + 2),
  key: pairAt(frame, offset + 8),
  portPriority: pairAt(frame, offset + 10),
  port: pairAt(frame, offset + 12),
  state: stateText(octetAt(frame, offset + 14)),
});

const addressesOf = (frame: Uint8Array): Addresses => ({ destination: macAt(frame, 0), source: macAt(frame, 6) });
const isSlowFrame = (frame: Uint8Array, subtype: number): boolean =>
  frame.length >= 124 && pairAt(frame, 12) === 0x8809 && octetAt(frame, 14) === subtype;

/** The fields of an untagged LACPDU frame; undefined when it is something else. */
export function readLacpdu(frame: Uint8Array): LacpduParts | undefined {
  if (!isSlowFrame(frame, 1)) return undefined;
  return {
    ...addressesOf(frame),
    version: octetAt(frame, 15),
    actor: endAt(frame, 18),
    partner: endAt(frame, 38),
    collectorMaxDelay: pairAt(frame, 58),
  };
}

/** The fields of an untagged Marker frame; undefined when it is something else. */
export function readMarker(frame: Uint8Array): MarkerParts | undefined {
  if (!isSlowFrame(frame, 2)) return undefined;
  return {
    ...addressesOf(frame),
    type: octetAt(frame, 16) === 1 ? "information" : "response",
    requesterPort: pairAt(frame, 18),
    requesterSystem: macAt(frame, 20),
    transaction: Number.parseInt(toHex(frame.slice(26, 30)), 16),
  };
}

/** The frame with some octets replaced: offsets count from the destination address. */
export function patched(frame: Uint8Array, octets: { readonly [offset: number]: number }): Uint8Array {
  const copy = frame.slice();
  for (const [offset, octet] of Object.entries(octets)) copy[Number(offset)] = octet;
  return copy;
}

/** The frame with an 802.1Q tag, as it looks on the wire. */
export function tagged(frame: Uint8Array, vlan: number): Uint8Array {
  return fromHex(`${toHex(frame.slice(0, 12))}8100${hex(vlan, 2)}${toHex(frame.slice(12))}`);
}
