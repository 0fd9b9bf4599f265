import type { Digests } from "../../base/digests.js";
import type { IpAddress } from "../../base/ip-address.js";
import type { Micros } from "../../base/time.js";
import type { DesiredEtrunk, EtrunkKey } from "../../contract/desired/etrunk.js";
import type { HelloAuthentication } from "../../wire/etrunk-hello.js";
import { AUTHENTICATION_MODES, numberOf } from "../../wire/etrunk-names.js";
import { helloDigest, helloKey } from "../../wire/hello-digest.js";

type AuthenticationFailure = "missing" | "mode" | "key" | "digest";

/**
 * Why hellos with the peer's address are refused, since the last one that was believed. `sequence`: their sender has no sequence
 * check; `unproven`: they do not name a hello of ours (formats/e-trunk-hello.md 6.2).
 */
export interface Mismatch {
  readonly failure: AuthenticationFailure | "sequence" | "unproven";
  readonly keyId: number | undefined;
  /** Of the first and of the last such hello. */
  readonly since: Micros;
  readonly at: Micros;
}

/** The key that signs our hellos; undefined when it is missing or cannot be read. */
export const signingKey = ({ keys, sendKeyId }: DesiredEtrunk): EtrunkKey | undefined => usable(keys, sendKeyId);

function usable(keys: readonly EtrunkKey[], id: number): EtrunkKey | undefined {
  const key = keys.find((each) => each.id === id);
  return key?.octets === undefined ? undefined : key;
}

/** Signs and checks hellos (formats/e-trunk-hello.md 4). */
export class Authenticator {
  readonly #digests: Digests;
  #settings: DesiredEtrunk;
  readonly #derived = new Map<number, Uint8Array>();

  constructor(digests: Digests, settings: DesiredEtrunk) {
    this.#digests = digests;
    this.#settings = settings;
  }

  configure(settings: DesiredEtrunk): void {
    this.#settings = settings;
    this.#derived.clear();
  }

  get mode(): number {
    return numberOf(AUTHENTICATION_MODES, this.#settings.authentication, 1);
  }

  /** Writes the digest into its place, which holds zeros. */
  sign(
    bytes: DataView,
    start: number,
    length: number,
    digestAt: number,
    source: IpAddress,
    destination: IpAddress,
  ): void {
    const key = signingKey(this.#settings);
    if (key === undefined) return;
    const octets = new Uint8Array(bytes.buffer, bytes.byteOffset + start, length);
    octets.set(this.#digest(key, octets, source, destination), digestAt);
  }

  /** The fault of a hello's authentication; undefined when the hello is authentic. */
  check(
    bytes: DataView,
    start: number,
    length: number,
    authentication: HelloAuthentication | undefined,
    source: IpAddress,
    destination: IpAddress,
  ): AuthenticationFailure | undefined {
    if (authentication === undefined) return "missing";
    if (authentication.mode !== this.mode) return "mode";
    const key = usable(this.#settings.keys, authentication.keyId);
    if (key === undefined) return "key";
    // The digest is made over zeros in its own place, so the octets are copied: the datagram must not change.
    const octets = new Uint8Array(bytes.buffer, bytes.byteOffset + start, length).slice();
    const { digestAt, digestLength } = authentication;
    const received = octets.slice(digestAt, digestAt + digestLength);
    octets.fill(0, digestAt, digestAt + digestLength);
    return this.#digests.equal(this.#digest(key, octets, source, destination), received) ? undefined : "digest";
  }

  #digest(key: EtrunkKey, octets: Uint8Array, source: IpAddress, destination: IpAddress): Uint8Array {
    const path = { source, destination, udpPort: this.#settings.udpPort };
    let derived = this.#derived.get(key.id);
    if (derived === undefined) {
      derived = helloKey(this.#digests, this.mode, key.octets ?? new Uint8Array(0), this.#settings.id, path);
      this.#derived.set(key.id, derived);
    }
    return helloDigest(this.#digests, this.mode, derived, octets, path);
  }
}
