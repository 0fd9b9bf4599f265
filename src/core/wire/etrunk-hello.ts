import type { Mac } from "../base/address.js";
import { MEMBER_KINDS, type MemberKind } from "../base/member-key.js";
import { Cursor } from "./cursor.js";
import { bytes, clear, layout, mac, NOTHING, readMac, u8, u16, u32, writeMac } from "./layout.js";

/** E-Trunk hello, version 1, our own format (formats/e-trunk-hello.md): 40 octets, then TLVs. */
export const etrunkHello = layout({
  version: u8,
  flags: u8,
  length: u16,
  etrunk: u16,
  state: u8,
  reason: u8,
  priority: u8,
  selectMode: u8,
  failTime: u16,
  system: mac,
  revertDelay: u16,
  epoch: bytes(8),
  sequence: u32,
  peerEpoch: bytes(8),
});
const { at, size } = etrunkHello;

const HELLO_VERSION = 1;
/** Longest hello that a receiver takes: 64 members, and room to grow. */
export const LONGEST_HELLO = 4_096;

// Flags.
export const SEQUENCE_CHECK = 0x01;
export const REVERT_ENABLED = 0x02;
export const BFD_TRACKED = 0x04;
export const LEAVING = 0x08;
export const HIGHER_FIRST = 0x10;
export const HEARING_YOU = 0x20;
export const BFD_UP = 0x40;

const TLV_MEMBER = 1;
const TLV_SOFTWARE = 2;
const TLV_ECHO = 3;
const TLV_AUTHENTICATION = 0xffff;
const MEMBER_LENGTH = 28;
const ECHO_LENGTH = 12;
const TLV_HEADER = 4;

// Member flags.
export const MEMBER_UP = 0x0001;
export const MEMBER_READY = 0x0002;
export const MEMBER_OFFSET = 0x0004;
export const MEMBER_SETTLED = 0x0008;

/** One member interface as a hello tells it. */
export interface HelloMember {
  /** Of both interfaces: 1 Eth-Trunk, 2 Global-VE; others are read past. */
  type: number;
  workMode: number;
  state: number;
  reason: number;
  localId: number;
  remoteId: number;
  flags: number;
  availableLinks: number;
  /** Mbit/s. */
  availableBandwidth: number;
  systemPriority: number;
  system: Mac;
  key: number;
  revertRemaining: number;
}

/** Epoch and sequence number of a hello that the sender heard. */
export interface HelloEcho {
  readonly epoch: number;
  readonly sequence: number;
}

/** The kind of a member; undefined where its type is one we do not know. */
export const memberKind = ({ type }: Pick<HelloMember, "type">): MemberKind | undefined => MEMBER_KINDS[type - 1];

/** The last TLV: how the hello is signed. */
export interface HelloAuthentication {
  /** 1 hmac-sha1, 2 hmac-sha256, 3 enhanced-hmac-sha256. */
  readonly mode: number;
  readonly keyId: number;
  /** Offset of the digest in the datagram. */
  readonly digestAt: number;
  readonly digestLength: number;
}

const DIGEST_LENGTH: { readonly [mode: number]: number } = { 1: 20, 2: 32, 3: 32 };

export type HelloFault =
  | "version"
  | "length"
  | "etrunk-id"
  | "state"
  | "reason"
  | "priority"
  | "fail-time"
  | "tlv"
  | "number";

const u64 = (from: DataView, offset: number): number =>
  from.getUint32(offset) * 0x1_0000_0000 + from.getUint32(offset + 4);

/**
 * A view of an E-Trunk hello (formats/e-trunk-hello.md): each accessor reads the octets in place. `fault` also reads
 * the TLVs into `members`, `software`, `echoes` and `authentication`.
 */
export class HelloView {
  #bytes: DataView = NOTHING;
  #start = 0;
  #length = 0;
  readonly members: HelloMember[] = [];
  software = "";
  /** Undefined where the sender does not echo. */
  echoes: readonly HelloEcho[] | undefined;
  authentication: HelloAuthentication | undefined;

  wrap(bytes: DataView, start: number, length: number): this {
    this.#bytes = bytes;
    this.#start = start;
    this.#length = length;
    return this;
  }

