import { CHANGES_ALARMS, type NewsOf } from "../news.js";
import type { NetworkEvent } from "./part.js";

export const networkNews = {
  "network-changed": {
    event: "network-changed",
    text: "network changed by somebody else",
    level: "warn",
    fields: ({ found, action }) => ({ found, action }),
  },
  "network-stands": CHANGES_ALARMS,
} as const satisfies NewsOf<NetworkEvent>;
