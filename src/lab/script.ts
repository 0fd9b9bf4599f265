import { setTimeout as delay } from "node:timers/promises";
import { monotonic } from "./clock.js";
import { DIRECTIONS, type Direction, type Edge, type Network, type View } from "./network.js";
import { PES, type PeName } from "./pe.js";
import { columns, edgeText, namesText, picture, roleText, timeText, trafficText } from "./picture.js";
import { isDone, STEPS, type Step } from "./steps.js";
import type { Traffic } from "./traffic.js";

const LOOK_AGAIN_MS = 50;
/** Time after a change in which lost frames still count for it, and in which the carrying PE is observed. */
const SETTLE_MS = 700;
const SEEN_PATIENCE_MS = 3_000;
/** Microseconds to wait beyond the limit, so that a late result is reported with its time. */
const BEYOND = 1_000_000;

type Both = { readonly [direction in Direction]: Traffic };

const MEANING: { readonly [direction in Direction]: string } = { up: "CE to core", down: "core to CE" };

/** Result of a step. */
interface Outcome {
  readonly step: Step;
  readonly view: View;
  /** Microseconds until the expected states held; undefined when they do not. */
  readonly took: number | undefined;
  readonly edges: readonly Edge[];
  /** The PEs that carried, and from which time after the beginning. */
  readonly carried: readonly { readonly after: number; readonly by: readonly PeName[] }[];
  readonly traffic: Both;
  readonly faults: readonly string[];
}

async function perform(step: Step, network: Network): Promise<Outcome> {
  const before = network.edges.length;
  const began = monotonic();
  const limit = began + step.within * 1_000_000;
  await step.act(network);
  let took: number | undefined;
  let view = await network.look();
  for (; monotonic() < limit + BEYOND; view = await network.look()) {
    if (isDone(step, network, view)) {
      took = monotonic() - began;
      break;
    }
    await delay(LOOK_AGAIN_MS);
  }
  await settle(step, network);
  view = await network.look();
  const traffic = { up: await network.streams.up.mark(), down: await network.streams.down.mark() };
  const { carriers } = network;
  const carried = carriers.history
    .filter(({ since }) => since > began)
    .map(({ since, by }) => ({ after: since - began, by }));
  const edges = network.edges.slice(before).toSorted((a, b) => a.mono - b.mono);
  const outcome = {
    step,
    view,
    took,
    edges: edges.map((edge) => ({ ...edge, mono: edge.mono - began })),
    carried,
    traffic,
  };
  return { ...outcome, faults: faultsOf(step, network, took, traffic) };
}

const carriesAsWanted = (step: Step, { carriers }: Network): boolean =>
  PES.filter((name) => carriers.now.includes(name)).join() === step.carries.join();

async function settle(step: Step, network: Network): Promise<void> {
  await delay(SETTLE_MS);
  const patience = performance.now() + SEEN_PATIENCE_MS;
  while (!carriesAsWanted(step, network) && performance.now() < patience) await delay(LOOK_AGAIN_MS);
}

/** Texts on what did not go as expected. */
function faultsOf(step: Step, network: Network, took: number | undefined, traffic: Both): string[] {
  const faults: string[] = [];
  if (took === undefined) faults.push(`the displays are not as they should be after ${step.within + 1} s`);
  else if (took > step.within * 1_000_000) faults.push(`it took longer than ${step.within} s`);
  if (!carriesAsWanted(step, network))
    faults.push(`the stream goes over ${namesText(network.carriers.now)}, it should be ${namesText(step.carries)}`);
  for (const direction of DIRECTIONS) {
    const { flowing, longestGap } = traffic[direction];
    if (!flowing) faults.push(`${direction}: interrupted`);
    else if (step.gap !== undefined && longestGap > step.gap * 1_000_000)
      faults.push(`${direction}: a gap beyond ${step.gap} s`);
  }
  if (step.twice && traffic.down.duplicates === 0) faults.push("down: no frame came twice");
  return faults;
}

function tell({ step, view, took, edges, carried, traffic, faults }: Outcome): string[] {
  const labelled = (label: string, lines: readonly string[]) =>
    lines.map((line, index) => `   ${(index === 0 ? label : "").padEnd(9)} ${line}`);
  const last = carried.map(({ after, by }) => `${namesText(by)} from ${timeText(after)} on`);
  const limits = `within ${step.within} s${step.gap === undefined ? "" : `, no gap longer than ${step.gap} s`}`;
  return [
    ...labelled("should", step.should),
    ...labelled(
      "events",
      edges.map((edge) => `${timeText(edge.mono).padStart(9)}  ${edgeText(edge)}`),
    ),
    ...labelled(
      "why",
      PES.map((name) => `${name}: ${roleText(view.pe[name])}`),
    ),
    ...labelled("carries", [last.length > 0 ? last.join(", then ") : "no change"]),
    ...DIRECTIONS.flatMap((direction) =>
      labelled(direction, [
        `${MEANING[direction]}: ${step.gap === undefined ? "begins" : trafficText(traffic[direction])}`,
      ]),
    ),
    `   ${faults.length === 0 ? "as it should be" : `WRONG: ${faults.join("; ")}`}${took === undefined ? "" : ` after ${timeText(took)}`} (${limits})`,
  ];
}

/** Performs the whole story step by step; true when each step went as expected. */
export async function performAll(network: Network, print: (line: string) => void): Promise<boolean> {
  for (const line of picture(network, await network.look())) print(line);
  print("");
  const outcomes: Outcome[] = [];
  for (const [index, step] of STEPS.entries()) {
    print(`${index + 1}. ${step.title}`);
    const outcome = await perform(step, network);
    for (const line of tell(outcome)) print(line);
    print("");
    outcomes.push(outcome);
  }
  for (const line of summary(outcomes)) print(line);
  const right = outcomes.filter(({ faults }) => faults.length === 0).length;
  print("");
  print(`${right} of ${STEPS.length} steps went as they should.`);
  return right === STEPS.length;
}

function summary(outcomes: readonly Outcome[]): string[] {
  const heading = ["", "carries", "gap up", "lost", "gap down", "lost", "twice", ""];
  const rows = outcomes.map(({ step, traffic: { up, down }, faults }) => [
    step.title,
    namesText(step.carries),
    ...(step.gap === undefined
      ? ["-", "-", "-", "-", "-"]
      : [timeText(up.longestGap), `${up.lost}`, timeText(down.longestGap), `${down.lost}`, `${down.duplicates}`]),
    faults.length === 0 ? "" : "WRONG",
  ]);
  return columns([heading, ...rows]);
}
