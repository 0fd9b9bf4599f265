import type { IpAddress } from "../../../core/base/ip-address.js";
import type { StaticRoute } from "../../../core/contract/desired/network.js";
import type { DesiredPart } from "../../feature.js";
import { parsedAddress } from "../../language/network-parameters.js";
import type { RoutingSlice } from "./slice.js";
import { metricOf, type RouteEntry } from "./static-rows.js";

export const desiredRoutes = ({ ipRouteStatic = [], ipv6RouteStatic = [] }: RoutingSlice): DesiredPart => ({
  network: { routes: [...routesOf(ipRouteStatic), ...routesOf(ipv6RouteStatic)] },
});

/** Routes of one destination and one preference are one, with several gateways. */
function routesOf(entries: readonly RouteEntry[]): StaticRoute[] {
  const routes = new Map<string, StaticRoute & { gateways: IpAddress[] }>();
  for (const entry of entries) {
    const { address, length, nextHop } = entry;
    const metric = metricOf(entry);
    const key = `${address} ${length} ${metric}`;
    const route = routes.get(key) ?? { destination: parsedAddress(address), length, metric, gateways: [] };
    route.gateways.push(parsedAddress(nextHop));
    routes.set(key, route);
  }
  return [...routes.values()];
}
