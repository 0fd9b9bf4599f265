import { memberType } from "../../base/member-key.js";
import type { AlarmKind, NewsOf } from "../news.js";
import type { EtrunkPartEvent } from "./part.js";

const ATTENTION: AlarmKind = { id: "0x0e020001", name: "etrunkAttention", level: "Major" };
const EXPECTED_STATE: AlarmKind = {
  id: "0x0e020002",
  name: "hwETrunkExpectStateChange",
  level: "Warning",
  resumed: "hwETrunkExpectStateResume",
};

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
  attention: {
    alarms: ({ etrunk, about, text }) => [
      {
        alarm: about === "expected-state" ? EXPECTED_STATE : ATTENTION,
        subject: `E-Trunk ${etrunk} ${about}`,
        text: text === undefined ? undefined : `E-Trunk ${etrunk}: ${text}`,
      },
    ],
  },
} as const satisfies NewsOf<EtrunkPartEvent>;

export const etrunkAlarms = [ATTENTION, EXPECTED_STATE];
