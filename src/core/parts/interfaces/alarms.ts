import { seconds } from "../../base/time.js";
import type { DesiredInterface } from "../../contract/desired/trunk.js";
import type { AlarmKind, Condition } from "../alarm.js";

const INTERFACE_REFUSED: AlarmKind = { id: "0x0e050001", name: "interfaceSettingRefused", level: "Major" };
const MEMBER_UNHEARD: AlarmKind = { id: "0x0e050002", name: "memberNotHeard", level: "Major" };

const INTERFACE_MISSING: AlarmKind = { id: "0x0e050004", name: "interfaceMissing", level: "Minor" };

export const interfacesAlarms = [INTERFACE_REFUSED, MEMBER_UNHEARD, INTERFACE_MISSING];

/** Interfaces of the host may come later than this process. */
const PATIENCE = seconds(10);

type Refused = Iterable<readonly [name: string, text: string]>;

interface InterfaceStates {
  /** Interfaces whose settings the kernel refuses. */
  readonly unset: Refused;
  /** Members whose frames cannot be heard. */
  readonly unheard: Refused;
  /** Configured interfaces, members of trunks apart, without a Linux interface. */
  readonly missing: Iterable<DesiredInterface>;
}

export function* interfacesConditions({ unset, unheard, missing }: InterfaceStates): Generator<Condition> {
  for (const [name, text] of unset)
    yield { alarm: INTERFACE_REFUSED, subject: name, text: `${name}: not as configured: ${text}.` };
  for (const [name, text] of unheard)
    yield { alarm: MEMBER_UNHEARD, subject: name, text: `${name}: LACPDUs cannot be heard: ${text}.` };
  for (const { name, device } of missing) {
    const reason = device === undefined ? "it is bound to none" : `there is no ${device}`;
    yield {
      alarm: INTERFACE_MISSING,
      subject: name,
      text: `${name} has no Linux interface: ${reason}.`,
      after: PATIENCE,
    };
  }
}
