import { z } from "zod";
import { macToColons, macToDashes, parseMac } from "../../core/base/address.js";
import { type IpAddress, parseIpAddress } from "../../core/base/ip-address.js";
import {
  type InterfaceName,
  isInterfaceNumber,
  isLinuxName,
  isTypeName,
  nameOf,
  numberText,
  parseInterfaceName,
  typeCalled,
  typeOfGlued,
} from "./interface-name.js";
import { type Line, wordAt } from "./line.js";

/**
 * Result of reading a parameter: its value and the index of the next word; or the index of the wrong word, and what
 * should stand there where that is narrower than the type.
 */
export type Reading<Value> =
  | { readonly value: Value; readonly next: number }
  | { readonly wrongAt: number; readonly expected?: string };

/** A type of parameter. One declaration serves reading, printing, help, completion and the JSON schema. */
export interface ParameterType<Value> {
  /** The type in help and errors, e.g. `INTEGER<1-64>`. */
  readonly text: string;
  readonly schema: z.ZodType<Value>;
  /** Reads from word `at` on; that word exists. */
  read(line: Line, at: number): Reading<Value>;
  print(value: Value): string;
  /** Sort of objects whose names are completions. */
  readonly names?: string;
  /** No message may quote the word, nor the words after it. */
  readonly isSecret?: true;
}

/** A type whose values are one word. `accept` gives undefined for a word that is none. */
export function oneWord<Value>(
  text: string,
  schema: z.ZodType<Value>,
  accept: (word: string) => Value | undefined,
  print: (value: Value) => string = String,
): ParameterType<Value> {
  return {
    text,
    schema,
    read(line, at) {
      const value = accept(wordAt(line, at).text);
      return value === undefined ? { wrongAt: at } : { value, next: at + 1 };
    },
    print,
  };
}

export function integer(least: number, most: number, names?: string): ParameterType<number> {
  const text = `INTEGER<${least}-${most}>`;
  const type = oneWord(text, z.int(text).gte(least, text).lte(most, text), (word) => {
    if (!/^\d{1,15}$/.test(word)) return undefined;
    const value = Number(word);
    return value >= least && value <= most ? value : undefined;
  });
  return names ? { ...type, names } : type;
}

/** A string of one word that may hold `pattern` only. */
export function word(least: number, most: number, pattern: RegExp): ParameterType<string> {
  const text = `STRING<${least}-${most}>`;
  const accept = (value: string) =>
    value.length >= least && value.length <= most && pattern.test(value) ? value : undefined;
  return oneWord(text, z.string(text).refine(accept, text), accept);
}

const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** Everything up to the end of the line, as typed. */
export function restOfLine(least: number, most: number): ParameterType<string> {
  const text = `TEXT<${least}-${most}>`;
  // Surrounding blanks would be lost when the line is read again.
  const fits = (value: string) =>
    value.length >= least &&
    value.length <= most &&
    !UNPRINTABLE.test(value) &&
    value === value.replace(/^ +| +$/g, "");
  return {
    text,
    schema: z.string(text).refine(fits, text),
    read(line, at) {
      const value = line.text.slice(wordAt(line, at).start);
      return fits(value) ? { value, next: line.words.length } : { wrongAt: at };
    },
    print: (value) => value,
  };
}

const colons = (text: string): string | undefined => {
  const mac = parseMac(text);
  return mac === undefined ? undefined : macToColons(mac);
};

/** A MAC address, kept as `00:e0:fc:12:34:55` (the form of JSON) and printed as `00e0-fc12-3455`. */
export const macAddress: ParameterType<string> = oneWord(
  "H-H-H",
  z
    .string("H-H-H")
    .refine((text) => colons(text) !== undefined, "H-H-H")
    .overwrite((text) => colons(text) ?? text),
  colons,
  (text) => {
    const mac = parseMac(text);
    return mac === undefined ? text : macToDashes(mac);
  },
);

/** An address in canonical form (RFC 5952), as JSON shows it. */
export const address = (
  text: string,
  fits: (address: IpAddress) => boolean,
  print: (value: string) => string = String,
): ParameterType<string> => {
  const canonical = (word: string): string | undefined => {
    const parsed = parseIpAddress(word);
    return parsed !== undefined && fits(parsed) ? parsed.text : undefined;
  };
  const schema = z
    .string(text)
    .refine((word) => canonical(word) !== undefined, text)
    .overwrite((word) => canonical(word) ?? word);
  return oneWord(text, schema, canonical, print);
};

function firstOctets({ octets, isIpv4 }: IpAddress): number {
  const [first = 0, second = 0] = octets.subarray(isIpv4 ? 12 : 0);
  return first * 256 + second;
}

/** The address of one host: no group, broadcast, loopback or zero address. */
export const ipv4Address = address("X.X.X.X", (value) => {
  const first = firstOctets(value) >> 8;
  return value.isIpv4 && first > 0 && first < 224 && first !== 127;
});

