import { BFD_AUTHENTICATION_TYPES, type BfdAuthenticationType } from "../base/bfd.js";
import type { Digests } from "../base/digests.js";
import type { Random } from "../base/random.js";
import { later, type Micros, NEVER, seconds } from "../base/time.js";
import type { PacedNumbers, SteadySession } from "../contract/pacing.js";
import { AUTHENTICATION, type BfdView, bfdControl } from "../wire/bfd-control.js";

/** A key of RFC 5880 6.7. */
export interface BfdKey {
  readonly type: BfdAuthenticationType;
  /** 1-255. */
  readonly id: number;
  readonly octets: Uint8Array;
}

const codeOf = (type: BfdAuthenticationType): number => BFD_AUTHENTICATION_TYPES.indexOf(type) + 1;

/** Section lengths of the keyed types. */
const KEYED_LENGTH = { md5: 24, sha1: 28 } as const;
const DIGEST_AT = bfdControl.size + 8;
const SPACE = 0x1_0000_0000;
/** Octets of a key of SHA1. */
const KEY_OCTETS = 20;

const digestOf = (type: BfdAuthenticationType): "md5" | "sha1" => (type.endsWith("md5") ? "md5" : "sha1");
const isMeticulous = (type: BfdAuthenticationType): boolean => type.startsWith("met-");

/** The key padded or cut to the digest's length (6.7.3, 6.7.4). */
function padded(key: Uint8Array, length: number): Uint8Array {
  const octets = new Uint8Array(length);
  octets.set(key.subarray(0, length));
  return octets;
}

/** Sequence numbers and digests of one key, in both directions. */
class Authenticator {
  readonly key: BfdKey;
  readonly #digests: Digests;
  /** bfd.XmitAuthSeq. */
  #sending: number;
  /** bfd.RcvAuthSeq; undefined while bfd.AuthSeqKnown is 0. */
  #received: number | undefined;
  /** The pacer takes packets first and refuses repetitions, so those it hands on may be behind. */
  #isPaced = false;

  constructor(key: BfdKey, digests: Digests, firstSequence: number) {
    this.key = key;
    this.#digests = digests;
    this.#sending = firstSequence;
  }

  get sectionLength(): number {
    return this.key.type === "simple" ? 3 + this.key.octets.length : KEYED_LENGTH[digestOf(this.key.type)];
  }

  sign(bytes: DataView, start: number): void {
    const { type, id, octets } = this.key;
    const section = start + bfdControl.size;
    bytes.setUint8(section, codeOf(type));
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
    const copy = packet.slice();
    copy.set(padded(this.key.octets, digest === "md5" ? 16 : 20), DIGEST_AT);
    return this.#digests[digest](copy);
  }

