import { constants } from "node:os";
import type { IpAddress } from "../../core/base/ip-address.js";
import type { StaticRoute } from "../../core/contract/desired/network.js";
import type { Netlink } from "../native/netlink.js";
import { type KernelRoute, routeAddon } from "../native/route.js";
import { errorCode, systemError } from "../system-error.js";
import { addressText, MARK } from "./addresses.js";
import type { NoteRefusal } from "./refusal.js";
import type { Look } from "./standing.js";

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

const FOREIGN = "another program's route is there";

const subjectOf = ({ destination, length }: StaticRoute): string => `route ${destination.text}/${length}`;

/** Static routes of the main table: those with our mark are as wanted, others are left alone. */
export class Routes {
  readonly #native = routeAddon();
  readonly #netlink: Netlink;
  readonly #refused: NoteRefusal;
  readonly #look: Look;
  /** None is ours: of a host with many interfaces it takes long to ask. An earlier process may have left some. */
  #hasNone = false;

  constructor(netlink: Netlink, refused: NoteRefusal, look: Look) {
    this.#netlink = netlink;
    this.#refused = refused;
    this.#look = look;
  }

  /** The whole of what is wanted. Of a route's gateways those count that are a neighbour's address now. */
  apply(wanted: readonly StaticRoute[]): void {
    if (this.#hasNone && wanted.length === 0) return;
    const there = new Map(this.#list().map((route) => [keyOf(route.destination, route.length, route.metric), route]));
    for (const route of wanted) {
      const destination = octetsOf(route.destination);
      const key = keyOf(destination, route.length, route.metric);
      const gateways = this.#reachable(route);
      const present = there.get(key);
      if (gateways.length === 0) continue;
      this.#look(subjectOf(route), present !== undefined);
      there.delete(key);
      const size = destination.length;
      if (present !== undefined && sortedGateways(present.gateways, size) === sortedGateways(gateways, size)) continue;
      const { length, metric } = route;
      const wish = { destination, length, metric, mark: MARK, gateways };
      const added = this.#native.routeAdd(this.#netlink, wish, present !== undefined);
      if (added < 0) this.#refused(subjectOf(route), added === -constants.errno.EEXIST ? FOREIGN : errorCode(-added));
    }
    let isRemoved = true;
    for (const { destination, length, metric } of there.values())
      if (!this.#remove({ destination, length, metric })) isRemoved = false;
    this.#hasNone = wanted.length === 0 && isRemoved;
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

  /** False: it is still there. */
  #remove({ destination, length, metric }: Pick<KernelRoute, "destination" | "length" | "metric">): boolean {
    const removed = this.#native.routeRemove(this.#netlink, { destination, length, metric, mark: MARK });
    // A route may go with its interface.
    if (removed >= 0 || removed === -constants.errno.ESRCH) return true;
    this.#refused(`route ${addressText(destination, length)}`, `not removed: ${errorCode(-removed)}`);
    return false;
  }
}