/** A group address in a range of the last octet: `224.0.0.<least>` to `224.0.0.<most>`. */
export const groupAddress = (least: number, most: number): ParameterType<string> =>
  address(`X.X.X.X<224.0.0.${least}-224.0.0.${most}>`, ({ text }) => {
    const [, last] = /^224\.0\.0\.(\d+)$/.exec(text) ?? [];
    return last !== undefined && Number(last) >= least && Number(last) <= most;
  });

const isHostIpv6 = (value: IpAddress): boolean =>
  !value.isIpv4 && firstOctets(value) >> 8 !== 0xff && value.text !== "::" && value.text !== "::1";
export const isLinkLocal = (value: IpAddress): boolean => (firstOctets(value) & 0xffc0) === 0xfe80;
export const upperCase = (value: string): string => value.toUpperCase();

/** The address of one host, of more than one link. Printed in upper case. */
export const ipv6Address = address("X:X::X:X", (value) => isHostIpv6(value) && !isLinkLocal(value), upperCase);

/** The same, where an interface says which link a link-local address means. */
export const ipv6AddressOnLink = address("X:X::X:X", isHostIpv6, upperCase);

/** The name of a Linux interface. */
export const linuxInterface: ParameterType<string> = oneWord(
  "STRING<1-15>",
  z.string("STRING<1-15>").refine(isLinuxName, "STRING<1-15>"),
  (text) => (isLinuxName(text) ? text : undefined),
);

const nameText = "interface name";
const canonical = (text: string): boolean => parseInterfaceName(text)?.text === text;

/** An interface in any form: `Eth-Trunk 1`, `eth-trunk1`, `ge0/1/2`, `eth0`. The value is the canonical name. */
export const interfaceName: ParameterType<string> = {
  text: nameText,
  schema: z.string(nameText).refine(canonical, nameText),
  read(line, at) {
    const first = wordAt(line, at).text;
    const second = line.words[at + 1]?.text;
    const type = typeCalled(first);
    if (type !== undefined && second !== undefined && isInterfaceNumber(second)) {
      if (type === "ambiguous") return { wrongAt: at };
      const name = nameOf(type, second);
      return name ? { value: name.text, next: at + 2 } : { wrongAt: at + 1, expected: numberText(type) };
    }
    if (isTypeName(first)) return { wrongAt: at + 1, expected: numberText(typeCalled(first)) };
    const name = parseInterfaceName(first);
    if (name) return { value: name.text, next: at + 1 };
    const meant = typeOfGlued(first);
    return meant ? { wrongAt: at, expected: `${meant.name}${numberText(meant)}` } : { wrongAt: at };
  },
  print: (value) => value,
  names: "interfaces",
};

/** A type's whole word, for what is cut short may be the name of a Linux interface. The value is canonical, `Eth-Trunk`. */
export const interfaceType = oneWord("STRING<2-15>", z.string(), (word) => {
  const type = isTypeName(word) ? typeCalled(word) : undefined;
  return type === undefined || type === "ambiguous" ? undefined : type.name;
});

/** Most names in one list; a command may allow fewer. */
const LONGEST_LIST = 128;
const MOST_ITEMS = 64;

/** `<if>`, or `<type> { n1 [ to n2 ] } &<1-64>`. The value is the canonical names. */
export const interfaceList: ParameterType<readonly string[]> = {
  text: "interface list",
  schema: z.array(z.string().refine(canonical, nameText)),
  read(line, at) {
    const type = typeCalled(wordAt(line, at).text);
    const listed = type !== undefined && isInterfaceNumber(line.words[at + 1]?.text ?? "");
    if (!listed) {
      const one = interfaceName.read(line, at);
      return "wrongAt" in one ? one : { value: [one.value], next: one.next };
    }
    if (type === "ambiguous") return { wrongAt: at };
    const names: string[] = [];
    let next = at + 1;
    for (let items = 0; items < MOST_ITEMS && isInterfaceNumber(line.words[next]?.text ?? ""); items++) {
      const first = nameOf(type, wordAt(line, next).text);
      if (!first) return { wrongAt: next, expected: numberText(type) };
      next++;
      if (line.words[next]?.text.toLowerCase() !== "to") {
        names.push(first.text);
        continue;
      }
      const last = nameOf(type, line.words[next + 1]?.text ?? "");
      const range = last && namesBetween(first, last);
      if (!range || names.length + range.length > LONGEST_LIST) return { wrongAt: next + 1 };
      names.push(...range);
      next += 2;
    }
    return { value: names, next };
  },
  print: (names) => names.join(" "),
  names: "interfaces",
};

/** Both ends and what lies between them; undefined unless only the last number differs and the second is greater. */
function namesBetween(first: InterfaceName, last: InterfaceName): string[] | undefined {
  const [from = 0, to = 0] = [first.numbers.at(-1), last.numbers.at(-1)];
  const stem = first.numbers.slice(0, -1).join("/");
  const alike = stem === last.numbers.slice(0, -1).join("/") && !first.subInterface && !last.subInterface;
  if (!alike || to <= from || to - from >= LONGEST_LIST) return undefined;
  const prefix = `${first.type}${stem === "" ? "" : `${stem}/`}`;
  return Array.from({ length: to - from + 1 }, (_, i) => `${prefix}${from + i}`);
}
