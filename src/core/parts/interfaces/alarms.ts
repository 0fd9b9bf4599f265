import type { AlarmKind, Condition } from "../alarm.js";

const INTERFACE_REFUSED: AlarmKind = { id: "0x0e050001", name: "interfaceSettingRefused", level: "Major" };
const MEMBER_UNHEARD: AlarmKind = { id: "0x0e050002", name: "memberNotHeard", level: "Major" };

export const interfacesAlarms = [INTERFACE_REFUSED, MEMBER_UNHEARD];

type Refused = Iterable<readonly [name: string, text: string]>;

/** `unset`: interfaces whose settings the kernel refuses; `unheard`: members whose frames cannot be heard. */
export function* interfacesConditions(unset: Refused, unheard: Refused): Generator<Condition> {
  for (const [name, text] of unset)
    yield { alarm: INTERFACE_REFUSED, subject: name, text: `${name}: not as configured: ${text}.` };
  for (const [name, text] of unheard)
    yield { alarm: MEMBER_UNHEARD, subject: name, text: `${name}: LACPDUs cannot be heard: ${text}.` };
}
