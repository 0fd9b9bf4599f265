import { NOTHING } from "../layout.js";
import type { RbsBody, RbsProfile } from "./bodies.js";
import { HostRecords } from "./host-records.js";
import {
  rbsAcknowledgement,
  rbsBatchBegin,
  rbsClose,
  rbsDigest,
  rbsEntries,
  rbsHeader,
  rbsOpen,
  rbsProfile,
  rbsProfileState,
  rbsRefresh,
  rbsRelay,
} from "./layouts.js";
import {
  BACKUP_MODES,
  CLOSE_CODES,
  PROFILE_STATES,
  type RbsMessage,
  REFRESH_REASONS,
  rbsMessage,
  rbsService,
} from "./names.js";
import { readRecords } from "./records.js";

/** `RB`. */
export const RBS_MAGIC = 0x5242;
export const RBS_VERSION = 1;
/** Octets of the longest message, header and all. */
export const LONGEST_RBS_MESSAGE = 65_536;
export const GREATEST_BACKUP_ID = 4_095;
const GREATEST_ETRUNK = 512;
const LAST_WORK_MODE = 2;
const LONGEST_TEXT = 64;

export const OPEN_GOES_ON = 0x01;
/** Of ENTRIES. */
export const IN_BATCH = 0x01;

/** `body`: shorter than its fields and counts say. `value`: a number outside its table. `record`: the same of a record. */
export type RbsFault = "magic" | "version" | "length" | "number" | "body" | "value" | "record";

const u64 = (from: DataView, offset: number): number =>
  from.getUint32(offset) * 0x1_0000_0000 + from.getUint32(offset + 4);

/** A fault of the first octets of a message, as far as they are there: found before the rest has come. */
export function headFault(bytes: DataView, start: number, length: number): RbsFault | undefined {
  const { at } = rbsHeader;
  if (length >= at.magic + 2 && bytes.getUint16(start + at.magic) !== RBS_MAGIC) return "magic";
  if (length >= at.version + 1 && bytes.getUint8(start + at.version) !== RBS_VERSION) return "version";
  if (length < at.length + 4) return undefined;
  const whole = bytes.getUint32(start + at.length);
  return whole < rbsHeader.size || whole > LONGEST_RBS_MESSAGE ? "length" : undefined;
}

/** A view of one whole message (formats/rbs.md 2, 3). `fault` also reads the body. */
export class RbsView {
  #bytes: DataView = NOTHING;
  #start = 0;
  #length = 0;
  /** Undefined where the type is one that we do not know. */
  body: RbsBody | undefined;

  wrap(bytes: DataView, start: number, length: number): this {
    this.#bytes = bytes;
    this.#start = start;
    this.#length = length;
    this.body = undefined;
    return this;
  }

