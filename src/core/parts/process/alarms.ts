import type { Micros } from "../../base/time.js";
import type { AlarmKind, Condition } from "../alarm.js";

const STOOD_STILL: AlarmKind = { id: "0x0e070001", name: "processStoodStill", level: "Major" };
const STATE_NOT_SAVED: AlarmKind = { id: "0x0e070002", name: "stateNotSaved", level: "Major" };

export const processAlarms = [STOOD_STILL, STATE_NOT_SAVED];

interface ProcessStates {
  /** For how long the process stood still not long ago. */
  readonly stall: Micros | undefined;
  /** Files of the state directory that cannot be written, and why. */
  readonly unsaved: Iterable<readonly [name: string, text: string]>;
}

export function* processConditions({ stall, unsaved }: ProcessStates): Generator<Condition> {
  if (stall !== undefined)
    yield {
      alarm: STOOD_STILL,
      subject: "process",
      text: `etrunkd stood still and was late by ${(stall / 1_000_000).toFixed(1)} s: partners and peers may have given it up.`,
    };
  const [first, ...others] = unsaved;
  if (first === undefined) return;
  const [name, text] = first;
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  yield {
    alarm: STATE_NOT_SAVED,
    subject: "state directory",
    text: `The state directory cannot be written, so a restart will not go on from now: ${name}: ${text}${more}.`,
  };
}
