import { ipIn } from "./namespace.js";

/** Addresses of an interface as `10.1.1.1/24`, without what the kernel made of its MAC address. */
export async function addressesOf(namespace: string, device: string): Promise<string[]> {
  const [link] = JSON.parse(await ipIn(namespace, "-j", "addr", "show", "dev", device)) as {
    addr_info: readonly { local: string; prefixlen: number; scope: string }[];
  }[];
  return (link?.addr_info ?? [])
    .filter(({ scope }) => scope !== "link")
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`);
}

/** Names of the links there are. */
export async function linkNames(namespace: string): Promise<string[]> {
  const links = JSON.parse(await ipIn(namespace, "-j", "link", "show")) as { ifname: string }[];
  return links.map(({ ifname }) => ifname).sort();
}

/** Ports of a bridge. */
export async function portsOf(namespace: string, bridge: string): Promise<string[]> {
  const links = JSON.parse(await ipIn(namespace, "-j", "link", "show", "master", bridge)) as { ifname: string }[];
  return links.map(({ ifname }) => ifname).sort();
}

export interface RouteJson {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly metric?: number;
  readonly protocol?: string;
  readonly nexthops?: readonly { readonly gateway: string }[];
}

/** Routes of IPv4 that etrunkd made. */
export const ownRoutes = async (namespace: string): Promise<RouteJson[]> =>
  JSON.parse((await ipIn(namespace, "-j", "route", "show", "proto", "168")) || "[]");
