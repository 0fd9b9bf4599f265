import { numberOf, SELECT_MODES } from "../wire/etrunk-names.js";
import { type Candidate, compare } from "./election.js";
import type { Peer } from "./peer.js";
import type { EtrunkVariables } from "./state.js";

/** Both ends select by the same measure; where the measures differ, both ends use priorities. */
export const selectsWith = ({ settings }: EtrunkVariables, peer: Peer): boolean =>
  settings.select !== "default" && peer.selectMode === numberOf(SELECT_MODES, settings.select, 0);

/** The candidates of both ends in the election, and the order of priorities that holds for both. */
export interface Comparison {
  readonly ours: Candidate;
  readonly theirs: Candidate;
  readonly higherFirst: boolean;
}

/** The outcome of the comparison with the peer: below 0 when we win (behaviour.md 3.4, `e-trunk select`). */
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
