import type { Etrunk } from "../../etrunk/etrunk.js";
import type { AlarmKind, Condition } from "../alarm.js";

const ATTENTION: AlarmKind = { id: "0x0e020001", name: "etrunkAttention", level: "Major" };
const EXPECTED_STATE: AlarmKind = {
  id: "0x0e020002",
  name: "hwETrunkExpectStateChange",
  level: "Warning",
  resumed: "hwETrunkExpectStateResume",
};

export const etrunkAlarms = [ATTENTION, EXPECTED_STATE];

/** The attentions that stand (etrunk/attention.ts). */
export function* etrunkConditions(etrunks: Iterable<Etrunk>): Generator<Condition> {
  for (const { id, attentions } of etrunks)
    for (const [about, text] of attentions)
      yield {
        alarm: about === "expected-state" ? EXPECTED_STATE : ATTENTION,
        subject: `E-Trunk ${id} ${about}`,
        text: `E-Trunk ${id}: ${text}`,
      };
}
