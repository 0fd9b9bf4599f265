import { macToColons } from "../../base/address.js";
import type { AlarmKind, NewsOf } from "../news.js";
import type { FlushPartEvent } from "./part.js";

const FLUSH_STORM: AlarmKind = { id: "0x0e030001", name: "smartLinkFlushStorm", level: "Warning" };
const FLUSH_UNHEARD: AlarmKind = { id: "0x0e030002", name: "smartLinkFlushNotHeard", level: "Major" };
const TABLE_REFUSED: AlarmKind = { id: "0x0e030003", name: "smartLinkFlushRefused", level: "Major" };

const STORM_TEXT =
  "more than 50 Flush frames a second arrive; they are counted, and what they name is emptied ten times a second at most.";

export const flushNews = {
  /** The first of the three frames of a Flush left by this member. */
  "flush-sent": {
    event: "flush-sent",
    text: "flush sent",
    fields: ({ trunk, name, vlan, reason }) => ({ trunk, interface: name, vlan, reason }),
  },
  /** Told ten times a second at most for each interface. */
  "flush-received": {
    event: "flush-received",
    text: "flush received",
    fields: ({ name, vlan, source }) => ({ interface: name, vlan, source: macToColons(source) }),
  },
  "flush-storm": {
    alarms: ({ name, isOn }) => [
      { alarm: FLUSH_STORM, subject: name, text: isOn ? `${name}: ${STORM_TEXT}` : undefined },
    ],
  },
  "tap-refused": {
    alarms: ({ name, text }) => [
      { alarm: FLUSH_UNHEARD, subject: name, text: text && `${name}: Flush frames cannot be heard: ${text}.` },
    ],
  },
  "table-refused": {
    alarms: ({ name, table, text }) => [
      {
        alarm: TABLE_REFUSED,
        subject: `${name} ${table}`,
        text: text && `${name}: the kernel does not do what a Flush asks of its ${table}: ${text}.`,
      },
    ],
  },
} as const satisfies NewsOf<FlushPartEvent>;

export const flushAlarms = [FLUSH_STORM, FLUSH_UNHEARD, TABLE_REFUSED];
