import { numberedObjects, singleObject } from "../../collections.js";
import type { Feature } from "../../feature.js";
import { routingActions } from "./actions.js";
import { checkMulticast } from "./checks.js";
import { desiredRoutes } from "./desired.js";
import {
  isisProcess,
  isisRows,
  isisViewRows,
  multicastRows,
  pimIpv6ViewRows,
  pimRows,
  pimViewRows,
} from "./kept-rows.js";
import type { RoutingSlice } from "./slice.js";
import { routeRows } from "./static-rows.js";

const onInterfaces = { ...pimRows, ...isisRows };
const kept = true;

/** Static routes; IS-IS and PIM are kept without effect. */
export const routing: Feature<RoutingSlice> = {
  views: [
    { name: "isis", kind: "IS-IS", collection: "isis" },
    { name: "pim", kind: "PIM", collection: "pim" },
    { name: "pim-ipv6", kind: "IPv6 PIM", collection: "pimIpv6", promptOf: () => "pim6" },
  ],
  collections: [
    numberedObjects("isis", "isis", isisProcess, { kept }),
    singleObject("pim", "pim", { kept }),
    singleObject("pimIpv6", "pim-ipv6", { kept }),
  ],
  rows: {
    system: { ...multicastRows, ...routeRows },
    physical: onInterfaces,
    "eth-trunk": onInterfaces,
    "sub-interface": onInterfaces,
    loopback: onInterfaces,
    vlanif: onInterfaces,
    isis: isisViewRows,
    pim: pimViewRows,
    "pim-ipv6": pimIpv6ViewRows,
  },
  actions: { system: routingActions },
  concernsAll: ["multicastRoutingEnable", "multicastIpv6RoutingEnable"],
  check: checkMulticast,
  desired: desiredRoutes,
};
