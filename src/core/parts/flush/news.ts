import { macToColons } from "../../base/address.js";
import { CHANGES_ALARMS, type NewsOf } from "../news.js";
import type { FlushPartEvent } from "./part.js";

export const flushNews = {
  /** The first of the three frames of a Flush left by this member. */
  "flush-sent": {
    event: "flush-sent",
    text: "flush sent",
    fields: ({ trunk, name, vlan, reason }) => ({ trunk, interface: name, vlan, reason }),
  },
  /** Told ten times a second at most for each interface. */
  "flush-received": {
    event: "flush-received",
    text: "flush received",
    fields: ({ name, vlan, source }) => ({ interface: name, vlan, source: macToColons(source) }),
  },
  "flush-storm": CHANGES_ALARMS,
} as const satisfies NewsOf<FlushPartEvent>;
