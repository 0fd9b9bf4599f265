import type { Announced } from "../../neighbours/announcer.js";
import type { NewsOf } from "../news.js";

export const neighboursNews = {
  announced: {
    event: "announced",
    text: "addresses announced",
    fields: ({ trunk, reason, count }) => ({ trunk, reason, count }),
  },
} as const satisfies NewsOf<Announced>;
