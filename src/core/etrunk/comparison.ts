import { numberOf, SELECT_MODES } from "../wire/etrunk-names.js";
import { type Candidate, compare } from "./election.js";
import type { Peer } from "./peer.js";
import type { EtrunkVariables } from "./state.js";

/** Whether both ends select by the same measure; where they differ both use priorities. */
export const selectsWith = ({ settings }: EtrunkVariables, peer: Peer): boolean =>
  settings.select !== "default" && peer.selectMode === numberOf(SELECT_MODES, settings.select, 0);

/** What two ends bring to the election, and the rule that both follow. */
export interface Comparison {
  readonly ours: Candidate;
  readonly theirs: Candidate;
  readonly higherFirst: boolean;
}

/** Below 0 when we win against this peer (behaviour.md 3.4, `e-trunk select`). */
export function compareWith(etrunk: EtrunkVariables, peer: Peer): number {
  const { ours, theirs, higherFirst } = comparisonWith(etrunk, peer);
  return compare(ours, theirs, higherFirst);
}

export function comparisonWith(etrunk: EtrunkVariables, peer: Peer): Comparison {
  const { priority, select, higherFirst } = etrunk.settings;
  const amount = (links: number, bandwidth: number): number => (select === "bandwidth" ? bandwidth : links);
  let ours = 0;
  let theirs = 0;
  if (selectsWith(etrunk, peer)) {
    for (const { desired, facts } of etrunk.members.values())
      if (desired.mode === "auto") ours += amount(facts.links, facts.bandwidth);
    for (const member of peer.members)
      if (member.workMode === 0) theirs += amount(member.availableLinks, member.availableBandwidth);
  }
  return {
    ours: { priority, system: etrunk.deviceMac, available: ours },
    theirs: { priority: peer.priority, system: peer.system, available: theirs },
    higherFirst: higherFirst && peer.higherFirst,
  };
}

export const selectedByBandwidth = (etrunk: EtrunkVariables): boolean =>
  etrunk.hearing &&
  etrunk.peer !== undefined &&
  etrunk.settings.select === "bandwidth" &&
  selectsWith(etrunk, etrunk.peer);
