import type { AlarmKind, Condition } from "../alarm.js";

const NETWORK_REFUSED: AlarmKind = { id: "0x0e050003", name: "networkSettingRefused", level: "Major" };

export const networkAlarms = [NETWORK_REFUSED];

/** What of the network cannot be as configured, and why. `isLooped`: somebody keeps changing it. */
export function* networkConditions(
  refused: Iterable<readonly [subject: string, text: string]>,
  isLooped: boolean,
): Generator<Condition> {
  for (const [subject, text] of refused) yield { alarm: NETWORK_REFUSED, subject, text: `${subject}: ${text}.` };
  if (isLooped)
    yield { alarm: NETWORK_REFUSED, subject: "network", text: "network of this host: somebody keeps changing it." };
}
