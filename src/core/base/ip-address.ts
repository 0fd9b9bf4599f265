/** An IP address: its canonical text (what is compared and shown) and its 16 octets, IPv4 as v4-mapped. */
export interface IpAddress {
  readonly text: string;
  readonly isIpv4: boolean;
  readonly octets: Uint8Array;
}

const DECIMAL = /^(0|[1-9][0-9]{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;

function ipv4Octets(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => DECIMAL.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

/** The 16-bit groups of one side of `::`, or of a whole address; an IPv4 tail counts as two. */
function groups(text: string): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const last = parts[parts.length - 1] as string;
  const tail = last.includes(".") ? ipv4Octets(last) : [];
  if (tail === undefined) return undefined;
  const hex = tail.length > 0 ? parts.slice(0, -1) : parts;
  if (!hex.every((part) => GROUP.test(part))) return undefined;
  const [a, b, c, d] = tail as [number, number, number, number];
  return [...hex.map((part) => Number.parseInt(part, 16)), ...(tail.length > 0 ? [a * 256 + b, c * 256 + d] : [])];
}

function ipv6Groups(text: string): number[] | undefined {
  const sides = text.split("::");
  if (sides.length > 2) return undefined;
  const [head, tail] = sides.map(groups) as [number[] | undefined, number[] | undefined];
  if (head === undefined) return undefined;
  if (sides.length === 1) return head.length === 8 ? head : undefined;
  if (tail === undefined || head.length + tail.length > 7) return undefined;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** RFC 5952: lower case, the longest run of zero groups (two or more, the first of equals) as `::`. */
function ipv6Text(all: readonly number[]): string {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && all[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (from: number, to: number): string =>
    all
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  return best.start < 0 ? hex(0, 8) : `${hex(0, best.start)}::${hex(best.start + best.length, 8)}`;
}

/** Reads an IPv4 or IPv6 address; undefined when it is neither. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const ipv4 = ipv4Octets(text);
  if (ipv4 !== undefined) return ipAddressOf(Uint8Array.from([...new Array<number>(10).fill(0), 255, 255, ...ipv4]));
  const ipv6 = text.includes(":") && text.length <= 45 ? ipv6Groups(text) : undefined;
  return ipv6 && ipAddressOf(Uint8Array.from(ipv6.flatMap((group) => [group >> 8, group & 255])));
}

/** The address of 16 octets; a v4-mapped one is IPv4. */
export function ipAddressOf(octets: Uint8Array): IpAddress {
  const isIpv4 = octets.subarray(0, 10).every((octet) => octet === 0) && octets[10] === 255 && octets[11] === 255;
  if (isIpv4) return { text: octets.subarray(12).join("."), isIpv4, octets };
  const all = Array.from({ length: 8 }, (_, i) => (octets[2 * i] as number) * 256 + (octets[2 * i + 1] as number));
  return { text: ipv6Text(all), isIpv4, octets };
}

/** The unspecified addresses. */
export const ANY_IPV4 = ipAddressOf(Uint8Array.from([...new Array<number>(10).fill(0), 255, 255, 0, 0, 0, 0]));
export const ANY_IPV6 = ipAddressOf(new Uint8Array(16));

/** `0.0.0.0` or `::`. */
export const isUnspecified = ({ text }: IpAddress): boolean => text === ANY_IPV4.text || text === ANY_IPV6.text;
