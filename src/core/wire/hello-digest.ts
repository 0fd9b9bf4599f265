import type { Digests } from "../base/digests.js";
import type { IpAddress } from "../base/ip-address.js";

const ascii = (text: string): Uint8Array => Uint8Array.from([...text].map((letter) => letter.charCodeAt(0)));
const SALT = ascii("etrunkd hello 1");
const BFD_SALT = ascii("etrunkd bfd 1");
/** Octets of a key of Meticulous Keyed SHA1 (RFC 5880 6.7.4). */
const BFD_KEY = 20;
const SHA1 = 1;
const ENHANCED = 3;
/** Octets that are signed before the datagram: source 16, destination 16, UDP port 2. */
const PSEUDO_HEADER = 34;

const lowerFirst = (a: Uint8Array, b: Uint8Array): [Uint8Array, Uint8Array] => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return (a[i] as number) < (b[i] as number) ? [a, b] : [b, a];
  return [a, b];
};

/** Addresses and port of a hello. */
export interface HelloPath {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly udpPort: number;
}

/** Key of the HMAC: the configured one, or in mode 3 one derived for the E-Trunk and its two addresses. */
export function helloKey(
  { hkdf }: Pick<Digests, "hkdf">,
  mode: number,
  key: Uint8Array,
  etrunk: number,
  { source, destination }: Pick<HelloPath, "source" | "destination">,
): Uint8Array {
  return mode === ENHANCED ? hkdf(key, SALT, infoOf(etrunk, { source, destination }), 32) : key;
}

/** Key of the BFD session that an E-Trunk makes itself, 20 octets (formats/e-trunk-hello.md 4.1). */
export const bfdKey = (
  { hkdf }: Pick<Digests, "hkdf">,
  key: Uint8Array,
  etrunk: number,
  path: Pick<HelloPath, "source" | "destination">,
): Uint8Array => hkdf(key, BFD_SALT, infoOf(etrunk, path), BFD_KEY);

/** An E-Trunk and its two addresses, which both ends give in the same order. */
function infoOf(etrunk: number, { source, destination }: Pick<HelloPath, "source" | "destination">): Uint8Array {
  const [lower, higher] = lowerFirst(source.octets, destination.octets);
  return Uint8Array.from([etrunk >> 8, etrunk & 255, ...lower, ...higher]);
}

/** The digest of a hello whose own digest octets are zero (formats/e-trunk-hello.md 4). `key`: of `helloKey`. */
export function helloDigest(
  { hmac }: Pick<Digests, "hmac">,
  mode: number,
  key: Uint8Array,
  octets: Uint8Array,
  { source, destination, udpPort }: HelloPath,
): Uint8Array {
  const signed = new Uint8Array(PSEUDO_HEADER + octets.length);
  signed.set(source.octets, 0);
  signed.set(destination.octets, 16);
  signed[32] = udpPort >> 8;
  signed[33] = udpPort & 255;
  signed.set(octets, PSEUDO_HEADER);
  return hmac(mode === SHA1 ? "sha1" : "sha256", key, signed);
}
