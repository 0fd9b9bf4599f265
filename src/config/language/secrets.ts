/**
 * Keys and passwords. The model holds them only as ciphertext, from the moment they are read, and every printed text is
 * made of the model. The caller brings the cipher, since this folder has no crypto (decision 0008).
 */
import { z } from "zod";
import { wordAt } from "./line.js";
import type { ParameterType } from "./parameters.js";

/** Enciphers under the key of this host. */
export interface Cipher {
  /**
   * Enciphers a plain text of at most 255 characters into at most 422 printable ones without blanks. Equal texts give
   * equal ciphertexts, so a file that is read twice is the same configuration.
   */
  encipher(plain: string): string;
  /** Deciphers a text; undefined when it was made under another key, or is no ciphertext of ours. */
  decipher(content: string): string | undefined;
}

/** A cipher without a key: it opens nothing, which is enough to check a configuration. */
export const NO_CIPHER: Cipher = { encipher: () => "0".repeat(22), decipher: () => undefined };

const MARK = "%^%#";
/** Our ciphertexts, version 1. */
const OWN = `${MARK}1:`;
const SHORTEST = 32;
const LONGEST = 432;
const LONGEST_PLAIN = 255;

/** `%^%#...%^%#` is ciphertext, whoever made it; a shorter text is a key that looks odd. @internal */
export function isCiphertext(text: string): boolean {
  const fits = text.length >= SHORTEST && text.length <= LONGEST && /^[!-~]*$/.test(text) && !text.includes("?");
  return fits && text.startsWith(MARK) && text.endsWith(MARK);
}

const isOwn = (ciphertext: string): boolean => ciphertext.startsWith(OWN);

/** The ciphertext of a key as it may stand in a model that was just read: what is ciphertext stays as it is. */
export const sealed = (text: string, cipher: Cipher): string =>
  isCiphertext(text) ? text : `${OWN}${cipher.encipher(text)}${MARK}`;

/** The key a ciphertext stands for. */
export interface OpenedKey {
  /** Octets of the key; undefined for a ciphertext of ours that this host cannot open. */
  readonly octets: Uint8Array | undefined;
  /** A foreign ciphertext cannot be opened; its text itself serves as the key. */
  readonly origin: "configured" | "foreign" | "unreadable";
}

export function openedKey(ciphertext: string, cipher: Cipher): OpenedKey {
  if (!isOwn(ciphertext)) return { octets: octetsOf(ciphertext), origin: "foreign" };
  const plain = cipher.decipher(ciphertext.slice(OWN.length, -MARK.length));
  if (plain === undefined) return { octets: undefined, origin: "unreadable" };
  return { octets: octetsOf(plain), origin: "configured" };
}

/** Keys are printable ASCII, one octet a character. */
export const octetsOf = (text: string): Uint8Array =>
  Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));

const isPlain = (text: string, least: number, most: number): boolean =>
  text.length >= least && text.length <= most && /^[ -~]*$/.test(text);

/** The parameter after `simple`: a key in plain text. Messages never quote it. */
export function plainKey(least = 1, most = LONGEST_PLAIN): ParameterType<string> {
  return keyType(`STRING<${least}-${most}>`, (text) => isPlain(text, least, most) && !isCiphertext(text));
}

/** The parameter after `cipher`: a ciphertext, or a key in plain text. */
export function cipherKey(least = 1, most = LONGEST_PLAIN): ParameterType<string> {
  const text = `STRING<${least}-${most}> or STRING<${SHORTEST}-${LONGEST}>`;
  return keyType(text, (word) => isCiphertext(word) || isPlain(word, least, most));
}

const keyType = (text: string, fits: (word: string) => boolean): ParameterType<string> => ({
  text,
  schema: z.string(text).refine(fits, text),
  read(line, at) {
    const value = wordAt(line, at).text;
    return fits(value) ? { value, next: at + 1 } : { wrongAt: at };
  },
  print: (value) => value,
  isSecret: true,
});
