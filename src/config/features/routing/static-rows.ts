import { z } from "zod";
import type { Match } from "../../language/match.js";
import {
  ipv4Network,
  ipv6Network,
  ipv6NetworkAddress,
  maskedAddress,
  type Prefix,
  routeMask,
} from "../../language/network-parameters.js";
import { integer, ipv4Address, ipv6Address, type ParameterType } from "../../language/parameters.js";
import { type Setting, setting } from "../../language/setting.js";

/** A static route; `preference` only where it is not the default. */
export interface RouteEntry extends Prefix {
  readonly nextHop: string;
  readonly preference?: number;
}

const DEFAULT_PREFERENCE = 60;
const preference = integer(1, 255);

export const metricOf = ({ preference = DEFAULT_PREFERENCE }: RouteEntry): number => preference;

/** The destination without its host part, and no default. */
function canonical({ address, length, nextHop, preference }: RouteEntry): RouteEntry {
  const route = { address: maskedAddress(address, length), length, nextHop };
  return preference === undefined || preference === DEFAULT_PREFERENCE ? route : { ...route, preference };
}

const isSameRoute = (one: RouteEntry, other: RouteEntry): boolean =>
  one.address === other.address && one.length === other.length && one.nextHop === other.nextHop;

const routeText = "{ address, length, nextHop, preference }";

/** Differences between IPv4 and IPv6. */
interface Family {
  readonly command: string;
  /** Parameters of the destination, as typed. */
  readonly destination: string;
  readonly help: string;
  readonly parameters: { readonly [name: string]: { readonly type: ParameterType<unknown>; readonly help: string } };
  readonly hop: ParameterType<string>;
  readonly network: z.ZodType<string>;
  readonly longest: number;
  read(match: Match): Prefix;
  print(prefix: Prefix): string;
}

function routes(family: Family): Setting<readonly RouteEntry[]> {
  const { command, destination, hop, network, longest } = family;
  const entry = z
    .strictObject(
      {
        address: network,
        length: integer(0, longest).schema,
        nextHop: hop.schema,
        preference: z.exactOptional(preference.schema),
      },
      routeText,
    )
    .overwrite(canonical);
  const entryOf = (match: Match): RouteEntry => {
    const { hop: nextHop, preference } = match.values as { hop: string; preference?: number };
    return canonical({ ...family.read(match), nextHop, ...(preference === undefined ? {} : { preference }) });
  };
  return setting<readonly RouteEntry[]>(`${command} ${destination} <hop> [ preference <preference> ]`, {
    help: family.help,
    words: { preference: "Of several routes to a destination the smallest is used", "route-static": family.help },
    parameters: {
      ...family.parameters,
      hop: { type: hop, help: "Next hop" },
      preference: { type: preference, help: `Preference, the default value is ${DEFAULT_PREFERENCE}` },
    },
    schema: z.array(entry, `a list of ${routeText}`).min(1, `a list of ${routeText}`),
    read(match, old = []) {
      const route = entryOf(match);
      return [...old.filter((other) => !isSameRoute(other, route)), route];
    },
    remove(match, old = []) {
      if (match.values.hop === undefined) return undefined;
      const gone = entryOf(match);
      const left = old.filter((route) => !isSameRoute(route, gone));
      return left.length === 0 ? undefined : left;
    },
    print: (all) =>
      all.map((route) => {
        const { nextHop, preference } = route;
        const end = preference === undefined ? "" : ` preference ${preference}`;
        return `${command} ${family.print(route)} ${hop.print(nextHop)}${end}`;
      }),
  });
}

/** System view: static routes. Of a destination there may be several. */
export const routeRows = {
  ipRouteStatic: routes({
    command: "ip route-static",
    destination: "<address> <mask>",
    help: "Static route of IPv4",
    parameters: {
      address: { type: ipv4Network, help: "Destination" },
      mask: { type: routeMask, help: "Mask of the destination, or its length" },
    },
    hop: ipv4Address,
    network: ipv4Network.schema,
    longest: 32,
    read: ({ values }) => ({ address: values.address as string, length: values.mask as number }),
    print: ({ address, length }) => `${address} ${routeMask.print(length)}`,
  }),
  ipv6RouteStatic: routes({
    command: "ipv6 route-static",
    destination: "<prefix>",
    help: "Static route of IPv6",
    parameters: { prefix: { type: ipv6Network, help: "Destination and its length" } },
    hop: ipv6Address,
    network: ipv6NetworkAddress.schema,
    longest: 128,
    read: ({ values }) => values.prefix as Prefix,
    print: ipv6Network.print,
  }),
};
