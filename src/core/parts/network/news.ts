import type { AlarmKind, NewsOf } from "../news.js";
import type { NetworkEvent } from "./part.js";

const NETWORK_REFUSED: AlarmKind = { id: "0x0e050003", name: "networkSettingRefused", level: "Major" };

export const networkNews = {
  "network-refused": {
    alarms: ({ subject, text }) => [{ alarm: NETWORK_REFUSED, subject, text: text && `${subject}: ${text}.` }],
  },
} as const satisfies NewsOf<NetworkEvent>;

export const networkAlarms = [NETWORK_REFUSED];
