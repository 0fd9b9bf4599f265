import { CHANGES_ALARMS, type NewsOf } from "../news.js";
import type { NetworkEvent } from "./part.js";

export const networkNews = {
  "network-changed": {
    event: "network-changed",
    text: "address taken away by somebody else",
    level: "warn",
    fields: ({ subject, action }) => ({ subject, action }),
  },
  "network-stands": CHANGES_ALARMS,
} as const satisfies NewsOf<NetworkEvent>;
