import { setTimeout as delay } from "node:timers/promises";
import { carries, type Edge, LINKS, type Link, monotonic, NAMES, type Name, type Pair, type Trunk } from "./pair.js";
import { table, timeText, trafficText } from "./picture.js";
import type { Traffic } from "./traffic.js";

/** What is done to the links, and what both ends have to make of it. */
interface Step {
  readonly title: string;
  readonly act: (pair: Pair) => Promise<void>;
  /** Links whose state changes; nothing else may. */
  readonly links: readonly Link[];
  readonly outcome: "carry" | "are out";
  /** Seconds in which it has to happen at both ends. */
  readonly between: readonly [number, number];
  readonly why: string;
  /** True where the trunk itself goes up or down with it. */
  readonly trunkChanges: boolean;
  /** Of each flow of the stream: seconds at most without a frame, and whether frames may be lost; undefined where it begins. */
  readonly stream: { readonly gap: number; readonly loses: boolean } | undefined;
}

const PLUGGED_IN: Step = {
  title: "Both links are plugged in.",
  act: ({ wire }) => wire.connect(...LINKS),
  links: LINKS,
  outcome: "carry",
  between: [0, 8],
  why: "LACP says who it is after a second, then waits 2 s for further links before it bundles them",
  trunkChanges: true,
  stream: undefined,
};
const HEALED: Step = {
  title: "eth1 is healed.",
  act: ({ wire }) => wire.connect("eth1"),
  links: ["eth1"],
  outcome: "carry",
  between: [0, 8],
  why: "LACP hears its partner again and takes the link back in",
  trunkChanges: false,
  stream: { gap: 0.1, loses: false },
};

export const STEPS: readonly Step[] = [
  PLUGGED_IN,
  {
    title: "eth1 is cut silently: both ends still have carrier, but every frame is lost.",
    act: ({ wire }) => wire.silence("eth1"),
    links: ["eth1"],
    outcome: "are out",
    // A PDU a second, and the last one counts for three: 2 to 3 s, and a little for a busy machine.
    between: [1.8, 3.5],
    why: "only LACP can tell: the short timeout of 3 s since the last PDU is over",
    trunkChanges: false,
    stream: { gap: 3.5, loses: true },
  },
  HEALED,
  {
    title: "eth1 is cut with carrier, as when somebody pulls the cable.",
    act: ({ wire }) => wire.disconnect("eth1"),
    links: ["eth1"],
    outcome: "are out",
    between: [0, 0.25],
    why: "the kernel tells at once, LACP's timeout is not waited for",
    trunkChanges: false,
    stream: { gap: 0.25, loses: true },
  },
  HEALED,
];

const LOOK_AGAIN_MS = 50;
/** What is lost right after a change is its doing too. */
const SETTLE_MS = 200;

/** A port's last edge since a moment, if it leads to where the step wants it. */
function arrived(step: Step, edges: readonly Edge[], at: Name, link: Link): Edge | undefined {
  const edge = edges.findLast((one) => one.at === at && one.link === link);
  return edge && (edge.to === "Selected") === (step.outcome === "carry") ? edge : undefined;
}

const isAsWanted = (step: Step, trunk: Trunk): boolean =>
  step.links.every((link) => {
    const port = trunk.ports.find(({ name }) => name === link);
    return port !== undefined && carries(port) === (step.outcome === "carry");
  });

/** Does a step and watches what becomes of it; returns what to print, and whether it went as it should. */
async function perform(step: Step, pair: Pair): Promise<{ readonly lines: string[]; readonly good: boolean }> {
  const before = pair.edges.length;
  const began = monotonic();
  await step.act(pair);
  const [atLeast, atMost] = step.between;
  const edges = () => pair.edges.slice(before);
  const trunks = new Map<Name, Trunk>();
  // A second beyond the limit, so that a late end is told with its time and not only as missing.
  const patience = began + (atMost + 1) * 1_000_000;
  for (;;) {
    for (const name of NAMES) trunks.set(name, await pair.trunk(name));
    const done = NAMES.every(
      (name) =>
        isAsWanted(step, trunks.get(name) as Trunk) && step.links.every((link) => arrived(step, edges(), name, link)),
    );
    if (done || monotonic() > patience) break;
    await delay(LOOK_AGAIN_MS);
  }
  const lines: string[] = [];
  let good = true;
  for (const name of NAMES)
    for (const link of step.links) {
      const edge = arrived(step, edges(), name, link);
      const took = edge ? edge.mono - began : Number.POSITIVE_INFINITY;
      const inTime = took >= atLeast * 1_000_000 && took <= atMost * 1_000_000;
      good &&= inTime && isAsWanted(step, trunks.get(name) as Trunk);
      lines.push(`${name} ${link}: ${tell(step, edge, took)}`);
    }
  const disturbed = edges().filter((edge) =>
    edge.link ? !step.links.includes(edge.link as Link) : !step.trunkChanges,
  );
  for (const edge of disturbed)
    lines.push(`${edge.at} ${edge.link ?? "the trunk"}: disturbed, ${edge.from} -> ${edge.to}`);
  good &&= disturbed.length === 0;
  await delay(SETTLE_MS);
  const traffic = await pair.stream.mark();
  good &&= flowed(step, traffic);
  lines.push(`stream: ${step.stream ? trafficText(traffic) : "begins"}`);
  const limit = atLeast > 0 ? `${atLeast} to ${atMost} s` : `${atMost} s at most`;
  lines.push(`${good ? "as it should be" : "WRONG"}: ${limit}; ${step.why}`, "", ...table(trunks));
  return { lines, good };
}

function flowed({ stream }: Step, { flowing, longestGap, lost }: Traffic): boolean {
  if (!flowing || !stream) return flowing;
  return longestGap <= stream.gap * 1_000_000 && (stream.loses || lost === 0);
}

function tell(step: Step, edge: Edge | undefined, took: number): string {
  if (!edge) return step.outcome === "carry" ? "does not carry" : "is still in use";
  const what = step.outcome === "carry" ? "carries" : "is out";
  return `${what} after ${timeText(took)}${edge.reason ? ` (${edge.reason})` : ""}`;
}

/** Tells the whole story step by step; true when each did what it should. */
export async function performAll(pair: Pair, print: (line: string) => void): Promise<boolean> {
  let right = 0;
  for (const [index, step] of STEPS.entries()) {
    print(`${index + 1}. ${step.title}`);
    const { lines, good } = await perform(step, pair);
    for (const line of lines) print(line === "" ? "" : `   ${line}`);
    print("");
    if (good) right++;
  }
  print(`${right} of ${STEPS.length} steps went as they should.`);
  return right === STEPS.length;
}
