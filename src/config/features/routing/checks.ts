import type { Finding } from "../../feature.js";
import { needsFirst } from "../../texts.js";
import { at } from "../interfaces/slice.js";
import type { RoutingSlice } from "./slice.js";

const MULTICAST = [
  ["pimSm", "multicastRoutingEnable", "multicast routing-enable"],
  ["pimIpv6Sm", "multicastIpv6RoutingEnable", "multicast ipv6 routing-enable"],
] as const;

/** PIM on an interface needs multicast of the device. */
export const checkMulticast = (model: RoutingSlice): Finding[] =>
  Object.entries(model.interfaces ?? {}).flatMap(([name, record]) =>
    MULTICAST.flatMap(([attribute, global, command]) =>
      record[attribute] && !model[global] ? [{ path: at(name, attribute), text: needsFirst(command) }] : [],
    ),
  );
