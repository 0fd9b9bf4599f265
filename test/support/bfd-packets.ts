// BFD control packets built from hexadecimal text by the offsets of RFC 5880 4.1 to 4.4, and read back the same way.
// Nothing here uses src/core/wire, so a field at a wrong place there shows.
import { createHash } from "node:crypto";
import { fromHex, toHex } from "./frames.js";

export const STATES = ["AdminDown", "Down", "Init", "Up"] as const;
export type State = (typeof STATES)[number];

export interface BfdParts {
  readonly version: number;
  readonly diagnostic: number;
  readonly state: State;
  /** Letters of P F C A D M, in this order; none: the empty text. */
  readonly flags: string;
  readonly multiplier: number;
  /** The length field; undefined: the packet's real length. */
  readonly length: number | undefined;
  readonly myDiscriminator: number;
  readonly yourDiscriminator: number;
  /** Microseconds. */
  readonly desiredMinTx: number;
  readonly requiredMinRx: number;
  readonly requiredMinEchoRx: number;
  /** Octets after the first 24. */
  readonly authentication: string;
}

const FLAGS = "PFCADM";
const hex = (value: number, octets: number): string => value.toString(16).padStart(octets * 2, "0");

const FRESH: BfdParts = {
  version: 1,
  diagnostic: 0,
  state: "Down",
  flags: "",
  multiplier: 3,
  length: undefined,
  myDiscriminator: 1,
  yourDiscriminator: 0,
  desiredMinTx: 1_000_000,
  requiredMinRx: 1_000_000,
  requiredMinEchoRx: 0,
  authentication: "",
};

export function bfdPacket(parts: Partial<BfdParts>): Uint8Array {
  const all = { ...FRESH, ...parts };
  const flags = [...FLAGS].reduce((octet, flag) => octet * 2 + (all.flags.includes(flag) ? 1 : 0), 0);
  return fromHex(
    hex(all.version * 32 + all.diagnostic, 1) +
      hex(STATES.indexOf(all.state) * 64 + flags, 1) +
      hex(all.multiplier, 1) +
      hex(all.length ?? 24 + all.authentication.length / 2, 1) +
      hex(all.myDiscriminator, 4) +
      hex(all.yourDiscriminator, 4) +
      hex(all.desiredMinTx, 4) +
      hex(all.requiredMinRx, 4) +
      hex(all.requiredMinEchoRx, 4) +
      all.authentication,
  );
}

export function readBfd(packet: Uint8Array): BfdParts {
  const text = toHex(packet);
  const number = (octet: number, octets: number): number =>
    Number.parseInt(text.slice(octet * 2, (octet + octets) * 2), 16);
  const flags = [...FLAGS].filter((_, bit) => number(1, 1) & (0x20 >> bit));
  return {
    version: number(0, 1) >> 5,
    diagnostic: number(0, 1) & 31,
    state: STATES[number(1, 1) >> 6] as State,
    flags: flags.join(""),
    multiplier: number(2, 1),
    length: number(3, 1),
    myDiscriminator: number(4, 4),
    yourDiscriminator: number(8, 4),
    desiredMinTx: number(12, 4),
    requiredMinRx: number(16, 4),
    requiredMinEchoRx: number(20, 4),
    authentication: text.slice(48),
  };
}

const TYPES = ["simple", "md5", "met-md5", "sha1", "met-sha1"] as const;

export interface PacketKey {
  readonly type: (typeof TYPES)[number];
  readonly id: number;
  readonly text: string;
}

/** A packet with its authentication section, RFC 5880 4.2 to 4.4 and 6.7.2 to 6.7.4. */
export function signedPacket(parts: Partial<BfdParts>, { type, id, text }: PacketKey, sequence: number): Uint8Array {
  const flags = `${parts.flags ?? ""}A`;
  const secret = toHex(Buffer.from(text));
  const code = hex(TYPES.indexOf(type) + 1, 1);
  if (type === "simple") {
    const authentication = `${code}${hex(3 + secret.length / 2, 1)}${hex(id, 1)}${secret}`;
    return bfdPacket({ ...parts, flags, authentication });
  }
  const algorithm = type.endsWith("md5") ? "md5" : "sha1";
  const length = algorithm === "md5" ? 16 : 20;
  const head = `${code}${hex(8 + length, 1)}${hex(id, 1)}00${hex(sequence, 4)}`;
  const keyed = bfdPacket({ ...parts, flags, authentication: head + secret.padEnd(length * 2, "0") });
  const digest = createHash(algorithm).update(keyed).digest("hex");
  return bfdPacket({ ...parts, flags, authentication: head + digest });
}
