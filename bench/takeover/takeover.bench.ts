/**
 * How long a flow is interrupted when the link that carries it loses carrier: etrunkd (manual load-balance, eBPF and nftables)
 * and Open vSwitch's bond, links with distinct and with equal interface indexes at their ends (for those, and for plain NICs,
 * the kernel's event may be a second late). Beside them the bonding driver with miimon 100 in a user-mode-linux guest, whose one
 * core does nothing between a cut and what the driver makes of it. And what etrunkd loses where nothing need be lost: a
 * member that an operator removes and adds, a restart, a kill.
 * `longest` is in milliseconds, the longest time between two frames at the far end; `lost` in frames. The sender and the
 * receiver run before everything else (SCHED_FIFO), the rivals do not.
 * Needs root, iproute2, nftables, Open vSwitch, user-mode-linux and a C compiler.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Lab, run as runProgram } from "../../test/support/lab.js";
import { percentile, spread } from "../spread.js";
import { bondingLosses, type Loss } from "./bonding.js";
import { type Programs, Rival, type RivalKind } from "./rival.js";

const KINDS: readonly RivalKind[] = ["etrunkd, ebpf", "etrunkd, nftables", "open vswitch"];
const LOSSES = 60;
const SECONDS = 0.6;
const PLANNED_SECONDS = 1.2;
const PLANNED_ROUNDS = 10;
/** Frames a second, tried from the first. */
const RATES = [100_000, 75_000, 50_000, 35_000, 25_000, 15_000];
/** Of a guest, which does all of it on one slow core. */
const GUEST = { losses: 50, seconds: 1.2, rates: [20_000, 10_000, 5_000] };

/** The highest rate the rival carries without loss, three times. */
async function rateOf(rival: Rival): Promise<number> {
  for (const rate of RATES) {
    let lost = 0;
    for (let tries = 0; tries < 3; tries++) lost += await loss(rival, rate, () => Promise.resolve());
    if (lost === 0) return rate;
  }
  return RATES.at(-1) as number;
}

/** Sends while something is done; how many frames did not arrive. */
async function loss(rival: Rival, rate: number, action: () => Promise<void>, seconds = SECONDS): Promise<number> {
  await rival.seen();
  const sending = rival.send(seconds, rate);
  await action();
  const sent = await sending;
  const { frames, dropped } = await rival.seen();
  if (dropped > 0) throw new Error(`the receiver lost ${dropped} frames`);
  return sent - frames;
}

/** Cuts the link that carries the flow, somewhere in the second third of the time. */
async function cut(rival: Rival, rate: number): Promise<Loss> {
  await rival.seen();
  const sending = rival.send(SECONDS, rate);
  await pause(SECONDS * 1000 * (0.35 + Math.random() * 0.2));
  const before = await rival.seen();
  rival.setLink(before.last, false);
  const sent = await sending;
  const after = await rival.seen();
  rival.setLink(before.last, true);
  if (before.frames === 0 || after.dropped > 0) throw new Error(`nothing to cut: ${JSON.stringify([before, after])}`);
  return { lost: sent - before.frames - after.frames, longest: after.longest / 1000 };
}

const nameOf = ({ kind, equalIndexes }: Rival): string => `${kind}, ${equalIndexes ? "equal" : "distinct"} indexes`;

const told = (losses: readonly Loss[], rate: number) => {
  const longest = losses.map((loss) => loss.longest);
  return {
    rate,
    losses: losses.length,
    longest: { p50: percentile(longest, 0.5), p99: percentile(longest, 0.99), max: Math.max(...longest) },
    lost: spread(losses.map((loss) => loss.lost)),
  };
};

/** Frames lost by moves that nobody has to notice. */
async function planned(rival: Rival, rate: number): Promise<object> {
  const moves: number[] = [];
  const restarts: number[] = [];
  const kills: number[] = [];
  for (let round = 0; round < PLANNED_ROUNDS; round++) {
    for (const [member, count] of [
      ["m1", 1],
      ["m2", 1],
    ] as const)
      moves.push(
        await loss(rival, rate, async () => {
          rival.configure([member]);
          await rival.upPorts(count);
        }),
      );
    rival.configure(["m1", "m2"]);
    await rival.upPorts(2);
    restarts.push(await loss(rival, rate, () => again(rival, "SIGUSR2"), PLANNED_SECONDS));
    kills.push(await loss(rival, rate, () => again(rival, "SIGKILL"), PLANNED_SECONDS));
  }
  return { members: spread(moves), restarts: spread(restarts), kills: spread(kills) };
}

async function again(rival: Rival, signal: NodeJS.Signals): Promise<void> {
  rival.signal(signal);
  await rival.startDaemon();
}

async function compile(folder: string): Promise<Programs> {
  const source = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const programs = { generate: join(folder, "generate"), sink: join(folder, "sink") };
  await runProgram("cc", ["-O2", "-o", programs.generate, source("../forwarding/generate.c")]);
  await runProgram("cc", ["-O2", "-o", programs.sink, source("sink.c")]);
  return programs;
}

/** Runs the benchmark, about twelve minutes. */
export async function run(): Promise<object> {
  const lab = new Lab();
  const rivals: Rival[] = [];
  try {
    const programs = await compile(lab.folder);
    for (const kind of KINDS)
      for (const equal of [false, true]) rivals.push(await Rival.start(lab, kind, equal, programs, rivals.length));
    const rates = new Map<RivalKind, number>();
    for (const rival of rivals) if (!rival.equalIndexes) rates.set(rival.kind, await rateOf(rival));
    const losses = new Map<Rival, Loss[]>(rivals.map((rival) => [rival, []]));
    const rate = (rival: Rival): number => rates.get(rival.kind) as number;
    for (let round = 0; round < LOSSES; round++)
      for (const [rival, found] of losses) found.push(await cut(rival, rate(rival)));
    const bonding: Record<string, object> = {};
    for (const equal of [false, true]) {
      const { rate, losses } = await bondingLosses(lab, equal, GUEST);
      bonding[`linux bonding in a guest, ${equal ? "equal" : "distinct"} indexes`] = told(losses, rate);
    }
    const quiet: Record<string, object> = {};
    for (const rival of rivals)
      if (rival.kind !== "open vswitch" && !rival.equalIndexes) quiet[rival.kind] = await planned(rival, rate(rival));
    const ours = [...losses].filter(([rival]) => rival.kind === "etrunkd, ebpf").map(([, found]) => found);
    const gaps = ours.map((found) => found.map(({ longest }) => longest));
    return {
      seconds: SECONDS,
      linkLoss: {
        ...Object.fromEntries([...losses].map(([rival, found]) => [nameOf(rival), told(found, rate(rival))])),
        ...bonding,
      },
      lostByPlannedMoves: quiet,
      holds: {
        "p50 under 3 ms": gaps.every((longest) => percentile(longest, 0.5) < 3),
        "p99 under 20 ms": gaps.every((longest) => percentile(longest, 0.99) < 20),
      },
    };
  } finally {
    for (const rival of rivals) await rival.stop();
    await lab.close();
  }
}
