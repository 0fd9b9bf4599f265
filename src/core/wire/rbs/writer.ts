import type { RbsProfile } from "./bodies.js";
import { rbsAcknowledgement, rbsClose, rbsHeader, rbsOpen, rbsProfile, rbsProfileState } from "./layouts.js";
import { LONGEST_RBS_MESSAGE, OPEN_GOES_ON, RBS_MAGIC, RBS_VERSION } from "./message.js";
import { CLOSE_CODES, type CloseCode, RBS_MESSAGES, type RbsMessage } from "./names.js";

const LONGEST_TEXT = 64;
const HOT = 1;

function writeU64(to: DataView, offset: number, value: number): void {
  to.setUint32(offset, Math.floor(value / 0x1_0000_0000));
  to.setUint32(offset + 4, value % 0x1_0000_0000);
}

/** Writes messages (formats/rbs.md 2, 3) at the beginning of its octets; each method returns the octets of its message. */
export class RbsWriter {
  readonly #to: DataView;

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

  /** `text`: printable ASCII; what is beyond 64 octets is left out. */
  close(sequence: number, code: CloseCode, text: string): number {
    const start = rbsHeader.size;
    this.#to.setUint16(start + rbsClose.at.code, CLOSE_CODES.indexOf(code) + 1);
    const letters = text.slice(0, LONGEST_TEXT);
    for (let n = 0; n < letters.length; n++) this.#to.setUint8(start + rbsClose.size + n, letters.charCodeAt(n) & 0x7f);
    return this.#finish("CLOSE", sequence, rbsClose.size + letters.length);
  }
}
