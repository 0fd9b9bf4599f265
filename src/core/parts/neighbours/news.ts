import { CHANGES_ALARMS, type NewsOf } from "../news.js";
import type { NeighboursEvent } from "./part.js";

export const neighboursNews = {
  announced: {
    event: "announced",
    text: "addresses announced",
    fields: ({ trunk, reason, count }) => ({ trunk, reason, count }),
  },
  "neighbours-changed": CHANGES_ALARMS,
} as const satisfies NewsOf<NeighboursEvent>;
