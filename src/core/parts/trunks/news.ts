import { macToColons } from "../../base/address.js";
import { CHANGES_ALARMS, type NewsOf } from "../news.js";
import type { TrunksEvent } from "./events.js";

export const trunksNews = {
  "port-state": {
    event: "port-state",
    text: "port state changed",
    /** `portState`: eight characters, bit 0 first; null where no LACP runs. */
    fields: ({ trunk, port, from, to, reason, portState }) => ({
      trunk,
      port,
      from,
      to,
      portState: portState ?? null,
      reason,
    }),
    repeats: ({ port }) => port,
  },
  "port-unresumed": {
    event: "port-unresumed",
    text: "part of the checkpoint dropped",
    level: "warn",
    fields: ({ trunk, port, reason }) => ({ trunk, port, reason }),
  },
  "trunk-state": {
    event: "trunk-state",
    text: "trunk state changed",
    fields: ({ trunk, up }) =>
      up ? ({ trunk, from: "down", to: "up" } as const) : ({ trunk, from: "up", to: "down" } as const),
    repeats: ({ trunk }) => String(trunk),
  },
  "working-port": {
    event: "working-port",
    text: "working port changed",
    fields: ({ trunk, from, to, reason }) => ({ trunk, from, to, reason }),
  },
  "pdu-refused": {
    event: "pdu-refused",
    text: "PDU refused",
    level: "warn",
    fields: ({ port, fault, source }) => ({ port, fault, source: macToColons(source) }),
  },
  "key-zero": {
    event: "partner-key-zero",
    text: "partner uses key zero",
    fields: ({ port, source }) => ({ port, source: macToColons(source) }),
  },
  "marker-answered": {
    event: "marker-answered",
    text: "marker answered",
    level: "debug",
    /** `roundTrip`: microseconds from sending to the answer; null when none came within a second. */
    fields: ({ trunk, port, transaction, roundTrip }) => ({ trunk, port, transaction, roundTrip: roundTrip ?? null }),
  },
  "own-system": CHANGES_ALARMS,
  "forwarding-changed": {
    event: "forwarding-changed",
    text: "data plane changed by somebody else",
    level: "warn",
    fields: ({ trunk, port, found, action }) => ({ trunk, port, found, action }),
  },
} as const satisfies NewsOf<TrunksEvent>;
