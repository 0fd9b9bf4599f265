import type { AlarmKind, Condition } from "../alarm.js";

const CONFIGURATION_REFUSED: AlarmKind = { id: "0x0e060001", name: "configurationFileRefused", level: "Major" };

export const configurationAlarms = [CONFIGURATION_REFUSED];

/** `refused`: why the configuration file is not in force, where it is not. */
export function* configurationConditions(refused: string | undefined): Generator<Condition> {
  if (refused !== undefined)
    yield {
      alarm: CONFIGURATION_REFUSED,
      subject: "configuration file",
      text: `The configuration file is not in force: ${refused}`,
    };
}
