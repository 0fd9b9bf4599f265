import { parseIpAddress } from "../../core/base/ip-address.js";
import type { Micros } from "../../core/base/time.js";
import { CALL_KINDS, type Call } from "../../core/contract/input.js";
import type { Checkpoint } from "../../core/device/checkpoint.js";
import type { EngineEvent } from "../../core/engine/news.js";
import type { Run } from "../../core/parts/part.js";
import type { Redaction } from "./redaction.js";

/** Raised when a line's meaning changes: a reader refuses what it does not know. */
export const RECORDING_VERSION = 2;

/** One line of a recording. */
export type RecordLine =
  | {
      readonly kind: "begin";
      readonly recording: number;
      readonly program: string;
      /** Keys are replaced, so what was signed is refused in a replay. */
      readonly redacted?: true | undefined;
      /** ISO 8601 UTC, for the reader's orientation only. */
      readonly time: string;
      readonly run: Run;
      readonly checkpoint?: Checkpoint | undefined;
    }
  /** How the engine was driven. */
  | { readonly kind: "call"; readonly at: Micros; readonly call: Call }
  /** What the engine told, for comparing. */
  | { readonly kind: "event"; readonly at: Micros; readonly event: EngineEvent }
  /** The disk was too slow: so many lines are missing here. */
  | { readonly kind: "lost"; readonly count: number };

/** A field that each kind of line must have, besides `at`: what is wrong within it, the engine finds. */
const CONTENTS = { begin: "run", call: "call", event: "event", lost: "count" } as const;

/**
 * What JSON does not know: octets stand as `{"octets": BASE64}`, an IP address as `{"ip": TEXT}`, and of a PDU in a reused
 * buffer only its own octets.
 */
function toJson(value: unknown, redaction: Redaction | undefined): unknown {
  // What stands alone as octets is a key.
  if (value instanceof Uint8Array) return { octets: base64(redaction?.key(value) ?? value) };
  if (typeof value !== "object" || value === null) return value;
  const { text, octets, bytes, start, length, ...rest } = value as { readonly [field: string]: unknown };
  if (typeof text === "string" && octets instanceof Uint8Array) return { ip: text };
  if (!(bytes instanceof DataView)) return value;
  const pdu = new Uint8Array(bytes.buffer, bytes.byteOffset + Number(start), Number(length));
  return { pdu: base64(redaction?.packet(pdu) ?? pdu), ...rest };
}

const base64 = (octets: Uint8Array): string =>
  Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("base64");

function fromJson(_: string, value: unknown): unknown {
  const { octets, ip, pdu, ...rest } = (value ?? {}) as { readonly [field: string]: unknown };
  if (typeof octets === "string") return Uint8Array.from(Buffer.from(octets, "base64"));
  if (typeof pdu === "string") {
    const bytes = Uint8Array.from(Buffer.from(pdu, "base64"));
    return { ...rest, bytes: new DataView(bytes.buffer), start: 0, length: bytes.length };
  }
  if (typeof ip !== "string") return value;
  const address = parseIpAddress(ip);
  if (address === undefined) throw new NoAddress(`"${ip}" is no IP address`);
  return address;
}

class NoAddress extends Error {}

/** `redaction`: the line holds no key. */
export const printRecordLine = (line: RecordLine, redaction?: Redaction): string =>
  // As it stands in its object: a Buffer would otherwise come as the JSON it makes of itself.
  `${JSON.stringify(line, function (this: { readonly [name: string]: unknown }, name: string) {
    return toJson(this[name], redaction);
  })}\n`;

/** Reads one line; a text instead says what is wrong with it. */
export function readRecordLine(text: string): RecordLine | string {
  let line: unknown;
  try {
    line = JSON.parse(text, fromJson);
  } catch (error) {
    return error instanceof NoAddress ? error.message : "not a JSON document";
  }
  if (typeof line !== "object" || line === null) return "not a JSON object";
  const fields = line as { readonly [field: string]: unknown };
  const kind = String(fields.kind);
  if (!Object.hasOwn(CONTENTS, kind)) return `unknown kind "${kind}"`;
  const content = CONTENTS[kind as RecordLine["kind"]];
  if (fields[content] === undefined || fields[content] === null) return `${kind}: "${content}" is missing`;
  const called = kind === "call" ? String((fields.call as { readonly kind?: unknown }).kind) : undefined;
  if (called !== undefined && !Object.hasOwn(CALL_KINDS, called)) return `call: unknown kind "${called}"`;
  if ((kind === "call" || kind === "event") && typeof fields.at !== "number") return `${kind}: "at" is no number`;
  return line as RecordLine;
}