  /** Why this PDU must be dropped; undefined when every accessor is safe to use, and the TLVs are read. */
  fault(): HelloFault | undefined {
    if (this.#length < 1) return "length";
    if (this.#bytes.getUint8(this.#start + at.version) !== HELLO_VERSION) return "version";
    if (this.#length < size || this.#length > LONGEST_HELLO || this.#u16(at.length) !== this.#length) return "length";
    if (this.etrunk < 1 || this.etrunk > 512) return "etrunk-id";
    if (this.state < 1 || this.state > 3) return "state";
    if (this.reason < 1 || this.reason > 8) return "reason";
    if (this.priority < 1 || this.priority > 254) return "priority";
    if (this.failTime !== 0 && (this.failTime < 15 || this.failTime > 30_000)) return "fail-time";
    if (![this.epoch, this.peerEpoch].every(Number.isSafeInteger)) return "number";
    return this.#readTlvs() ? undefined : "tlv";
  }

  #readTlvs(): boolean {
    this.members.length = 0;
    this.software = "";
    this.echoes = undefined;
    this.authentication = undefined;
    const cursor = new Cursor(this.#bytes, this.#start + size, this.#length - size);
    while (cursor.left > 0) {
      if (cursor.left < TLV_HEADER || this.authentication !== undefined) return false;
      const type = cursor.u16();
      const length = cursor.u16();
      if (length > cursor.left) return false;
      const next = cursor.at + length;
      if (type === TLV_MEMBER && !this.#readMember(cursor, length)) return false;
      if (type === TLV_SOFTWARE) this.software = readText(cursor.octets(Math.min(length, 64)));
      if (type === TLV_ECHO) this.echoes = readEchoes(cursor, length);
      if (type === TLV_AUTHENTICATION && !this.#readAuthentication(cursor, length)) return false;
      cursor.at = next;
    }
    return true;
  }

  #readMember(cursor: Cursor, length: number): boolean {
    if (length < MEMBER_LENGTH) return false;
    const member: HelloMember = {
      type: cursor.u8(),
      workMode: cursor.u8(),
      state: cursor.u8(),
      reason: cursor.u8(),
      localId: cursor.u16(),
      remoteId: cursor.u16(),
      flags: cursor.u16(),
      availableLinks: cursor.u16(),
      availableBandwidth: cursor.u32(),
      systemPriority: cursor.u16(),
      system: cursor.mac() as Mac,
      key: cursor.u16(),
      revertRemaining: cursor.u16(),
    };
    if (member.workMode > 2 || member.state < 1 || member.state > 3 || member.reason < 1 || member.reason > 14)
      return false;
    this.members.push(member);
    return true;
  }

  #readAuthentication(cursor: Cursor, length: number): boolean {
    if (length < 4) return false;
    const mode = cursor.u8();
    const keyId = cursor.u8();
    cursor.u16();
    if (DIGEST_LENGTH[mode] !== length - 4) return false;
    this.authentication = { mode, keyId, digestAt: cursor.at - this.#start, digestLength: length - 4 };
    return true;
  }

  #u16(offset: number): number {
    return this.#bytes.getUint16(this.#start + offset);
  }
  #u8(offset: number): number {
    return this.#bytes.getUint8(this.#start + offset);
  }

  get flags(): number {
    return this.#u8(at.flags);
  }
  get etrunk(): number {
    return this.#u16(at.etrunk);
  }
  get state(): number {
    return this.#u8(at.state);
  }
  get reason(): number {
    return this.#u8(at.reason);
  }
  get priority(): number {
    return this.#u8(at.priority);
  }
  get selectMode(): number {
    return this.#u8(at.selectMode);
  }
  /** Units of 100 ms; 0 = not carried. */
  get failTime(): number {
    return this.#u16(at.failTime);
  }
  get system(): Mac {
    return readMac(this.#bytes, this.#start + at.system) as Mac;
  }
  /** Seconds. */
  get revertDelay(): number {
    return this.#u16(at.revertDelay);
  }
  get epoch(): number {
    return u64(this.#bytes, this.#start + at.epoch);
  }
  get sequence(): number {
    return this.#bytes.getUint32(this.#start + at.sequence);
  }
  get peerEpoch(): number {
    return u64(this.#bytes, this.#start + at.peerEpoch);
  }
}

function readEchoes(cursor: Cursor, length: number): HelloEcho[] {
  const u64 = (): number => cursor.u32() * 0x1_0000_0000 + cursor.u32();
  return Array.from({ length: Math.floor(length / ECHO_LENGTH) }, () => ({ epoch: u64(), sequence: cursor.u32() }));
}

function readText(octets: Uint8Array): string {
  let text = "";
  // The text is for displays only, so octets outside printable ASCII become a question mark.
  for (const octet of octets) text += octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : "?";
  return text;
}

/** Fields that the sender sets in the fixed part. */
export interface HelloFields {
  readonly flags: number;
  readonly etrunk: number;
  readonly state: number;
  readonly reason: number;
  readonly priority: number;
  readonly selectMode: number;
  readonly failTime: number;
  readonly system: Mac;
  readonly revertDelay: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly peerEpoch: number;
}

export interface WrittenHello {
  readonly length: number;
  /** Offset of the digest, whose octets are still zero. */
  readonly digestAt: number;
}

/** What a hello carries behind the fixed part. */
export interface HelloTlvs {
  readonly members: readonly HelloMember[];
  readonly software: string;
  readonly echoes: readonly HelloEcho[];
  readonly authentication: { readonly mode: number; readonly keyId: number };
}

/** Writes a hello with room for its digest; the caller signs it. */
export function writeHello(
  to: DataView,
  start: number,
  fields: HelloFields,
  { members, software, echoes, authentication }: HelloTlvs,
): WrittenHello {
  const digestLength = DIGEST_LENGTH[authentication.mode] ?? 0;
  const text = Uint8Array.from([...software.slice(0, 64)].map((letter) => letter.charCodeAt(0) & 0x7f));
  const echoesLength = echoes.length * ECHO_LENGTH;
  const length =
    size +
    members.length * (TLV_HEADER + MEMBER_LENGTH) +
    (TLV_HEADER + text.length) +
    (TLV_HEADER + echoesLength) +
    (TLV_HEADER + 4 + digestLength);
  clear(to, start, length);
  writeFixed(to, start, fields, length);
  const cursor = new Cursor(to, start + size, length - size);
  for (const member of members) writeMember(cursor, member);
  cursor.putU16(TLV_SOFTWARE);
  cursor.putU16(text.length);
  cursor.putOctets(text);
  cursor.putU16(TLV_ECHO);
  cursor.putU16(echoesLength);
  for (const echo of echoes) writeEcho(cursor, echo);
  cursor.putU16(TLV_AUTHENTICATION);
  cursor.putU16(4 + digestLength);
  cursor.putU8(authentication.mode);
  cursor.putU8(authentication.keyId);
  cursor.putU16(0);
  return { length, digestAt: cursor.at - start };
}

function writeFixed(to: DataView, start: number, fields: HelloFields, length: number): void {
  to.setUint8(start + at.version, HELLO_VERSION);
  to.setUint8(start + at.flags, fields.flags);
  to.setUint16(start + at.length, length);
  to.setUint16(start + at.etrunk, fields.etrunk);
  to.setUint8(start + at.state, fields.state);
  to.setUint8(start + at.reason, fields.reason);
  to.setUint8(start + at.priority, fields.priority);
  to.setUint8(start + at.selectMode, fields.selectMode);
  to.setUint16(start + at.failTime, fields.failTime);
  writeMac(to, start + at.system, fields.system);
  to.setUint16(start + at.revertDelay, fields.revertDelay);
  writeU64(to, start + at.epoch, fields.epoch);
  to.setUint32(start + at.sequence, fields.sequence);
  writeU64(to, start + at.peerEpoch, fields.peerEpoch);
}

function writeU64(to: DataView, start: number, value: number): void {
  to.setUint32(start, Math.floor(value / 0x1_0000_0000));
  to.setUint32(start + 4, value % 0x1_0000_0000);
}

/** An epoch as it stands in a hello. */
export function epochOctets(epoch: number): Uint8Array {
  const octets = new Uint8Array(8);
  writeU64(new DataView(octets.buffer), 0, epoch);
  return octets;
}

function writeEcho(cursor: Cursor, { epoch, sequence }: HelloEcho): void {
  cursor.putU32(Math.floor(epoch / 0x1_0000_0000));
  cursor.putU32(epoch % 0x1_0000_0000);
  cursor.putU32(sequence);
}

function writeMember(cursor: Cursor, member: HelloMember): void {
  cursor.putU16(TLV_MEMBER);
  cursor.putU16(MEMBER_LENGTH);
  cursor.putU8(member.type);
  cursor.putU8(member.workMode);
  cursor.putU8(member.state);
  cursor.putU8(member.reason);
  cursor.putU16(member.localId);
  cursor.putU16(member.remoteId);
  cursor.putU16(member.flags);
  cursor.putU16(member.availableLinks);
  cursor.putU32(member.availableBandwidth);
  cursor.putU16(member.systemPriority);
  cursor.putMac(member.system);
  cursor.putU16(member.key);
  cursor.putU16(member.revertRemaining);
}