  /** True when the packet is authentic and, of the keyed types, not a repetition (6.7.3, 6.7.4). */
  accepts(packet: BfdView): boolean {
    const { type, id, octets } = this.key;
    if (packet.authenticationType !== codeOf(type) || packet.authenticationLength !== this.sectionLength) return false;
    if (packet.length !== bfdControl.size + this.sectionLength || packet.keyId !== id) return false;
    const received = packet.octets();
    if (type === "simple") return this.#digests.equal(received.slice(bfdControl.size + 3), octets);
    const sequence = packet.authenticationSequence;
    if (!this.#isInWindow(sequence, packet.multiplier)) return false;
    if (!this.#digests.equal(this.#digest(received), received.slice(DIGEST_AT))) return false;
    if (!this.#isPaced) this.#received = sequence;
    return true;
  }

  #isInWindow(sequence: number, multiplier: number): boolean {
    if (this.#received === undefined) return true;
    const ahead = (sequence - this.#received + SPACE) % SPACE;
    if (this.#isPaced && SPACE - ahead <= 3 * multiplier) return true;
    return ahead >= (isMeticulous(this.key.type) ? 1 : 0) && ahead <= 3 * multiplier;
  }

  forget(): void {
    this.#received = undefined;
  }

  get numbers(): PacedNumbers {
    return { sent: this.#sending, taken: this.#received ?? 0 };
  }

  /** Goes on with the numbers of the pacer, which has the session or had it until now. */
  goOn({ sent, taken }: PacedNumbers, isPaced: boolean): void {
    this.#sending = sent;
    this.#received = taken;
    this.#isPaced = isPaced;
  }

  /** The key in the form in which the pacer signs; undefined where it cannot. */
  get pacedKey(): PacedKey | undefined {
    const { type, id, octets } = this.key;
    return type === "met-sha1" ? { id, octets: padded(octets, KEY_OCTETS) } : undefined;
  }
}

type PacedKey = NonNullable<SteadySession["key"]>;

const isSameKey = (one: BfdKey | undefined, other: BfdKey | undefined): boolean =>
  one?.type === other?.type && one?.id === other?.id && `${one?.octets}` === `${other?.octets}`;

/** Longest time that a changed authentication of an Up session waits for the peer's change. */
const CHANGE_PATIENCE = seconds(60);

/**
 * The authentication of a session. When it is changed while the session is Up, the old one stays in use until the peer
 * uses the new one (6.7.1), or until CHANGE_PATIENCE is over. So both ends can change it without a flap.
 */
export class SessionAuthentication {
  readonly #digests: Digests;
  readonly #random: Random;
  #inUse: Authenticator | undefined;
  /** The authentication that waits to come into use; without an authenticator it is no authentication. */
  #next: { readonly authenticator: Authenticator | undefined } | undefined;
  #nextAt: Micros = NEVER;

  constructor(key: BfdKey | undefined, digests: Digests, random: Random) {
    this.#digests = digests;
    this.#random = random;
    this.#inUse = this.#make(key);
  }

  #make(key: BfdKey | undefined): Authenticator | undefined {
    return key && new Authenticator(key, this.#digests, this.#random.next());
  }

  get isInUse(): boolean {
    return this.#inUse !== undefined;
  }
  /** The pacer can keep the session: without authentication, or with Meticulous Keyed SHA1 that is not about to change. */
  get isPaceable(): boolean {
    return this.#next === undefined && (this.#inUse === undefined || this.pacedKey !== undefined);
  }
  get pacedKey(): PacedKey | undefined {
    return this.#inUse?.pacedKey;
  }
  get numbers(): PacedNumbers {
    return this.#inUse?.numbers ?? { sent: 0, taken: 0 };
  }
  goOn(numbers: PacedNumbers, isPaced: boolean): void {
    this.#inUse?.goOn(numbers, isPaced);
  }
  /** Octets that the section adds to a packet. */
  get sectionLength(): number {
    return this.#inUse?.sectionLength ?? 0;
  }
  /** Writes the section behind a packet whose other fields are set. */
  sign(bytes: DataView, start: number): void {
    this.#inUse?.sign(bytes, start);
  }

  /** Takes over a changed configuration. `delayed`: the session is Up and must not fall. */
  change(key: BfdKey | undefined, delayed: boolean, now: Micros): void {
    const coming = this.#next === undefined ? this.#inUse : this.#next.authenticator;
    if (isSameKey(coming?.key, key)) return;
    this.#next = isSameKey(this.#inUse?.key, key) ? undefined : { authenticator: this.#make(key) };
    this.#nextAt = this.#next === undefined ? NEVER : later(now, CHANGE_PATIENCE);
    if (!delayed) this.#switch();
  }

  #switch(): void {
    if (this.#next !== undefined) this.#inUse = this.#next.authenticator;
    this.#next = undefined;
    this.#nextAt = NEVER;
  }

  /** 6.8.6: whether the packet's authentication is accepted. */
  accepts(packet: BfdView): boolean {
    if (fits(packet, this.#inUse)) return true;
    if (this.#next === undefined || !fits(packet, this.#next.authenticator)) return false;
    // The change happens once; packets never change it back.
    this.#switch();
    return true;
  }

  expire(now: Micros): void {
    if (now >= this.#nextAt) this.#switch();
  }
  nextDeadline(): Micros {
    return this.#nextAt;
  }

  /** Clears bfd.AuthSeqKnown, since nothing was received for twice the detection time (6.8.1). */
  forget(): void {
    this.#inUse?.forget();
    this.#next?.authenticator?.forget();
  }
}

function fits(packet: BfdView, authenticator: Authenticator | undefined): boolean {
  if (packet.has(AUTHENTICATION) !== (authenticator !== undefined)) return false;
  return authenticator === undefined || authenticator.accepts(packet);
}
