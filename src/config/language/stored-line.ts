import type { Said } from "./match.js";

/**
 * A line as it is stored: full keywords, single blanks, values as their types print them, and `seal` applied to each key. A
 * sealed key is no plain text any more, so it stands behind `cipher`.
 */
export function storedLine(said: readonly Said[], seal: (key: string) => string): string {
  const words = said.map((part, at) => {
    if (typeof part === "string") return part === "simple" && isKey(said[at + 1]) ? "cipher" : part;
    const { type } = part.parameter;
    return isKey(part) ? seal(type.print(part.value)) : type.print(part.value);
  });
  return words.join(" ");
}

const isKey = (part: Said | undefined): boolean => typeof part === "object" && part.parameter.type.isSecret === true;
