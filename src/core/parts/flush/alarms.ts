import type { AlarmKind, Condition } from "../alarm.js";
import type { RefusedTable } from "./table-refusals.js";

const FLUSH_STORM: AlarmKind = { id: "0x0e030001", name: "smartLinkFlushStorm", level: "Warning" };
const FLUSH_UNHEARD: AlarmKind = { id: "0x0e030002", name: "smartLinkFlushNotHeard", level: "Major" };
const TABLE_REFUSED: AlarmKind = { id: "0x0e030003", name: "smartLinkFlushRefused", level: "Major" };

export const flushAlarms = [FLUSH_STORM, FLUSH_UNHEARD, TABLE_REFUSED];

const STORM_TEXT =
  "more than 50 Flush frames a second arrive; they are counted, and what they name is emptied ten times a second at most.";

interface FlushStates {
  /** Interfaces on which too many Flush frames arrive. */
  readonly storms: Iterable<string>;
  /** Interfaces on which none can be heard, and why. */
  readonly unheard: Iterable<readonly [name: string, text: string]>;
  readonly tables: Iterable<RefusedTable>;
}

export function* flushConditions({ storms, unheard, tables }: FlushStates): Generator<Condition> {
  for (const name of storms) yield { alarm: FLUSH_STORM, subject: name, text: `${name}: ${STORM_TEXT}` };
  for (const [name, text] of unheard)
    yield { alarm: FLUSH_UNHEARD, subject: name, text: `${name}: Flush frames cannot be heard: ${text}.` };
  for (const { name, table, text } of tables)
    yield {
      alarm: TABLE_REFUSED,
      subject: `${name} ${table}`,
      text: `${name}: the kernel does not do what a Flush asks of its ${table}: ${text}.`,
    };
}
