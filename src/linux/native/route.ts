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

export type KernelRoute = Omit<RouteWish, "mark">;

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
  /** Whether it is a neighbour's address, so that it can be a gateway. */
  routeReaches(netlink: Netlink, address: Uint8Array): boolean;
  /** Watches the routes with that mark. */
  routeWatchOpen(mark: number, readable: () => void): RouteEvents | number;
  /** Whether some went since the last call; true also when events got lost. */
  routeWatchGone(watch: RouteEvents): boolean;
  routeWatchClose(watch: RouteEvents): void;
}

export const routeAddon = (): RouteFunctions => addon();
