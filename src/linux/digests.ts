import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { Digests } from "../core/base/digests.js";

const plain = (octets: Uint8Array | ArrayBuffer): Uint8Array => new Uint8Array(octets);

/** The core's cryptography by `node:crypto`. */
export const digests: Digests = {
  hmac: (algorithm, key, octets) => plain(createHmac(algorithm, key).update(octets).digest()),
  sha256: (octets) => plain(createHash("sha256").update(octets).digest()),
  hkdf: (key, salt, info, length) => plain(hkdfSync("sha256", key, salt, info, length)),
  md5: (octets) => plain(createHash("md5").update(octets).digest()),
  sha1: (octets) => plain(createHash("sha1").update(octets).digest()),
  // node:crypto throws where the lengths differ; a length is no secret.
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
};
