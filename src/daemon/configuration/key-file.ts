import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Cipher, NO_CIPHER } from "../../config/language/secrets.js";
import { StartFailure, systemReason } from "../start-failure.js";

/** The file of the state directory that opens `cipher` texts. */
const FILE = "cipher-key";
const KEY_OCTETS = 32;
const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;
/** Bound to each ciphertext: version and purpose. */
const CONTEXT = Buffer.from("etrunkd cipher 1");

/** The key of this host, and the cipher under it. */
export interface HostKey {
  readonly cipher: Cipher;
  /** Writes the key where it is new; call it when the state directory is held. Throws StartFailure. */
  keep(): void;
}

/** Reads the key of a state directory, or makes a new one. `keep` throws when the key cannot be read. */
export function loadHostKey(stateDirectory: string): HostKey {
  const path = join(stateDirectory, FILE);
  try {
    const stored = read(path);
    const key = stored ?? randomBytes(KEY_OCTETS);
    return {
      cipher: cipherUnder(key),
      keep() {
        if (stored === undefined) write(path, key);
      },
    };
  } catch (error) {
    return {
      cipher: NO_CIPHER,
      keep() {
        throw error;
      },
    };
  }
}

function read(path: string): Buffer | undefined {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new StartFailure(`${path}: ${systemReason(error)}; make it readable, or remove it and type the keys again`);
  }
  const key = Buffer.from(text.trim(), "hex");
  if (key.length === KEY_OCTETS) return key;
  throw new StartFailure(`${path}: not a key of etrunkd; restore it, or remove it and type the keys again`);
}

function write(path: string, key: Buffer): void {
  try {
    // An existing key is never overwritten: its ciphertexts would be lost.
    const descriptor = openSync(path, "wx", 0o600);
    writeSync(descriptor, `${key.toString("hex")}\n`);
    fsyncSync(descriptor);
    closeSync(descriptor);
  } catch (error) {
    throw new StartFailure(`${path}: ${systemReason(error)}; choose another place with --state-dir, or start again`);
  }
}

/**
 * AES-256-GCM. The nonce is made of the text itself, so that equal texts give equal ciphertexts, and a file read twice changes
 * nothing. A reader learns that two keys are equal, and nothing else about them.
 */
function cipherUnder(hostKey: Buffer): Cipher {
  const derived = (purpose: string) => Buffer.from(hkdfSync("sha256", hostKey, CONTEXT, purpose, 32));
  const key = derived("encryption");
  const nonceKey = derived("nonce");
  return {
    encipher(plain) {
      const octets = Buffer.from(plain);
      const nonce = createHmac("sha256", nonceKey).update(octets).digest().subarray(0, NONCE_OCTETS);
      const gcm = createCipheriv("aes-256-gcm", key, nonce).setAAD(CONTEXT);
      const sealed = Buffer.concat([nonce, gcm.update(octets), gcm.final(), gcm.getAuthTag()]);
      return sealed.toString("base64").replace(/=+$/, "");
    },
    decipher(content) {
      const sealed = Buffer.from(content, "base64");
      if (sealed.length < NONCE_OCTETS + TAG_OCTETS) return undefined;
      const tag = sealed.subarray(-TAG_OCTETS);
      const gcm = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_OCTETS))
        .setAAD(CONTEXT)
        .setAuthTag(tag);
      try {
        return Buffer.concat([gcm.update(sealed.subarray(NONCE_OCTETS, -TAG_OCTETS)), gcm.final()]).toString();
      } catch {
        return undefined;
      }
    },
  };
}
