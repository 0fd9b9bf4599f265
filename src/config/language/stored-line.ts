import type { Said } from "./match.js";
import { NO_CIPHER, sealed } from "./secrets.js";

/** Keywords that a key in plain text may stand behind. @internal */
export const BEFORE_KEYS: readonly string[] = ["cipher", "simple", "sha"];

/** Any ciphertext. */
const SEALED = sealed("", NO_CIPHER);

/**
 * A line as it is stored: full keywords, single blanks, values as their types print them, and `seal` applied to each key. Where
 * `simple` takes plain text alone, the sealed key stands behind `cipher`.
 */
export function storedLine(said: readonly Said[], seal: (key: string) => string): string {
  const words = said.map((part, at) => {
    if (typeof part === "string") return part === "simple" && isPlainKey(said[at + 1]) ? "cipher" : part;
    const { type } = part.parameter;
    return isKey(part) ? seal(type.print(part.value)) : type.print(part.value);
  });
  return words.join(" ");
}

const isKey = (part: Said | undefined): boolean => typeof part === "object" && part.parameter.type.isSecret === true;

const isPlainKey = (part: Said | undefined): boolean =>
  isKey(part) && typeof part === "object" && !part.parameter.type.schema.safeParse(SEALED).success;

/** The line holds a key. */
export const holdsKey = (said: readonly Said[]): boolean => said.some(isKey);

/** A line that is no command, without what may be a key: what follows a word that may be a keyword before keys. */
export function withoutKeys(text: string): string {
  const leads = /(?:^|[ \t])([a-z]+)[ \t]+(?=\S)/gi;
  for (let found = leads.exec(text); found !== null; found = leads.exec(text)) {
    const word = found[1]?.toLowerCase() ?? "";
    if (BEFORE_KEYS.some((keyword) => keyword.startsWith(word))) return `${text.slice(0, leads.lastIndex)}***`;
    // The blank after this word is the one before the next.
    leads.lastIndex -= 1;
  }
  return text;
}
