import type { AlarmKind, Condition } from "../alarm.js";

const SOCKET_REFUSED: AlarmKind = { id: "0x0e040001", name: "bfdSocketRefused", level: "Major" };
const UNPACED: AlarmKind = { id: "0x0e040002", name: "bfdPacerRefused", level: "Warning" };

export const bfdAlarms = [SOCKET_REFUSED, UNPACED];

type Refused = Iterable<readonly [subject: string, text: string]>;

/** `sockets` cannot be opened, or a group on an interface not be joined; `sessions` are refused by the pacer. */
export function* bfdConditions(sockets: Refused, sessions: Refused): Generator<Condition> {
  for (const [subject, text] of sockets) yield { alarm: SOCKET_REFUSED, subject, text: `${text}.` };
  for (const [name, text] of sessions)
    yield {
      alarm: UNPACED,
      subject: name,
      text: `BFD session ${name} is kept by the process, which may be too slow for it: ${text}.`,
    };
}
