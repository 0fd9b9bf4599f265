import { memberType } from "../../base/member-key.js";
import { CHANGES_ALARMS, type NewsOf } from "../news.js";
import type { EtrunkPartEvent } from "./part.js";

export const etrunkNews = {
  "etrunk-state": {
    event: "e-trunk-state",
    text: "e-trunk state changed",
    level: "warn",
    trap: "hwETrunkStatusChange",
    fields: ({ etrunk, from, to, causation }) => ({ etrunk, from, to, causation }),
  },
  "member-state": {
    event: "member-state",
    text: "member state changed",
    level: "warn",
    trap: "hwETrunkMemberStatusChange",
    fields: ({ etrunk, member, from, to, causation }) => ({
      etrunk,
      type: memberType(member.kind),
      id: member.id,
      from,
      to,
      causation,
    }),
  },
  attention: CHANGES_ALARMS,
} as const satisfies NewsOf<EtrunkPartEvent>;
