import { addon } from "./addon.js";
import type { Netlink } from "./netlink.js";

interface RouteKey {
  /** 4 or 16 octets. */
  readonly destination: Uint8Array;
  /** Of the prefix. */
  readonly length: number;
  readonly metric: number;
  /** The protocol number. */
  readonly mark: number;
}

interface RouteWish extends RouteKey {
  /** 1 to 16 addresses in a row. */
  readonly gateways: Uint8Array;
}

export interface KernelRoute extends Omit<RouteWish, "mark"> {
  /** Interface index, where it has a single next hop; else 0. */
  readonly device: number;
}

/** The route of the network of an address on an interface. */
export interface ConnectedRoute {
  readonly destination: Uint8Array;
  readonly length: number;
  readonly device: number;
  /** The address. */
  readonly source: Uint8Array;
}

interface RouteEvents {
  readonly kind: "route-events";
}

interface RouteFunctions {
  /** `replace`: in place of the route of the same destination and metric. */
  routeAdd(netlink: Netlink, wish: RouteWish, replace: boolean): number;
  /** Only one with that mark. */
  routeRemove(netlink: Netlink, key: RouteKey): number;
  /** Of the main table, those with that mark. */
  routeList(netlink: Netlink, mark: number): KernelRoute[] | number;
  /** As the kernel makes it with the address. */
  routeConnect(netlink: Netlink, route: ConnectedRoute): number;
  /** Whether it is a neighbour's address, so that it can be a gateway. */
  routeReaches(netlink: Netlink, address: Uint8Array): boolean;
  /** Watches the routes with that mark, and those of networks the host is in. */
  routeWatchOpen(mark: number, readable: () => void): RouteEvents | number;
  /** Whether some went since the last call; true also when events got lost. */
  routeWatchGone(watch: RouteEvents): boolean;
  routeWatchClose(watch: RouteEvents): void;
}

export const routeAddon = (): RouteFunctions => addon();
