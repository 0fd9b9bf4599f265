import { FLOW } from "./ce.js";
import { lossOf, type Observed, type Told } from "./pair.js";
import type { FlowSeen, Pdu } from "./programs.js";
import type { Scenario } from "./scenarios.js";

/** Synchronization bit of the actor's state octet (802.1AX-2014 6.4.2.3). */
const SYNC = 0x08;

/** The stages of one takeover. */
export const STAGES = [
  /** From the fault until a PE knew of it. */
  "detection",
  /** From then until PE2 decided to carry; a hello lies in between when PE1 was the first to know. */
  "decision",
  /** From then until PE2 took frames from the CE. */
  "opening",
  /** From the fault until then, which is the part of etrunkd. */
  "own",
  /** From the decision until the LACPDU that invites traffic left. */
  "lacp",
  /** From then until the CE's frames came by its link to PE2. */
  "ce",
  /** From then until these frames were at the core. */
  "kernel",
] as const;

/** Milliseconds of each stage; undefined for a stage that did not happen. */
export type Split = { readonly [stage in (typeof STAGES)[number]]: number | undefined };

export interface Outage {
  /** Longest time without a frame, milliseconds. */
  readonly gap: { readonly up: number; readonly down: number };
  readonly lost: { readonly up: number; readonly down: number };
}

const flowOf = (flows: readonly FlowSeen[], flow: number): FlowSeen => flows[flow] as FlowSeen;
const gapOf = ({ gapFrom, gapTo }: FlowSeen): number => (gapTo - gapFrom) / 1_000;

export function outageOf(observed: Observed): Outage {
  const [up, down] = lossOf(observed);
  const gap = {
    up: gapOf(flowOf(observed.core.flows, FLOW.up)),
    down: gapOf(flowOf(observed.ce.flows, FLOW.down)),
  };
  return { gap, lost: { up, down } };
}

/** Splits the time of a takeover into stages. `asked` is the time at which the fault was requested. */
export function splitOf({ core, link, told }: Observed, { detects, cuts }: Scenario, asked: number): Split {
  // The kernel needs time to set a link down, so the cut is the time of the link's last frame.
  const from = cuts ? Math.max(asked, flowOf(core.flows, FLOW.up).by.eth3?.last ?? 0) : asked;
  const first = (is: (event: Told) => boolean) => told.find((event) => event.mono >= from && is(event))?.mono;
  const known = first(({ by, event }) => by === detects?.by && event === detects.event);
  const decided = first(({ by, event, to }) => by === "PE2" && event === "member-state" && to === "Master");
  const accepted = flowOf(core.flows, FLOW.probe).by.eth4?.first;
  const invites = ({ at, out, actor }: Pdu) => at >= from && out && (actor & SYNC) !== 0;
  const invited = link.pdus.find(invites)?.at;
  const moved = flowOf(link.flows, FLOW.up).by.eth2?.first;
  const arrived = flowOf(core.flows, FLOW.up).by.eth4?.first;
  const between = (one: number | undefined, other: number | undefined) =>
    one === undefined || other === undefined ? undefined : (other - one) / 1_000;
  return {
    detection: between(from, known),
    decision: between(known ?? from, decided),
    opening: between(decided, accepted),
    lacp: between(decided, invited),
    ce: between(invited, moved),
    kernel: between(moved, arrived),
    own: between(from, accepted),
  };
}
