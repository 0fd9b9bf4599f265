import type { Mac } from "../core/base/address.js";
import type { PacerReport } from "../core/base/pacing.js";
import type { Micros } from "../core/base/time.js";
import type { Desired } from "../core/contract/desired/desired.js";
import type { EngineEvent } from "../core/contract/events.js";
import type { AddressState, LinkState } from "../core/contract/host.js";
import type { Checkpoint } from "../core/device/checkpoint.js";

/** Raised when a line's meaning changes: a reader refuses what it does not know. */
export const RECORDING_VERSION = 1;

/** One line of a recording. */
export type RecordLine =
  | {
      readonly kind: "begin";
      readonly recording: number;
      readonly program: string;
      /** ISO 8601 UTC, for the reader's orientation only. */
      readonly time: string;
      readonly run: Run;
      readonly checkpoint?: Checkpoint | undefined;
    }
  | InputLine
  /** What the engine told, for comparing. */
  | { readonly kind: "event"; readonly at: Micros; readonly event: EngineEvent }
  /** The disk was too slow: so many lines are missing here. */
  | { readonly kind: "lost"; readonly count: number };

/** What the engine is given besides its inputs. */
export interface Run {
  readonly epoch: number;
  readonly software: string;
  readonly seed: number;
}

/** What the engine was told, and when. */
export type InputLine =
  | { readonly kind: "command"; readonly at: Micros; readonly desired: Desired }
  | { readonly kind: "link"; readonly at: Micros; readonly link: LinkState }
  | { readonly kind: "address"; readonly at: Micros; readonly address: AddressState }
  | FrameLine
  | DatagramLine
  | {
      readonly kind: "socket";
      readonly at: Micros;
      readonly source: string;
      readonly port: number;
      readonly vrf?: string | undefined;
      readonly reason?: string | undefined;
    }
  | { readonly kind: "pacer"; readonly at: Micros; readonly report: PacerReport }
  | { readonly kind: "expire"; readonly at: Micros }
  | { readonly kind: "settle"; readonly at: Micros }
  | {
      readonly kind: "reset";
      readonly at: Micros;
      readonly trunk?: number | undefined;
      readonly member?: string | undefined;
    }
  | {
      readonly kind: "forwarding-failed";
      readonly at: Micros;
      readonly trunk: number;
      readonly member?: number | undefined;
      readonly text: string;
    }
  | { readonly kind: "markers"; readonly at: Micros; readonly trunk: number }
  | { readonly kind: "swap"; readonly at: Micros; readonly trunk: number }
  | { readonly kind: "reset-flush"; readonly at: Micros }
  | { readonly kind: "leave"; readonly at: Micros }
  | { readonly kind: "pause"; readonly at: Micros };

export interface FrameLine {
  readonly kind: "frame";
  readonly at: Micros;
  readonly port: number;
  readonly vlan: number;
  readonly source: Mac;
  /** Base64. */
  readonly bytes: string;
}

export interface DatagramLine {
  readonly kind: "datagram";
  readonly at: Micros;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly ttl: number;
  readonly port: number;
  readonly vrf?: string | undefined;
  /** Base64. */
  readonly bytes: string;
}

/** The fields a line must have, and of which type: what reading a damaged file checks. */
const FIELDS: { readonly [Kind in RecordLine["kind"]]: { readonly [field: string]: "number" | "string" | "object" } } =
  {
    begin: { recording: "number", program: "string", run: "object" },
    command: { at: "number", desired: "object" },
    link: { at: "number", link: "object" },
    frame: { at: "number", port: "number", vlan: "number", source: "number", bytes: "string" },
    address: { at: "number", address: "object" },
    datagram: { at: "number", source: "string", destination: "string", destinationPort: "number", bytes: "string" },
    socket: { at: "number", source: "string", port: "number" },
    pacer: { at: "number", report: "object" },
    expire: { at: "number" },
    settle: { at: "number" },
    reset: { at: "number" },
    "forwarding-failed": { at: "number", trunk: "number", text: "string" },
    markers: { at: "number", trunk: "number" },
    swap: { at: "number", trunk: "number" },
    "reset-flush": { at: "number" },
    leave: { at: "number" },
    pause: { at: "number" },
    event: { at: "number", event: "object" },
    lost: { count: "number" },
  };

/** JSON knows no octets: they stand as `{"octets": "BASE64"}`. */
const fromOctets = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? { octets: Buffer.from(value).toString("base64") } : value;

function toOctets(_: string, value: unknown): unknown {
  const { octets } = (value ?? {}) as { octets?: unknown };
  return typeof octets === "string" ? Uint8Array.from(Buffer.from(octets, "base64")) : value;
}

export const printRecordLine = (line: RecordLine): string => `${JSON.stringify(line, fromOctets)}\n`;

/** Reads one line; a text instead says what is wrong with it. */
export function readRecordLine(text: string): RecordLine | string {
  let line: unknown;
  try {
    line = JSON.parse(text, toOctets);
  } catch {
    return "not a JSON document";
  }
  if (typeof line !== "object" || line === null) return "not a JSON object";
  const fields = line as { readonly [field: string]: unknown };
  const kind = String(fields.kind);
  if (!Object.hasOwn(FIELDS, kind)) return `unknown kind "${kind}"`;
  for (const [field, type] of Object.entries(FIELDS[kind as RecordLine["kind"]])) {
    if (typeof fields[field] !== type || fields[field] === null) return `${kind}: "${field}" is not of type ${type}`;
  }
  return line as RecordLine;
}
