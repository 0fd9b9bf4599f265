/**
 * What a stream loses when one of two PEs takes over from the other, and where the time goes. Two etrunkds (eBPF) run
 * BFD at 10 ms x 3 between them over the core, so no carrier tells one that the other is gone. A CE has a link to each;
 * one stream goes from the CE to the core and one back.
 * Faults, for each CE: its link to the master is cut, the master is powered off, its daemon is killed, frozen and
 * stopped. The way back is measured too, when the link is healed and the revert delay is over.
 * Results: `gap` is the longest time between two frames in milliseconds; `lost` counts frames of each stream at `rate`
 * frames a second; timeline.ts explains the splits, in milliseconds. All hosts share one kernel, so PE2's requests to
 * it wait for the work that the fault itself causes.
 * Takes 40 minutes. RUNS in the environment sets fewer than 30 runs of each; CE selects one CE, whose results go to a
 * file of their own. Needs root, iproute2, nftables, Open vSwitch, user-mode-linux and a C compiler.
 */

import { setTimeout as pause } from "node:timers/promises";
import { Lab } from "../lab.js";
import { percentile } from "../spread.js";
import { CE_KINDS, type CeKind } from "./ce.js";
import { lossOf, Pair } from "./pair.js";
import { compile, type Programs } from "./programs.js";
import { perform, type Run, SCENARIOS, type Scenario, type ScenarioName } from "./scenarios.js";
import { Stalls } from "./stalls.js";
import { type Outage, outageOf, STAGES, splitOf } from "./timeline.js";

/** Runs of each scenario. */
const MOST_RUNS = Number(process.env.RUNS ?? 30);
/** Runs with each CE: fewer with a guest, whose takeovers are slow. */
const RUNS: { readonly [kind in CeKind]: number } = {
  etrunkd: MOST_RUNS,
  "open vswitch": MOST_RUNS,
  "linux bonding": Math.ceil(MOST_RUNS / 3),
};
/**
 * Seconds of one trial of a rate. A CE at its limit loses frames now and then, so a rate counts as carried after a
 * minute without loss.
 */
const RATE_SECONDS = 1;
const RATE_TRIES = 60;
const MOST_STALLED = 3;
/** Microseconds by which a frame may leave late; beyond it the machine cannot send at that rate. */
const MOST_LATE = 10_000;
/** Frames that may be lost where none need be. */
const MOST_LOST = 5;

const names = Object.keys(SCENARIOS) as ScenarioName[];

/** Whether the CE carries a rate. A second in which the machine stood still is repeated, a few times. */
async function carries(pair: Pair, rate: number): Promise<boolean> {
  for (let tries = 0; tries < MOST_STALLED; tries++) {
    const observed = await pair.observe(rate, () => pause(RATE_SECONDS * 1_000));
    if (observed.late < MOST_LATE) return lossOf(observed).every((lost) => lost === 0);
  }
  return false;
}

/** The highest rate of the CE's list that CE, PEs and machine carry without loss. */
async function rateOf(pair: Pair): Promise<number> {
  await pair.settle(pair.ce.rates.at(-1) as number);
  for (const rate of pair.ce.rates) {
    let tries = 0;
    while (tries < RATE_TRIES && (await carries(pair, rate))) tries++;
    if (tries === RATE_TRIES) return rate;
  }
  return pair.ce.rates.at(-1) as number;
}

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const figures = (numbers: readonly (number | undefined)[]): Figures | undefined => {
  const all = numbers.filter((number) => number !== undefined);
  if (all.length === 0) return undefined;
  return { p50: percentile(all, 0.5), p99: percentile(all, 0.99), max: Math.max(...all) };
};

const outages = (all: readonly Outage[]) => ({
  gap: { up: figures(all.map(({ gap }) => gap.up)), down: figures(all.map(({ gap }) => gap.down)) },
  lost: { up: figures(all.map(({ lost }) => lost.up)), down: figures(all.map(({ lost }) => lost.down)) },
});

