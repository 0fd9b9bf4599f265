import { seconds } from "../../base/time.js";
import type { Strangers } from "../../contract/host.js";
import type { Mismatch } from "../../rbs/mismatch.js";
import type { RbsService } from "../../rbs/service.js";
import type { AlarmKind, Condition } from "../alarm.js";

const DOWN: AlarmKind = { id: "0x0e080001", name: "rbsConnectionDown", level: "Major" };
const MISMATCH: AlarmKind = { id: "0x0e080002", name: "rbsConfigurationMismatch", level: "Major" };
const REFUSED: AlarmKind = { id: "0x0e080003", name: "rbsListenerRefused", level: "Major" };
const DIFFERS: AlarmKind = { id: "0x0e080004", name: "rbsTablesDiffer", level: "Major" };
const FULL: AlarmKind = { id: "0x0e080005", name: "rbsTableFull", level: "Major" };

export const rbsAlarms = [DOWN, MISMATCH, REFUSED, DIFFERS, FULL];

const TROUBLES = {
  differs: [DIFFERS, "differ from the peer's in three audits in a row"],
  full: [FULL, "are too many: entries of the peer were dropped, and the tables are not compared"],
} as const;

/** Peers start one after the other. */
const START = seconds(10);

interface RbsStates {
  services(): Iterable<RbsService>;
  mismatchesOf(service: RbsService): Iterable<Mismatch>;
  strangersOf(service: RbsService): Strangers;
  refusedListeners(): Iterable<readonly [endpoint: string, text: string]>;
}

export function* rbsConditions(states: RbsStates): Generator<Condition> {
  for (const service of states.services()) {
    const down = downText(service, states.strangersOf(service));
    if (down !== undefined) yield { alarm: DOWN, subject: service.name, text: down, after: START };
    for (const { backupId, what, text } of states.mismatchesOf(service))
      yield {
        alarm: MISMATCH,
        subject: `${service.name} ${backupId} ${what}`,
        text: `Remote backup service ${service.name}, backup-id ${backupId}: ${text}.`,
      };
  }
  for (const service of states.services())
    for (const { backupId, service: type, what } of service.troubles()) {
      const [alarm, text] = TROUBLES[what];
      yield {
        alarm,
        subject: `${service.name} ${backupId} ${type}`,
        text: `Remote backup service ${service.name}, backup-id ${backupId}: the ${type} entries ${text}.`,
      };
    }
  for (const [endpoint, text] of states.refusedListeners())
    yield { alarm: REFUSED, subject: endpoint, text: `TCP connections to ${endpoint} are not accepted: ${text}.` };
}

function downText(service: RbsService, { count, last }: Strangers): string | undefined {
  const { obstacle, desired } = service;
  if (obstacle === undefined || desired.endpoint === undefined) return undefined;
  const strangers = count > 0 ? `; connections of ${last} were refused` : "";
  return `Remote backup service ${service.name} is not connected to ${desired.endpoint.peer.text}: ${obstacle}${strangers}.`;
}
