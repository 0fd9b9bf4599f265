import { macToDashes } from "../../base/address.js";
import { addressText } from "../../base/neighbours/address-text.js";
import type { NeighbourService, NeighbourTables } from "../../base/neighbours/tables.js";
import type { Conflict } from "../../neighbours/conflicts.js";
import type { AlarmKind, Condition } from "../alarm.js";

const UNHEARD: AlarmKind = { id: "0x0e090001", name: "neighboursNotHeard", level: "Major" };
const REFUSED: AlarmKind = { id: "0x0e090002", name: "neighbourEntriesRefused", level: "Major" };
const FULL: AlarmKind = { id: "0x0e090003", name: "neighbourTableFull", level: "Major" };
const CONFLICT: AlarmKind = { id: "0x0e090004", name: "neighbourAddressConflict", level: "Warning" };

export const neighboursAlarms = [UNHEARD, REFUSED, FULL, CONFLICT];

interface NeighbourStates {
  /** Interfaces on which ARP and ND cannot be heard, and why. */
  readonly unheard: Iterable<readonly [name: string, text: string]>;
  readonly refused: Iterable<readonly [name: string, service: NeighbourService, text: string]>;
  readonly conflicts: readonly Conflict[];
  readonly budgets: Pick<NeighbourTables, "budget">;
}

export function* neighbourConditions({ unheard, refused, conflicts, budgets }: NeighbourStates): Generator<Condition> {
  for (const [name, text] of unheard)
    yield { alarm: UNHEARD, subject: name, text: `${name}: ARP and ND packets cannot be heard: ${text}.` };
  for (const [name, service, text] of refused)
    yield {
      alarm: REFUSED,
      subject: `${name} ${service}`,
      text: `${name}: the kernel does not take ${service.toUpperCase()} entries: ${text}.`,
    };
  for (const service of ["arp", "nd"] as const) {
    const { used, most } = budgets.budget(service);
    if (used >= most)
      yield {
        alarm: FULL,
        subject: service,
        text: `There are ${most} ${service.toUpperCase()} entries: further hosts are not learned, and what the peer tells of them is dropped.`,
      };
  }
  yield* conflictConditions(conflicts);
}

/** One alarm for an interface, that names the first of its addresses. */
function* conflictConditions(conflicts: readonly Conflict[]): Generator<Condition> {
  const byInterface = new Map<string, Conflict[]>();
  for (const conflict of conflicts)
    byInterface.set(conflict.interface, [...(byInterface.get(conflict.interface) ?? []), conflict]);
  for (const [name, [first, ...others]] of byInterface) {
    if (first === undefined) continue;
    const [one, other] = first.macs.map(macToDashes).sort();
    const more = others.length === 0 ? "" : `, and ${others.length} more addresses`;
    const text = `${name}: ${one} and ${other} both claim ${addressText(first.octets)}${more}.`;
    yield { alarm: CONFLICT, subject: name, text };
  }
}
