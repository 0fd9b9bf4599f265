import type { CandidateView, EtrunkDecisionView } from "../../daemon/questions.js";
import { localTime, printMac } from "../layout.js";

type Inputs = NonNullable<EtrunkDecisionView["inputs"]>;
type Member = EtrunkDecisionView["members"][number];
type MemberInputs = NonNullable<Member["inputs"]>;

const line = (label: string, value: string): string => `  ${label.padEnd(44)}: ${value}`;
const yes = (value: boolean): string => (value ? "yes" : "no");

/** `why e-trunk <id>`: the decision in the order in which its questions are asked, each with its answer. */
export function displayWhy(decision: EtrunkDecisionView): string {
  const { date, time } = localTime(decision.decidedAt);
  return [
    `E-Trunk ${decision.id} is ${decision.state}: ${decision.causation}, decided at ${date} ${time}`,
    ...(decision.inputs === null ? [] : inputLines(decision.inputs)),
    ...comparisonLines(decision),
    ...decision.attention.map((text) => line("Attention", text)),
    ...decision.members.flatMap(memberLines),
    "",
  ].join("\n");
}

function inputLines(inputs: Inputs): string[] {
  return [
    line("Addresses and a usable key are there", yes(inputs.canSpeak)),
    line("Every member is down", yes(inputs.allMembersDown)),
    line("The peer says it leaves", yes(inputs.peerLeaves)),
    line("The BFD session fell, no hello since", yes(inputs.bfdDown)),
    line("The BFD session is down now", yes(inputs.bfdSessionDown)),
    line("Still waiting for the first hello", yes(inputs.waiting)),
    line("State of the process before", inputs.resumed ?? "-"),
    line("The peer is heard", yes(inputs.hearing)),
    line("Every member of the peer is down", yes(inputs.peerHasNoMember)),
    line("The peer is Master and does not hear us", inputs.peerDeaf === null ? "no" : `yes (${inputs.peerDeaf})`),
  ];
}

const MEASURES: { readonly [mode: string]: string } = { "link-number": "links", bandwidth: "Mbit/s" };

function comparisonLines({ comparison, inputs }: EtrunkDecisionView): string[] {
  if (comparison === null || inputs === null) return [];
  const { ours, theirs, selectMode } = comparison;
  const order = comparison.priorityOrder === "lower-first" ? "smaller" : "greater";
  const measure = MEASURES[selectMode];
  const rule = `${measure === undefined ? "" : `more available ${measure}, `}${order} priority, smaller system ID`;
  const candidate = ({ priority, systemId, available }: CandidateView): string =>
    `priority ${priority}, system ID ${printMac(systemId)}${measure === undefined ? "" : `, ${available} ${measure}`}`;
  const winner = inputs.comparison < 0 ? "this device" : inputs.comparison > 0 ? "the peer" : "nobody: all is equal";
  return [
    line("Who wins by", rule),
    line("This device", candidate(ours)),
    line("The peer", candidate(theirs)),
    line("The winner is", winner),
  ];
}

function memberLines(member: Member): string[] {
  const { inputs } = member;
  return [
    `Eth-Trunk${member.id} is ${member.state}: ${member.causation}`,
    line("Side towards the CE", member.side ?? "not known yet"),
    line("Available", `${member.links} links, ${member.bandwidth} Mbit/s`),
    ...(inputs === null ? [] : memberInputLines(member, inputs)),
  ];
}

function memberInputLines(member: Member, inputs: MemberInputs): string[] {
  const { peer } = inputs;
  const peerText =
    peer === null ? "not heard" : `${peer.state}, ${peer.up ? "up" : "not up"}, ${peer.ready ? "ready" : "not ready"}`;
  const revert = !inputs.revert
    ? "disabled"
    : member.revertRemaining > 0
      ? `${member.revertRemaining} s left`
      : "not running";
  return [
    line("Working mode", inputs.mode),
    line("State of the device", `${inputs.device}${inputs.negotiating ? ", negotiating" : ""}`),
    line("Going on from the process before", yes(inputs.peerUnknown)),
    line("Ready to carry", yes(inputs.ready)),
    line("Carried until then", yes(inputs.carries)),
    line("The peer's member", peerText),
    line("Revert delay", revert),
    line("The wait for the peer's member is over", yes(inputs.waitOver)),
    line("Selected by bandwidth", yes(inputs.byBandwidth)),
  ];
}
