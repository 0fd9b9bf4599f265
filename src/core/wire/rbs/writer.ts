import type { RbsProfile } from "./bodies.js";
import { type HostEntry, type HostService, writeHost } from "./host-records.js";
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
} from "./layouts.js";
import { IN_BATCH, LONGEST_RBS_MESSAGE, OPEN_GOES_ON, RBS_MAGIC, RBS_VERSION } from "./message.js";
import { CLOSE_CODES, type CloseCode, RBS_MESSAGES, type RbsMessage } from "./names.js";

const LONGEST_TEXT = 64;
const HOT = 1;

function writeU64(to: DataView, offset: number, value: number): void {
  to.setUint32(offset, Math.floor(value / 0x1_0000_0000));
  to.setUint32(offset + 4, value % 0x1_0000_0000);
}

/** A batch, or the latest one, of a profile and the number of its service. */
interface OfBatch {
  readonly backupId: number;
  readonly service: number;
  readonly generation: number;
}

/** Writes messages (formats/rbs.md 2, 3) at the beginning of its octets; each method returns the octets of its message. */
export class RbsWriter {
  readonly #to: DataView;
  /** Of ENTRIES that were begun. */
  #service: HostService = "arp";
  #records = 0;
  #end = 0;

  /** `to`: room for the longest message. */
  constructor(to: DataView) {
    this.#to = to;
  }

  #finish(type: RbsMessage, sequence: number, body: number): number {
    const { at, size } = rbsHeader;
    const length = size + body;
    this.#to.setUint16(at.magic, RBS_MAGIC);
    this.#to.setUint8(at.version, RBS_VERSION);
    this.#to.setUint8(at.type, RBS_MESSAGES[type]);
    this.#to.setUint32(at.length, length);
    writeU64(this.#to, at.sequence, sequence);
    return length;
  }

