import type { BfdEvent } from "../../bfd/session-table.js";
import { CHANGES_ALARMS, type NewsOf } from "../news.js";

export const bfdNews = {
  "bfd-state": {
    event: "bfd-state",
    text: "bfd state changed",
    fields: ({ name, from, to, diagnostic }) => ({ name, from, to, diagnostic }),
  },
  "bfd-unpaced": CHANGES_ALARMS,
  "bfd-flood": CHANGES_ALARMS,
} as const satisfies NewsOf<BfdEvent>;
