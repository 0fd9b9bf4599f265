import { macToColons } from "../../base/address.js";
import { trunkName } from "../../base/trunk-names.js";
import type { OwnSystem } from "../../lacp/lacp-event.js";
import type { AlarmChange, AlarmKind, NewsOf } from "../news.js";
import type { TrunksEvent } from "./events.js";

const TOTAL_LINK_LOSS: AlarmKind = {
  id: "0x0e010001",
  name: "hwLacpTotalLinkLoss",
  level: "Critical",
  resumed: "hwLacpTotalLinkLossResume",
};
const PARTIAL_LINK_LOSS: AlarmKind = {
  id: "0x0e010002",
  name: "hwLacpPartialLinkLoss",
  level: "Major",
  resumed: "hwLacpPartialLinkLossResume",
};
const NEGOTIATE_FAILED: AlarmKind = {
  id: "0x0e010003",
  name: "hwLacpNegotiateFailed",
  level: "Minor",
  resumed: "hwLacpNegotiateResume",
};
const PARTNER_EXPIRED: AlarmKind = { id: "0x0e010004", name: "hwLacpPartnerExpiredLoss", level: "Minor" };
const OWN_SYSTEM_ID: AlarmKind = { id: "0x0e010005", name: "lacpOwnSystemIdReceived", level: "Major" };
const FORWARDING_FAILED: AlarmKind = { id: "0x0e010006", name: "ethTrunkForwardingFailed", level: "Major" };

const OWN_SYSTEM_TEXT: { readonly [form in OwnSystem]: string } = {
  "looped-back": "the port hears its own LACPDUs: the link is looped back",
  "cabled-together": "two ports of this device are cabled together",
  "cloned-system-id": "another device uses this device's LACP system ID: one of them was cloned, give it its own",
};

type EventOf<Kind extends TrunksEvent["kind"]> = Extract<TrunksEvent, { readonly kind: Kind }>;

const over = (subject: string, ...alarms: readonly AlarmKind[]): AlarmChange[] =>
  alarms.map((alarm) => ({ alarm, subject, text: undefined }));

function portAlarms({ trunk, port, from, to, reason, lacp }: EventOf<"port-state">): readonly AlarmChange[] {
  if (to === "Selected" || lacp?.isWanted !== true) return over(port, NEGOTIATE_FAILED, PARTNER_EXPIRED);
  if (from !== "Selected") return [];
  const alarm = lacp.isExpired ? PARTNER_EXPIRED : NEGOTIATE_FAILED;
  return [{ alarm, subject: port, text: `${trunkName(trunk)} ${port} is no longer selected: ${reason}.` }];
}

function trunkAlarms({ trunk, lost }: EventOf<"trunk-state">): readonly AlarmChange[] {
  const subject = trunkName(trunk);
  const changes = over(subject, TOTAL_LINK_LOSS, PARTIAL_LINK_LOSS);
  if (lost === undefined) return changes;
  const { heard } = lost;
  const begun: AlarmChange =
    heard > 0
      ? {
          alarm: PARTIAL_LINK_LOSS,
          subject,
          text: `${subject} is down: ${heard} members are left, fewer than it needs.`,
        }
      : { alarm: TOTAL_LINK_LOSS, subject, text: `${subject} is down: no member hears its partner.` };
  return [...changes, begun];
}

export const trunksNews = {
  "port-state": {
    event: "port-state",
    text: "port state changed",
    /** `portState`: eight characters, bit 0 first; null where no LACP runs. */
    fields: ({ trunk, port, from, to, reason, lacp }) => ({
      trunk,
      port,
      from,
      to,
      portState: lacp?.portState ?? null,
      reason,
    }),
    alarms: portAlarms,
  },
  "trunk-state": {
    event: "trunk-state",
    text: "trunk state changed",
    fields: ({ trunk, up }) =>
      up ? ({ trunk, from: "down", to: "up" } as const) : ({ trunk, from: "up", to: "down" } as const),
    alarms: trunkAlarms,
  },
  "working-port": {
    event: "working-port",
    text: "working port changed",
    fields: ({ trunk, from, to, reason }) => ({ trunk, from, to, reason }),
  },
  "pdu-refused": {
    event: "pdu-refused",
    text: "PDU refused",
    level: "warn",
    fields: ({ port, fault, source }) => ({ port, fault, source: macToColons(source) }),
  },
  "key-zero": {
    event: "partner-key-zero",
    text: "partner uses key zero",
    fields: ({ port, source }) => ({ port, source: macToColons(source) }),
  },
  "marker-answered": {
    event: "marker-answered",
    text: "marker answered",
    level: "debug",
    /** `roundTrip`: microseconds from sending to the answer; null when none came within a second. */
    fields: ({ trunk, port, transaction, roundTrip }) => ({ trunk, port, transaction, roundTrip: roundTrip ?? null }),
  },
  "own-system": {
    alarms: ({ trunk, port, form, source }) => [
      {
        alarm: OWN_SYSTEM_ID,
        subject: port,
        text: `${trunkName(trunk)} ${port}: ${OWN_SYSTEM_TEXT[form]} (source ${macToColons(source)}).`,
      },
    ],
  },
  "own-system-gone": { alarms: ({ port }) => over(port, OWN_SYSTEM_ID) },
  "forwarding-refused": {
    alarms: ({ trunk, member, text }) => {
      const subject = trunkName(trunk);
      const where = member === undefined ? subject : `${subject} ${member}`;
      return [{ alarm: FORWARDING_FAILED, subject, text: `${where}: ${text}.` }];
    },
  },
  "forwarding-retried": { alarms: ({ trunk }) => over(trunkName(trunk), FORWARDING_FAILED) },
  removed: { alarms: ({ name }) => [{ alarm: "every", subject: name }] },
} as const satisfies NewsOf<TrunksEvent>;

export const trunksAlarms = [
  TOTAL_LINK_LOSS,
  PARTIAL_LINK_LOSS,
  NEGOTIATE_FAILED,
  PARTNER_EXPIRED,
  OWN_SYSTEM_ID,
  FORWARDING_FAILED,
];