  /** OPEN with as many of the profiles, from the first that is wanted on, as fit; `next` is the first that did not. */
  open(
    sequence: number,
    {
      epoch,
      keepalive,
      multiplier,
    }: { readonly epoch: number; readonly keepalive: number; readonly multiplier: number },
    profiles: readonly RbsProfile[],
    first: number,
  ): { readonly length: number; readonly next: number } {
    const { at, size } = rbsOpen;
    let end = rbsHeader.size + size;
    let next = first;
    for (let profile = profiles[next]; profile !== undefined; profile = profiles[++next]) {
      if (end + rbsProfile.size + profile.services.length > LONGEST_RBS_MESSAGE) break;
      end += this.#profile(end, profile);
    }
    const start = rbsHeader.size;
    writeU64(this.#to, start + at.epoch, epoch);
    this.#to.setUint16(start + at.keepalive, keepalive);
    this.#to.setUint8(start + at.multiplier, multiplier);
    this.#to.setUint8(start + at.flags, next < profiles.length ? OPEN_GOES_ON : 0);
    this.#to.setUint16(start + at.profiles, next - first);
    return { length: this.#finish("OPEN", sequence, end - start), next };
  }

  #profile(start: number, profile: RbsProfile): number {
    const { at, size } = rbsProfile;
    const length = size + profile.services.length;
    this.#to.setUint16(start + at.length, length);
    this.#to.setUint16(start + at.backupId, profile.backupId);
    this.#to.setUint8(start + at.state, profile.state);
    this.#to.setUint8(start + at.mode, HOT);
    this.#to.setUint16(start + at.etrunk, profile.etrunk);
    this.#to.setUint16(start + at.trunk, profile.trunk);
    this.#to.setUint16(start + at.remoteTrunk, profile.remoteTrunk);
    this.#to.setUint8(start + at.workMode, profile.workMode);
    this.#to.setUint8(start + at.services, profile.services.length);
    for (const [n, code] of profile.services.entries()) this.#to.setUint8(start + size + n, code);
    return length;
  }

  acknowledgement(type: "ACK" | "KEEPALIVE", sequence: number, acknowledged: number): number {
    writeU64(this.#to, rbsHeader.size + rbsAcknowledgement.at.acknowledged, acknowledged);
    return this.#finish(type, sequence, rbsAcknowledgement.size);
  }

  profileState(sequence: number, backupId: number, state: number, generation: number): number {
    const { at, size } = rbsProfileState;
    const start = rbsHeader.size;
    this.#to.setUint16(start + at.backupId, backupId);
    this.#to.setUint8(start + at.state, state);
    this.#to.setUint8(start + at.reserved, 0);
    this.#to.setUint32(start + at.generation, generation);
    return this.#finish("PROFILE-STATE", sequence, size);
  }

  refresh(sequence: number, backupId: number, service: number, reason: number): number {
    const start = rbsHeader.size;
    this.#to.setUint16(start + rbsRefresh.at.backupId, backupId);
    this.#to.setUint8(start + rbsRefresh.at.service, service);
    this.#to.setUint8(start + rbsRefresh.at.reason, reason);
    return this.#finish("REFRESH", sequence, rbsRefresh.size);
  }

  batchBegin(sequence: number, batch: OfBatch & { readonly entries: number }): number {
    const { at, size } = rbsBatchBegin;
    this.#batch(at, batch);
    this.#to.setUint8(rbsHeader.size + at.reserved, 0);
    this.#to.setUint32(rbsHeader.size + at.entries, batch.entries);
    return this.#finish("BATCH-BEGIN", sequence, size);
  }

  digest(
    type: "BATCH-END" | "DIGEST",
    sequence: number,
    batch: OfBatch & { readonly entries: number; readonly digest: readonly [number, number] },
  ): number {
    const { at, size } = rbsDigest;
    const start = rbsHeader.size;
    this.#batch(at, batch);
    this.#to.setUint8(start + at.reserved, 0);
    this.#to.setUint32(start + at.entries, batch.entries);
    this.#to.setUint32(start + at.digest, batch.digest[0]);
    this.#to.setUint32(start + at.digest + 4, batch.digest[1]);
    return this.#finish(type, sequence, size);
  }

  #batch(
    at: { readonly backupId: number; readonly service: number; readonly generation: number },
    { backupId, service, generation }: OfBatch,
  ): void {
    const start = rbsHeader.size;
    this.#to.setUint16(start + at.backupId, backupId);
    this.#to.setUint8(start + at.service, service);
    this.#to.setUint32(start + at.generation, generation);
  }

  /** ENTRIES begins: `host` adds to it, `entries` finishes it. */
  beginEntries(service: HostService): void {
    this.#service = service;
    this.#records = 0;
    this.#end = rbsHeader.size + rbsEntries.size;
  }
  /** Records of the ENTRIES that was begun. */
  get records(): number {
    return this.#records;
  }

  host(entry: HostEntry): void {
    this.#end += writeHost(this.#to, this.#end, entry, this.#service);
    this.#records++;
  }

  entries(sequence: number, batch: OfBatch & { readonly inBatch: boolean }): number {
    const { at } = rbsEntries;
    const start = rbsHeader.size;
    this.#batch(at, batch);
    this.#to.setUint8(start + at.flags, batch.inBatch ? IN_BATCH : 0);
    this.#to.setUint16(start + at.records, this.#records);
    this.#to.setUint16(start + at.reserved, 0);
    return this.#finish("ENTRIES", sequence, this.#end - start);
  }

  /** `text`: printable ASCII; what is beyond 64 octets is left out. */
  close(sequence: number, code: CloseCode, text: string): number {
    const start = rbsHeader.size;
    this.#to.setUint16(start + rbsClose.at.code, CLOSE_CODES.indexOf(code) + 1);
    const letters = text.slice(0, LONGEST_TEXT);
    for (let n = 0; n < letters.length; n++) this.#to.setUint8(start + rbsClose.size + n, letters.charCodeAt(n) & 0x7f);
    return this.#finish("CLOSE", sequence, rbsClose.size + letters.length);
  }
}
