import type { IpAddress } from "../../core/base/ip-address.js";
import type { StaticRoute } from "../../core/contract/desired/network.js";
import type { Netlink } from "../native/netlink.js";
import { type KernelRoute, routeAddon } from "../native/route.js";
import { systemError } from "../system-error.js";
import { MARK } from "./addresses.js";

const octetsOf = ({ octets, isIpv4 }: IpAddress): Uint8Array => (isIpv4 ? octets.subarray(12) : octets);
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
const keyOf = (destination: Uint8Array, length: number, metric: number): string =>
  `${hex(destination)}/${length} ${metric}`;

/** Gateways in any order: the kernel has its own. */
function sortedGateways(gateways: Uint8Array, size: number): string {
  const all = Array.from({ length: gateways.length / size }, (_, at) =>
    hex(gateways.subarray(at * size, (at + 1) * size)),
  );
  return all.sort().join();
}

/** Static routes of the main table: those with our mark are as wanted, others are left alone. */
export class Routes {
  readonly #native = routeAddon();
  readonly #netlink: Netlink;
  readonly #failed: (text: string) => void;

  constructor(netlink: Netlink, failed: (text: string) => void) {
    this.#netlink = netlink;
    this.#failed = failed;
  }

  /** The whole of what is wanted. Of a route's gateways those count that are a neighbour's address now. */
  apply(wanted: readonly StaticRoute[]): void {
    const there = new Map(this.#list().map((route) => [keyOf(route.destination, route.length, route.metric), route]));
    for (const route of wanted) {
      const destination = octetsOf(route.destination);
      const key = keyOf(destination, route.length, route.metric);
      const gateways = this.#reachable(route);
      const present = there.get(key);
      if (gateways.length === 0) continue;
      there.delete(key);
      const size = destination.length;
      if (present !== undefined && sortedGateways(present.gateways, size) === sortedGateways(gateways, size)) continue;
      const { length, metric } = route;
      const wish = { destination, length, metric, mark: MARK, gateways };
      const added = this.#native.routeAdd(this.#netlink, wish, present !== undefined);
      if (added < 0) this.#tell(route, added);
    }
    for (const { destination, length, metric } of there.values())
      this.#native.routeRemove(this.#netlink, { destination, length, metric, mark: MARK });
  }

  #list(): KernelRoute[] {
    const list = this.#native.routeList(this.#netlink, MARK);
    if (typeof list === "number") throw systemError("list of routes", -list);
    return list;
  }

  #reachable({ gateways }: StaticRoute): Uint8Array {
    const reachable = gateways.map(octetsOf).filter((gateway) => this.#native.routeReaches(this.#netlink, gateway));
    return Uint8Array.from(reachable.flatMap((gateway) => [...gateway]));
  }

  #tell({ destination, length }: StaticRoute, result: number): void {
    const { code, message } = systemError(`route ${destination.text}/${length}`, -result);
    this.#failed(code === "EEXIST" ? `route ${destination.text}/${length}: somebody else's is there` : message);
  }
}
