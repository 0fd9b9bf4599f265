import type { AlarmKind, NewsOf } from "../news.js";
import type { BfdPartEvent } from "./part.js";

const SOCKET_REFUSED: AlarmKind = { id: "0x0e040001", name: "bfdSocketRefused", level: "Major" };
const UNPACED: AlarmKind = { id: "0x0e040002", name: "bfdPacerRefused", level: "Warning" };

export const bfdNews = {
  "bfd-state": {
    event: "bfd-state",
    text: "bfd state changed",
    fields: ({ name, from, to, diagnostic }) => ({ name, from, to, diagnostic }),
  },
  "bfd-socket": {
    alarms: ({ socket, text }) => [{ alarm: SOCKET_REFUSED, subject: socket, text: text && `${text}.` }],
  },
  "bfd-unpaced": {
    alarms: ({ name, text }) => [
      {
        alarm: UNPACED,
        subject: name,
        text: text && `BFD session ${name} is kept by the process, which may be too slow for it: ${text}.`,
      },
    ],
  },
} as const satisfies NewsOf<BfdPartEvent>;

export const bfdAlarms = [SOCKET_REFUSED, UNPACED];
