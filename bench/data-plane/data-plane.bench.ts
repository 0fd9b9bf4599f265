/**
 * What a stream loses when somebody ends the data plane of the PE that carries, while its links and its daemon live. The
 * scene is that of the `etrunk` benchmark: two etrunkds (eBPF) with BFD at 10 ms x 3, a CE, and a stream of 20,000 frames a
 * second from the CE to the core and a fifth of it back. Where the PE puts back what went, it carries again; else the other
 * one takes over.
 * Results: `gap` is the longest time between two frames in milliseconds, `lost` counts frames of each stream.
 * Takes 8 minutes. RUNS in the environment sets fewer than 5 runs of each way. Needs root, iproute2, Open vSwitch and a C compiler.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { CeKind } from "../etrunk/ce.js";
import { Pair } from "../etrunk/pair.js";
import { compile } from "../etrunk/programs.js";
import { type Outage, outageOf } from "../etrunk/timeline.js";
import { Lab } from "../lab.js";
import { percentile } from "../spread.js";

const RATE = 20_000;
/** With more, a PE takes the changes for those of somebody who keeps making them, and pauses its repairs (`base/repairs.ts`). */
const MOST_RUNS = Math.min(Number(process.env.RUNS ?? 5), 5);
const CES: readonly CeKind[] = ["etrunkd", "open vswitch"];
/** Milliseconds until all consequences are over: a PE whose plane does not come back is left by hello and LACP at once. */
const OBSERVED = 1_500;
/** The limit of the gap in milliseconds. */
const LIMIT = 100;

interface Way {
  readonly by: string;
  /** What puts it back; undefined where etrunkd does. */
  readonly undo?: string;
}

/** Each way is a command in the namespace of PE1. */
const WAYS = {
  "hook of the member deleted": { by: "tc qdisc del dev eth1 clsact" },
  "hook of the inner end deleted": { by: "tc qdisc del dev et1-ul clsact" },
  "inner end set down": { by: "ip link set et1-ul down" },
  "trunk device deleted": { by: "ip link del eth-trunk1" },
  "trunk device set down": { by: "ip link set eth-trunk1 down", undo: "ip link set eth-trunk1 up" },
  "filter of somebody before ours": {
    by: "tc filter add dev eth1 ingress pref 1 protocol all u32 match u32 0 0 flowid 1:1",
    undo: "tc filter del dev eth1 ingress pref 1",
  },
} satisfies { readonly [title: string]: Way };
type WayName = keyof typeof WAYS;

const figures = (numbers: readonly number[]) => ({
  p50: percentile(numbers, 0.5),
  max: Math.max(...numbers),
});
const summary = (outages: readonly Outage[]) => ({
  runs: outages.length,
  gap: { up: figures(outages.map(({ gap }) => gap.up)), down: figures(outages.map(({ gap }) => gap.down)) },
  lost: { up: figures(outages.map(({ lost }) => lost.up)), down: figures(outages.map(({ lost }) => lost.down)) },
});

async function perform(pair: Pair, way: Way): Promise<Outage> {
  const observed = await pair.observe(RATE, async () => {
    await pause(100 + Math.random() * 500);
    await pair.inPe1(way.by);
    await pause(OBSERVED);
  });
  if (way.undo !== undefined) await pair.inPe1(way.undo);
  return outageOf(observed);
}

async function measure(kind: CeKind): Promise<object> {
  const lab = new Lab();
  let pair: Pair | undefined;
  try {
    pair = await Pair.start(lab, kind, await compile(lab.folder));
    const all = new Map<WayName, Outage[]>();
    for (let run = 0; run < MOST_RUNS; run++)
      for (const [name, way] of Object.entries(WAYS) as [WayName, Way][]) {
        await pair.settle(RATE);
        all.set(name, [...(all.get(name) ?? []), await perform(pair, way)]);
      }
    const ways = Object.fromEntries([...all].map(([name, outages]) => [name, summary(outages)]));
    const worst = Object.values(ways).map(({ gap }) => Math.max(gap.up.max, gap.down.max));
    return { ways, holds: { [`each gap under ${LIMIT} ms`]: worst.every((gap) => gap < LIMIT) } };
  } finally {
    await pair?.stop();
    await lab.close();
  }
}

/** Runs the benchmark. */
export async function run(): Promise<object> {
  const ces: Record<string, object> = {};
  for (const kind of CES) ces[kind] = await measure(kind);
  return { rate: RATE, ce: ces };
}
