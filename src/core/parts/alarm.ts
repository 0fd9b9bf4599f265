/**
 * Alarms: states that an operator must know of. An alarm is a function of what stands, never of what happened: after each turn in
 * which something changed each part says which conditions hold, and the engine finds what began and what ended (engine/alarms.ts).
 * So an alarm stands again after a restart, and none stays that has no cause.
 */
import type { Micros } from "../base/time.js";

/** An alarm: our own constant, the vendor's name where the vendor has one (src/behaviour.md), its level. */
export interface AlarmKind {
  readonly id: string;
  readonly name: string;
  readonly level: "Critical" | "Major" | "Minor" | "Warning";
  /** The vendor's notification that tells the end of the alarm. */
  readonly resumed?: string;
}

/** A condition that holds. Of a kind and a subject there is at most one. */
export interface Condition {
  readonly alarm: AlarmKind;
  /** What the alarm is about; it is not shown. */
  readonly subject: string;
  /** One sentence that names the subject and the cause. */
  readonly text: string;
  /** For how long the condition must hold before it is an alarm, where a start takes its time. Undefined: it is one at once. */
  readonly after?: Micros | undefined;
}
