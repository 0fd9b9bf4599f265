/** Cryptography for the core: pure, synchronous functions that `linux` makes of `node:crypto`. */
export interface Digests {
  /** 20 octets for sha1, 32 for sha256. */
  hmac(algorithm: "sha1" | "sha256", key: Uint8Array, octets: Uint8Array): Uint8Array;
  sha256(octets: Uint8Array): Uint8Array;
  /** HKDF-SHA256, RFC 5869. */
  hkdf(key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  md5(octets: Uint8Array): Uint8Array;
  sha1(octets: Uint8Array): Uint8Array;
  /** Compares in constant time; false for unequal lengths. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
}