  /** Why this message is malformed; undefined when every accessor is safe to use, and the body is read. */
  fault(): RbsFault | undefined {
    const head = headFault(this.#bytes, this.#start, this.#length);
    if (head !== undefined) return head;
    if (this.#length < rbsHeader.size || this.length !== this.#length) return "length";
    if (!Number.isSafeInteger(this.sequence)) return "number";
    const name = rbsMessage(this.type);
    if (name === undefined) return undefined;
    const start = this.#start + rbsHeader.size;
    const read = READERS[name](this.#bytes, start, this.#start + this.#length);
    if (typeof read === "string") return read;
    this.body = read;
    return undefined;
  }

  get type(): number {
    return this.#bytes.getUint8(this.#start + rbsHeader.at.type);
  }
  /** Octets of the whole message, as it says itself. */
  get length(): number {
    return this.#bytes.getUint32(this.#start + rbsHeader.at.length);
  }
  get sequence(): number {
    return u64(this.#bytes, this.#start + rbsHeader.at.sequence);
  }
}

type Reader = (bytes: DataView, start: number, end: number) => RbsBody | "body" | "number" | "value" | "record";

/** A reader that is asked only where the fixed part is there. */
const fixed =
  ({ size }: { readonly size: number }, read: Reader): Reader =>
  (bytes, start, end) =>
    end - start < size ? "body" : read(bytes, start, end);

const isBackupId = (id: number): boolean => id >= 1 && id <= GREATEST_BACKUP_ID;

const acknowledgement = (kind: "KEEPALIVE" | "ACK"): Reader =>
  fixed(rbsAcknowledgement, (bytes, start) => {
    const acknowledged = u64(bytes, start);
    return Number.isSafeInteger(acknowledged) ? { kind, acknowledged } : "number";
  });

const digest = (kind: "BATCH-END" | "DIGEST"): Reader =>
  fixed(rbsDigest, (bytes, start) => {
    const { at } = rbsDigest;
    const backupId = bytes.getUint16(start + at.backupId);
    if (!isBackupId(backupId)) return "value";
    return {
      kind,
      backupId,
      service: bytes.getUint8(start + at.service),
      generation: bytes.getUint32(start + at.generation),
      entries: bytes.getUint32(start + at.entries),
      digest: [bytes.getUint32(start + at.digest), bytes.getUint32(start + at.digest + 4)],
    };
  });

const READERS: { readonly [M in RbsMessage]: Reader } = {
  OPEN: fixed(rbsOpen, readOpen),
  KEEPALIVE: acknowledgement("KEEPALIVE"),
  "PROFILE-STATE": fixed(rbsProfileState, (bytes, start) => {
    const { at } = rbsProfileState;
    const backupId = bytes.getUint16(start + at.backupId);
    const state = bytes.getUint8(start + at.state);
    if (!isBackupId(backupId) || state >= PROFILE_STATES.length) return "value";
    return { kind: "PROFILE-STATE", backupId, state, generation: bytes.getUint32(start + at.generation) };
  }),
  "BATCH-BEGIN": fixed(rbsBatchBegin, (bytes, start) => {
    const { at } = rbsBatchBegin;
    const backupId = bytes.getUint16(start + at.backupId);
    if (!isBackupId(backupId)) return "value";
    return {
      kind: "BATCH-BEGIN",
      backupId,
      service: bytes.getUint8(start + at.service),
      generation: bytes.getUint32(start + at.generation),
      entries: bytes.getUint32(start + at.entries),
    };
  }),
  ENTRIES: fixed(rbsEntries, readEntries),
  "BATCH-END": digest("BATCH-END"),
  ACK: acknowledgement("ACK"),
  REFRESH: fixed(rbsRefresh, (bytes, start) => {
    const { at } = rbsRefresh;
    const backupId = bytes.getUint16(start + at.backupId);
    const reason = bytes.getUint8(start + at.reason);
    if (!isBackupId(backupId) || reason < 1 || reason > REFRESH_REASONS.length) return "value";
    return { kind: "REFRESH", backupId, service: bytes.getUint8(start + at.service), reason };
  }),
  DIGEST: digest("DIGEST"),
  CLOSE: fixed(rbsClose, (bytes, start, end) => {
    const code = bytes.getUint16(start + rbsClose.at.code);
    if (code < 1 || code > CLOSE_CODES.length) return "value";
    return { kind: "CLOSE", code, text: readText(bytes, start + rbsClose.size, end) };
  }),
  RELAY: fixed(rbsRelay, (bytes, start, end) => {
    const { at } = rbsRelay;
    const backupId = bytes.getUint16(start + at.backupId);
    if (!isBackupId(backupId)) return "value";
    return {
      kind: "RELAY",
      backupId,
      service: bytes.getUint8(start + at.service),
      outerVlan: bytes.getUint16(start + at.outerVlan),
      innerVlan: bytes.getUint16(start + at.innerVlan),
      trunk: bytes.getUint16(start + at.trunk),
      packet: end - start - rbsRelay.size,
    };
  }),
};

function readOpen(bytes: DataView, start: number, end: number): ReturnType<Reader> {
  const { at, size } = rbsOpen;
  const epoch = u64(bytes, start + at.epoch);
  if (!Number.isSafeInteger(epoch)) return "number";
  const keepalive = bytes.getUint16(start + at.keepalive);
  const multiplier = bytes.getUint8(start + at.multiplier);
  if (keepalive === 0 || multiplier === 0) return "value";
  const profiles: RbsProfile[] = [];
  let next = start + size;
  for (let left = bytes.getUint16(start + at.profiles); left > 0; left--) {
    if (end - next < rbsProfile.size) return "body";
    const length = bytes.getUint16(next + rbsProfile.at.length);
    const known = rbsProfile.size + bytes.getUint8(next + rbsProfile.at.services);
    if (length < known || length > end - next) return "body";
    const profile = readProfile(bytes, next);
    if (profile === undefined) return "value";
    profiles.push(profile);
    next += length;
  }
  const goesOn = (bytes.getUint8(start + at.flags) & OPEN_GOES_ON) !== 0;
  return { kind: "OPEN", epoch, keepalive, multiplier, goesOn, profiles };
}

function readProfile(bytes: DataView, start: number): RbsProfile | undefined {
  const { at, size } = rbsProfile;
  const u8 = (offset: number): number => bytes.getUint8(start + offset);
  const u16 = (offset: number): number => bytes.getUint16(start + offset);
  const profile = {
    backupId: u16(at.backupId),
    state: u8(at.state),
    mode: u8(at.mode),
    etrunk: u16(at.etrunk),
    trunk: u16(at.trunk),
    remoteTrunk: u16(at.remoteTrunk),
    workMode: u8(at.workMode),
    services: Array.from({ length: u8(at.services) }, (_, n) => u8(size + n)),
  };
  const { backupId, state, mode, etrunk, workMode } = profile;
  const isSound =
    isBackupId(backupId) &&
    state < PROFILE_STATES.length &&
    mode >= 1 &&
    mode <= BACKUP_MODES.length &&
    etrunk <= GREATEST_ETRUNK &&
    workMode <= LAST_WORK_MODE;
  return isSound ? profile : undefined;
}

function readEntries(bytes: DataView, start: number, end: number): ReturnType<Reader> {
  const { at, size } = rbsEntries;
  const backupId = bytes.getUint16(start + at.backupId);
  if (!isBackupId(backupId)) return "value";
  const code = bytes.getUint8(start + at.service);
  const service = rbsService(code);
  const count = bytes.getUint16(start + at.records);
  const records = start + size;
  const head = {
    kind: "ENTRIES",
    backupId,
    service: code,
    inBatch: (bytes.getUint8(start + at.flags) & IN_BATCH) !== 0,
    generation: bytes.getUint32(start + at.generation),
  } as const;
  if (service === undefined) return { ...head, hosts: undefined, records: undefined };
  if (service !== "arp" && service !== "nd") {
    const groups = readRecords(bytes, records, end, count, service);
    return groups === undefined ? "record" : { ...head, hosts: undefined, records: groups };
  }
  const hosts = HostRecords.of(bytes, records, end, count, service);
  if (hosts === undefined) return "record";
  return {
    ...head,
    hosts,
    get records() {
      return readRecords(bytes, records, end, count, service);
    },
  };
}

/** The text is for displays and logs only, so octets outside printable ASCII become a question mark. */
function readText(bytes: DataView, start: number, end: number): string {
  let text = "";
  for (let at = start; at < Math.min(end, start + LONGEST_TEXT); at++) {
    const octet = bytes.getUint8(at);
    text += octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : "?";
  }
  return text;
}
