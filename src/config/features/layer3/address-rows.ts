import { z } from "zod";
import type { Match } from "../../language/match.js";
import { hostMask, interfacePrefix, linkLocalAddress, type Prefix } from "../../language/network-parameters.js";
import { integer, ipv4Address, ipv6Address } from "../../language/parameters.js";
import { setting } from "../../language/setting.js";
import { flag, number } from "../../language/setting-kinds.js";

/** Trait of what only an interface in Layer 3 mode can have. */
export const LAYER_3 = "layer-3";

/** An address of IPv4; the one without `sub` is the interface's own. */
interface OwnAddress extends Prefix {
  readonly sub?: true;
}

const isSame = (one: Prefix, other: Prefix): boolean => one.address === other.address && one.length === other.length;

/** The one without `sub` stands first. */
const ownFirst = (addresses: readonly OwnAddress[]): OwnAddress[] => [
  ...addresses.filter(({ sub }) => !sub),
  ...addresses.filter(({ sub }) => sub),
];

const ownAddress = z
  .strictObject(
    { address: ipv4Address.schema, length: hostMask.schema, sub: z.exactOptional(z.literal(true, "true")) },
    "{ address, length, sub }",
  )
  .overwrite(({ address, length, sub }) => ({ address, length, ...(sub ? { sub } : {}) }));

const ownAddresses = z
  .array(ownAddress, "a list of { address, length, sub }")
  .min(1, "a list of { address, length, sub }")
  .refine((all) => all.filter(({ sub }) => !sub).length <= 1, "a list with one address without sub")
  .overwrite(ownFirst);

const traits = [LAYER_3];

const ipAddress = setting<readonly OwnAddress[]>("ip address <address> <mask> [ sub ]", {
  help: "IPv4 address of the interface",
  traits,
  words: { sub: "One more address", address: "IPv4 address of the interface" },
  parameters: {
    address: { type: ipv4Address, help: "Address" },
    mask: { type: hostMask, help: "Mask of the network, or its length" },
  },
  schema: ownAddresses,
  read({ values, words }, old = []) {
    const given = { address: values.address as string, length: values.mask as number };
    const others = old.filter(({ address }) => address !== given.address);
    if (words.includes("sub")) return [...others, { ...given, sub: true }];
    return [given, ...others.filter(({ sub }) => sub)];
  },
  remove({ values, words }, old = []) {
    if (values.address === undefined) return undefined;
    const gone = { address: values.address as string, length: values.mask as number };
    const left = old.filter((each) => !isSame(each, gone) || (each.sub ?? false) !== words.includes("sub"));
    return left.length === 0 ? undefined : left;
  },
  print: (addresses) =>
    addresses.map(({ address, length, sub }) => `ip address ${address} ${hostMask.print(length)}${sub ? " sub" : ""}`),
});

/** An address of IPv6; of link-local ones there is one at most. */
type Ipv6Entry =
  | (Prefix & { readonly eui64?: true })
  | { readonly address: string; readonly linkLocal: true }
  | { readonly auto: "link-local" };

const entryText = "{ address, length, eui64 } | { address, linkLocal } | { auto }";

const ipv6Entry: z.ZodType<Ipv6Entry> = z.union(
  [
    z.strictObject({
      address: ipv6Address.schema,
      length: integer(1, 128).schema,
      eui64: z.exactOptional(z.literal(true)),
    }),
    z.strictObject({ address: linkLocalAddress.schema, linkLocal: z.literal(true) }),
    z.strictObject({ auto: z.literal("link-local") }),
  ],
  entryText,
);

const isOfLink = (entry: Ipv6Entry): boolean => "linkLocal" in entry || "auto" in entry;
const isSameEntry = (one: Ipv6Entry, other: Ipv6Entry): boolean => JSON.stringify(one) === JSON.stringify(other);

function entryOf({ values, words }: Match): Ipv6Entry | undefined {
  if (words.includes("auto")) return { auto: "link-local" };
  if (values.link !== undefined) return { address: values.link as string, linkLocal: true };
  const { address, length } = (values.prefix as Prefix | undefined) ?? {};
  if (address === undefined || length === undefined) return undefined;
  return words.includes("eui-64") ? { address, length, eui64: true } : { address, length };
}

function printEntry(entry: Ipv6Entry): string {
  if ("auto" in entry) return "ipv6 address auto link-local";
  if ("linkLocal" in entry) return `ipv6 address ${linkLocalAddress.print(entry.address)} link-local`;
  return `ipv6 address ${interfacePrefix.print(entry)}${entry.eui64 ? " eui-64" : ""}`;
}

const needsIpv6 = { attribute: "ipv6Enable", value: true, command: "ipv6 enable" };

const ipv6AddressRow = setting<readonly Ipv6Entry[]>(
  "ipv6 address { <prefix> [ eui-64 ] | auto link-local | <link> link-local }",
  {
    help: "IPv6 address of the interface",
    traits,
    words: {
      address: "IPv6 address of the interface",
      "eui-64": "The last 64 bits are made of the MAC address",
      auto: "The link-local address is made of the MAC address",
      "link-local": "Link-local address",
    },
    parameters: {
      prefix: { type: interfacePrefix, help: "Address and length of the prefix" },
      link: { type: linkLocalAddress, help: "Link-local address" },
    },
    needs: needsIpv6,
    schema: z
      .array(ipv6Entry, `a list of ${entryText}`)
      .min(1, `a list of ${entryText}`)
      .refine((all) => all.filter(isOfLink).length <= 1, "a list with one link-local address"),
    read(match, old = []) {
      const entry = entryOf(match);
      if (entry === undefined) return old;
      const goes = (other: Ipv6Entry) =>
        isOfLink(entry) ? isOfLink(other) : "length" in other && "length" in entry && other.address === entry.address;
      return [...old.filter((other) => !goes(other)), entry];
    },
    remove(match, old = []) {
      const gone = entryOf(match);
      const left = gone === undefined ? [] : old.filter((entry) => !isSameEntry(entry, gone));
      return left.length === 0 ? undefined : left;
    },
    print: (entries) => entries.map(printEntry),
  },
);

/** What an interface in Layer 3 mode can be given. */
export const addressRows = {
  ipAddress,
  ipv6Enable: flag("ipv6 enable", {
    help: "Enable IPv6 on the interface",
    words: { ipv6: "IPv6 of the interface" },
    traits,
    desired: (ipv6) => ({ ipv6 }),
  }),
  ipv6Address: ipv6AddressRow,
  ipv6Mtu: number("ipv6 mtu <octets>", integer(1280, 9600), {
    help: "Greatest IPv6 packet",
    traits,
    words: { mtu: "Greatest IPv6 packet" },
    unit: "octets, the default is what the interface came with",
    needs: needsIpv6,
  }),
};