function summary(scenario: Scenario, runs: readonly Run[], stalls: Stalls) {
  const splits = runs.map(({ fault, at }) => splitOf(fault, scenario, at));
  const stalled = runs.map(({ at }) => stalls.longest(at, at + scenario.lasts * 1e6));
  const reverts = runs.flatMap(({ revert }) => (revert === undefined ? [] : [outageOf(revert)]));
  return {
    runs: runs.length,
    ...outages(runs.map(({ fault }) => outageOf(fault))),
    split: Object.fromEntries(STAGES.map((stage) => [stage, figures(splits.map((split) => split[stage]))])) as {
      readonly [stage in (typeof STAGES)[number]]: Figures | undefined;
    },
    revert: reverts.length === 0 ? undefined : outages(reverts),
    /** Runs in which a bare timer was 5 ms late or more, and the greatest lateness in milliseconds. */
    stalled: { runs: stalled.filter((late) => late > 0).length, longest: Math.max(...stalled) / 1_000 },
  };
}

type Measured = { readonly [name in ScenarioName]: ReturnType<typeof summary> };

const below = (limit: number, ...all: readonly (number | undefined)[]): boolean =>
  all.every((one) => one !== undefined && one < limit);

/** The limits that must hold with a CE that follows at once. */
function holds({ linkLoss, powerOff, daemonKilled, plannedStop }: Measured): object {
  const few = (of: Pick<Measured["linkLoss"], "lost"> | undefined) => ({
    up: below(MOST_LOST + 1, of?.lost.up?.max),
    down: below(MOST_LOST + 1, of?.lost.down?.max),
  });
  return {
    "link loss: p50 under 20 ms": below(20, linkLoss.gap.up?.p50, linkLoss.gap.down?.p50),
    "link loss: p99 under 60 ms": below(60, linkLoss.gap.up?.p99, linkLoss.gap.down?.p99),
    "power off: p50 under 50 ms": below(50, powerOff.gap.up?.p50, powerOff.gap.down?.p50),
    "power off: p99 under 90 ms": below(90, powerOff.gap.up?.p99, powerOff.gap.down?.p99),
    "our part after a hello: p50 under 5 ms": below(5, linkLoss.split.own?.p50),
    "our part after silence: p50 under 40 ms": below(40, powerOff.split.own?.p50),
    "daemon killed: at most 5 frames lost": few(daemonKilled),
    "planned stop: at most 5 frames lost": few(plannedStop),
    "revert: at most 5 frames lost": few(linkLoss.revert),
  };
}

async function measure(kind: CeKind, programs: Programs): Promise<object> {
  const lab = new Lab();
  let pair: Pair | undefined;
  let stalls: Stalls | undefined;
  try {
    stalls = await Stalls.watch(lab, programs);
    pair = await Pair.start(lab, kind, programs);
    const rate = await rateOf(pair);
    const runs = new Map<ScenarioName, Run[]>(names.map((name) => [name, []]));
    for (const [name, all] of runs) {
      pair.setRevertDelay(SCENARIOS[name].revertDelay);
      for (let run = 0; run < RUNS[kind]; run++) {
        await pair.settle(rate);
        all.push(await perform(pair, SCENARIOS[name], rate));
      }
    }
    const watched = stalls;
    const measured = Object.fromEntries(
      [...runs].map(([name, all]) => [name, summary(SCENARIOS[name], all, watched)]),
    ) as Measured;
    return {
      rate,
      ...measured,
      stalls: { count: stalls.count, longest: stalls.longest() / 1_000 },
      ...(kind === "linux bonding" ? {} : { holds: holds(measured) }),
    };
  } finally {
    await pair?.stop();
    await stalls?.stop();
    await lab.close();
  }
}

/** The CE that the environment selects. */
export const variant: CeKind | undefined = CE_KINDS.find((kind) => kind === process.env.CE);

/** Runs the benchmark. */
export async function run(): Promise<object> {
  const lab = new Lab();
  try {
    const programs = await compile(lab.folder);
    const ces: Record<string, object> = {};
    for (const kind of variant === undefined ? CE_KINDS : [variant]) ces[kind] = await measure(kind, programs);
    return { ce: ces };
  } finally {
    await lab.close();
  }
}
