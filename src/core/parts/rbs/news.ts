import type { RbsEvent } from "../../rbs/rbs-event.js";
import { CHANGES_ALARMS, type NewsOf } from "../news.js";

export const rbsNews = {
  "rbs-state": {
    event: "rbs-state",
    text: "remote backup service changed",
    fields: ({ service, from, to, reason }) => ({ service, from, to, reason }),
    repeats: ({ service }) => service,
  },
  "profile-state": {
    event: "profile-state",
    text: "remote backup profile changed",
    fields: ({ profile, local, peer }) => ({ profile, local, peer }),
    repeats: ({ profile }) => profile,
  },
  "rbs-changed": CHANGES_ALARMS,
} as const satisfies NewsOf<RbsEvent>;
