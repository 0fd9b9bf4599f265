import type { Digests } from "../base/digests.js";
import { AUTHENTICATION, type BfdView, bfdControl } from "../wire/bfd-control.js";

/** Authentication of BFD, RFC 5880 6.7: all five types. */
export type BfdAuthenticationType = "simple" | "md5" | "met-md5" | "sha1" | "met-sha1";

export interface BfdKey {
  readonly type: BfdAuthenticationType;
  /** 1-255. */
  readonly id: number;
  readonly octets: Uint8Array;
}

const CODES: { readonly [type in BfdAuthenticationType]: number } = {
  simple: 1,
  md5: 2,
  "met-md5": 3,
  sha1: 4,
  "met-sha1": 5,
};
/** Section lengths of the keyed types. */
const KEYED_LENGTH = { md5: 24, sha1: 28 } as const;
const DIGEST_AT = bfdControl.size + 8;
const SPACE = 0x1_0000_0000;

const digestOf = (type: BfdAuthenticationType): "md5" | "sha1" => (type.endsWith("md5") ? "md5" : "sha1");
const isMeticulous = (type: BfdAuthenticationType): boolean => type.startsWith("met-");

/** The key padded or cut to the digest's length (6.7.3, 6.7.4). */
function padded(key: Uint8Array, length: number): Uint8Array {
  const octets = new Uint8Array(length);
  octets.set(key.subarray(0, length));
  return octets;
}

/** Both directions of one session's authentication: sequence numbers and digests. */
export class BfdAuthenticator {
  readonly key: BfdKey;
  readonly #digests: Digests;
  /** bfd.XmitAuthSeq. */
  #sending: number;
  /** bfd.RcvAuthSeq; undefined while bfd.AuthSeqKnown is 0. */
  #received: number | undefined;

  constructor(key: BfdKey, digests: Digests, firstSequence: number) {
    this.key = key;
    this.#digests = digests;
    this.#sending = firstSequence;
  }

  /** Octets the section adds to a packet. */
  get sectionLength(): number {
    return this.key.type === "simple" ? 3 + this.key.octets.length : KEYED_LENGTH[digestOf(this.key.type)];
  }

  /** Writes the section behind a packet whose other fields are set. */
  sign(bytes: DataView, start: number): void {
    const { type, id, octets } = this.key;
    const section = start + bfdControl.size;
    bytes.setUint8(section, CODES[type]);
    bytes.setUint8(section + 1, this.sectionLength);
    bytes.setUint8(section + 2, id);
    if (type === "simple") {
      for (let i = 0; i < octets.length; i++) bytes.setUint8(section + 3 + i, octets[i] as number);
      return;
    }
    // A meticulous sequence grows with every packet; the other kind may, and does.
    this.#sending = (this.#sending + 1) % SPACE;
    bytes.setUint32(section + 4, this.#sending);
    const packet = new Uint8Array(bytes.buffer, bytes.byteOffset + start, bfdControl.size + this.sectionLength);
    packet.set(this.#digest(packet), DIGEST_AT);
  }

  #digest(packet: Uint8Array): Uint8Array {
    const digest = digestOf(this.key.type);
    const length = digest === "md5" ? 16 : 20;
    const copy = packet.slice();
    copy.set(padded(this.key.octets, length), DIGEST_AT);
    return this.#digests[digest](copy);
  }

  /** True when the packet is authentic and, of the keyed types, not a repetition (6.7.3, 6.7.4). */
  accepts(packet: BfdView, multiplier: number): boolean {
    const { type, id, octets } = this.key;
    if (!packet.has(AUTHENTICATION) || packet.authenticationType !== CODES[type]) return false;
    if (packet.authenticationLength !== this.sectionLength || packet.keyId !== id) return false;
    if (packet.length !== bfdControl.size + this.sectionLength) return false;
    const received = packet.octets();
    if (type === "simple") return this.#digests.equal(received.slice(bfdControl.size + 3), octets);
    const sequence = packet.authenticationSequence;
    if (!this.#isInWindow(sequence, multiplier)) return false;
    if (!this.#digests.equal(this.#digest(received), received.slice(DIGEST_AT))) return false;
    this.#received = sequence;
    return true;
  }

  #isInWindow(sequence: number, multiplier: number): boolean {
    if (this.#received === undefined) return true;
    const ahead = (sequence - this.#received + SPACE) % SPACE;
    return ahead >= (isMeticulous(this.key.type) ? 1 : 0) && ahead <= 3 * multiplier;
  }

  /** Nothing was received for twice the detection time (6.8.1, bfd.AuthSeqKnown). */
  forget(): void {
    this.#received = undefined;
  }
}
