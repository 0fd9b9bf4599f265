import type { AlarmKind, Condition } from "../alarm.js";

const SOCKET_REFUSED: AlarmKind = { id: "0x0e040001", name: "bfdSocketRefused", level: "Major" };
const UNPACED: AlarmKind = { id: "0x0e040002", name: "bfdPacerRefused", level: "Warning" };
const FLOODED: AlarmKind = { id: "0x0e040003", name: "bfdFlooded", level: "Warning" };

export const bfdAlarms = [SOCKET_REFUSED, UNPACED, FLOODED];

type Refused = Iterable<readonly [subject: string, text: string]>;

/** `sockets` cannot be opened, or a group on an interface not be joined; `sessions` are refused by the pacer; packets come in a flood. */
export function* bfdConditions(sockets: Refused, sessions: Refused, isFlooded: boolean): Generator<Condition> {
  if (isFlooded)
    yield {
      alarm: FLOODED,
      subject: "",
      text: "More than 500 packets a second on the BFD ports are refused: somebody floods them, or a peer's settings do not fit.",
    };
  for (const [subject, text] of sockets) yield { alarm: SOCKET_REFUSED, subject, text: `${text}.` };
  for (const [name, text] of sessions)
    yield {
      alarm: UNPACED,
      subject: name,
      text: `BFD session ${name} is kept by the process, which may be too slow for it: ${text}.`,
    };
}
