import { z } from "zod";
import { assert } from "../../core/base/assert.js";
import { type IpAddress, ipAddressOf, parseIpAddress } from "../../core/base/ip-address.js";
import { type Line, wordAt } from "./line.js";
import {
  address,
  integer,
  ipv6Address,
  isLinkLocal,
  oneWord,
  type ParameterType,
  type Reading,
  upperCase,
} from "./parameters.js";

export const vlanId = integer(1, 4094);

/** Most items in one list of VLANs. */
const MOST_ITEMS = 10;
const listText = "VLAN list";

const ascending = (vlans: Iterable<number>): number[] => [...new Set(vlans)].sort((a, b) => a - b);

/** The VLANs of both. */
export const withVlans = (vlans: readonly number[] = [], more: readonly number[]): number[] =>
  ascending([...vlans, ...more]);
export const withoutVlans = (vlans: readonly number[] = [], fewer: readonly number[]): number[] => {
  const gone = new Set(fewer);
  return vlans.filter((vlan) => !gone.has(vlan));
};

/** `{ v1 [ to v2 ] } &<1-10>`. The value is the VLANs, ascending. */
export const vlanList: ParameterType<readonly number[]> = {
  text: listText,
  schema: z
    .array(vlanId.schema, listText)
    .min(1, listText)
    .overwrite((vlans) => ascending(vlans)),
  read: (line, at) => readVlans(line, at, false),
  print: (vlans) => rangesOf(vlans).join(" "),
};

/** The same on one line, where keywords may follow. */
export const vlanListThen: ParameterType<readonly number[]> = {
  ...vlanList,
  schema: vlanList.schema.refine((vlans) => rangesOf(vlans).length <= MOST_ITEMS, listText),
  read: (line, at) => readVlans(line, at, true),
};

function readVlans(line: Line, at: number, mayBeFollowed: boolean): Reading<readonly number[]> {
  const vlans: number[] = [];
  let next = at;
  for (let items = 0; next < line.words.length; items++) {
    if (mayBeFollowed && items > 0 && /^[a-z]/i.test(wordAt(line, next).text)) break;
    const first = numberAt(line, next);
    if (first === undefined || items === MOST_ITEMS) return { wrongAt: next, expected: vlanId.text };
    vlans.push(first);
    next++;
    if (line.words[next]?.text.toLowerCase() !== "to") continue;
    const last = numberAt(line, next + 1);
    if (last === undefined || last <= first) return { wrongAt: next + 1, expected: vlanId.text };
    for (let vlan = first + 1; vlan <= last; vlan++) vlans.push(vlan);
    next += 2;
  }
  return { value: ascending(vlans), next };
}

function numberAt(line: Line, at: number): number | undefined {
  if (at >= line.words.length) return undefined;
  const reading = vlanId.read(line, at);
  return "value" in reading ? reading.value : undefined;
}

/** `5`, `10 to 12`. */
function rangesOf(vlans: readonly number[]): string[] {
  const ranges: [first: number, last: number][] = [];
  for (const vlan of vlans) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === vlan - 1) range[1] = vlan;
    else ranges.push([vlan, vlan]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first} to ${last}`));
}

/** The list behind a command, on as many lines as it takes. */
export function vlanLines(command: string, vlans: readonly number[]): string[] {
  const ranges = rangesOf(vlans);
  const lines: string[] = [];
  for (let at = 0; at < ranges.length; at += MOST_ITEMS)
    lines.push(`${command} ${ranges.slice(at, at + MOST_ITEMS).join(" ")}`);
  return lines;
}

const maskText = (length: number): string =>
  [24, 16, 8, 0].map((shift) => (length === 0 ? 0 : ((2 ** 32 - 2 ** (32 - length)) >>> shift) & 255)).join(".");

const MASKS: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 33 }, (_, length) => [maskText(length), length] as const),
);

/** The length of a prefix of IPv4, typed as number or mask and printed as mask. */
function mask(least: number): ParameterType<number> {
  const lengths = integer(least, 32);
  const read = (word: string): number | undefined => {
    const length = /^\d{1,2}$/.test(word) ? Number(word) : MASKS.get(word);
    return length !== undefined && length >= least && length <= 32 ? length : undefined;
  };
  return oneWord(`${lengths.text} | X.X.X.X`, lengths.schema, read, maskText);
}

export const hostMask = mask(1);
export const routeMask = mask(0);

/** An address with the length of its prefix. */
export interface Prefix {
  /** In canonical form. */
  readonly address: string;
  readonly length: number;
}

const lengthText = "INTEGER<1-128>";
const prefixLength = (least: number, word: string | undefined): number | undefined => {
  if (word === undefined || !/^\d{1,3}$/.test(word)) return undefined;
  const length = Number(word);
  return length >= least && length <= 128 ? length : undefined;
};

/** `A/len` or `A len`. */
function ipv6Prefix(
  least: number,
  host: ParameterType<string>,
  print: (prefix: Prefix) => string,
): ParameterType<Prefix> {
  const text = "X:X::X:X/M";
  const accept = (word: string): string | undefined => {
    const reading = host.read({ text: word, words: [{ text: word, start: 0, end: word.length, quoted: false }] }, 0);
    return "value" in reading ? reading.value : undefined;
  };
  return {
    text,
    schema: z.strictObject(
      { address: host.schema, length: z.int(lengthText).gte(least).lte(128) },
      "{ address, length }",
    ),
    read(line, at) {
      const [word = "", glued] = wordAt(line, at).text.split("/");
      const found = accept(word);
      if (found === undefined) return { wrongAt: at };
      const behind = glued === undefined ? at + 1 : at;
      const length = prefixLength(least, glued ?? line.words[behind]?.text);
      if (length === undefined) return { wrongAt: behind, ...(glued === undefined ? { expected: lengthText } : {}) };
      return { value: { address: found, length }, next: behind + 1 };
    },
    print,
  };
}

export const interfacePrefix = ipv6Prefix(
  1,
  ipv6Address,
  (prefix) => `${ipv6Address.print(prefix.address)}/${prefix.length}`,
);

/** fe80::/10, RFC 4291 2.5.6. */
export const linkLocalAddress = address("X:X::X:X", (value) => !value.isIpv4 && isLinkLocal(value), upperCase);

/** An address of the model. */
export function parsedAddress(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  assert(parsed !== undefined, `${text} is no address`);
  return parsed;
}

/** The address with the bits after the prefix cleared. */
export function maskedAddress(text: string, length: number): string {
  const parsed = parsedAddress(text);
  const bits = parsed.isIpv4 ? length + 96 : length;
  const octets = parsed.octets.map((octet, at) => octet & (0xff00 >> Math.min(8, Math.max(0, bits - at * 8))) & 0xff);
  return ipAddressOf(octets).text;
}

/** A network of IPv4, the whole Internet included. */
export const ipv4Network = address(
  "X.X.X.X",
  ({ isIpv4, octets: { 12: first = 0 } }) => isIpv4 && first < 224 && first !== 127,
);

/** A network of IPv6, the whole Internet included. */
export const ipv6NetworkAddress = address(
  "X:X::X:X",
  (value) => !value.isIpv4 && value.octets[0] !== 0xff && !isLinkLocal(value) && value.text !== "::1",
  upperCase,
);
export const ipv6Network = ipv6Prefix(
  0,
  ipv6NetworkAddress,
  (prefix) => `${ipv6NetworkAddress.print(prefix.address)} ${prefix.length}`,
);
