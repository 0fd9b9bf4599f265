/**
 * How long a flow is interrupted when the link that carries it loses carrier, with etrunkd (manual load-balance by eBPF
 * and by nftables, 1:1 by eBPF) and with Open vSwitch's bond. The ends of a link have distinct or equal interface
 * indexes; with equal ones, and on plain NICs, the kernel's event may be a second late.
 * The bonding driver with miimon 100 runs beside them in a user-mode-linux guest. Its one core sends nothing between a
 * cut and the driver's reaction, so its figures are no measure of a real machine.
 * Then what etrunkd loses where nothing need be lost: a member removed and added, a restart, a kill.
 * `longest` is the longest time in milliseconds between two frames at the far end, `lost` counts frames. `stalls`
 * counts the losses during which a bare timer was more than 2 ms late, and names the greatest lateness: then the
 * machine itself stood still.
 * Sender, receiver and timer run before everything else (SCHED_FIFO), then the rivals (SCHED_RR), then the rest. Needs
 * root, iproute2, nftables, Open vSwitch, user-mode-linux and a C compiler.
 */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Lab, run as runProgram } from "../lab.js";
import { bondingLosses } from "./bonding.js";
import { cut, rateOf, stallsOf, told, type WatchedLoss } from "./link-loss.js";
import { lostByPlannedMoves } from "./planned.js";
import { type Programs, Rival, type RivalKind } from "./rival.js";
import { first, type Stalls, Teller } from "./teller.js";

/** Cuts of each rival, and the milliseconds in which it must take over. */
const RIVALS: { readonly [Kind in RivalKind]: { readonly losses: number; readonly patience: number } } = {
  "etrunkd, ebpf": { losses: 120, patience: 250 },
  "etrunkd, 1:1": { losses: 120, patience: 250 },
  "etrunkd, nftables": { losses: 50, patience: 400 },
  "open vswitch": { losses: 50, patience: 1_500 },
};
/** The same for a guest, which has one slow core. */
const GUEST = { losses: 50, patience: 500, rates: [20_000, 10_000, 5_000] };

const KINDS = Object.keys(RIVALS) as RivalKind[];
const isHeldToIt = ({ kind }: Rival): boolean => kind === "etrunkd, ebpf" || kind === "etrunkd, 1:1";

async function compile(folder: string): Promise<Programs> {
  const sources = { generate: "../forwarding/generate.c", sink: "sink.c", stalls: "stalls.c" };
  const programs = Object.entries(sources).map(async ([name, source]) => {
    const program = join(folder, name);
    await runProgram("cc", ["-O2", "-pthread", "-o", program, fileURLToPath(new URL(source, import.meta.url))]);
    return [name, program] as const;
  });
  return Object.fromEntries(await Promise.all(programs)) as unknown as Programs;
}

/** Cuts all rivals in turns, so other load of the machine meets all of them. */
async function cutAll(rivals: readonly Rival[], rates: ReadonlyMap<RivalKind, number>, timer: Teller<Stalls>) {
  const found = rivals.map((rival) => ({
    rival,
    ...RIVALS[rival.kind],
    rate: rates.get(rival.kind) as number,
    cuts: [] as WatchedLoss[],
  }));
  const most = Math.max(...found.map(({ losses }) => losses));
  for (let round = 1; round <= most; round++)
    for (const { rival, losses, rate, patience, cuts } of found)
      while (cuts.length < (round * losses) / most) cuts.push(await cut(rival, rate, patience, timer));
  return found.map(({ rival, rate, cuts }) => ({ rival, ...told(cuts, rate), stalls: stallsOf(cuts) }));
}

/** Runs the benchmark, about ten minutes. */
export async function run(): Promise<object> {
  const lab = new Lab();
  const rivals: Rival[] = [];
  let timer: Teller<Stalls> | undefined;
  try {
    const programs = await compile(lab.folder);
    const [words, ...rest] = first(99, [programs.stalls]);
    timer = await Teller.start<Stalls>(spawn(words as string, rest, { stdio: ["pipe", "pipe", "inherit"] }));
    for (const kind of KINDS)
      for (const equal of [false, true]) rivals.push(await Rival.start(lab, kind, equal, programs, rivals.length));
    const rates = new Map<RivalKind, number>();
    for (const rival of rivals) if (!rival.equalIndexes) rates.set(rival.kind, await rateOf(rival));
    const cuts = await cutAll(rivals, rates, timer);
    const bonding: Record<string, object> = {};
    for (const equal of [false, true]) {
      const { rate, losses } = await bondingLosses(lab, equal, GUEST);
      bonding[`linux bonding in a guest, ${equal ? "equal" : "distinct"} indexes`] = told(losses, rate);
    }
    const planned: Record<string, object> = {};
    for (const rival of rivals)
      if (rival.kind !== "open vswitch" && rival.kind !== "etrunkd, 1:1" && !rival.equalIndexes)
        planned[rival.kind] = await lostByPlannedMoves(rival, rates.get(rival.kind) as number);
    const held = cuts.filter(({ rival }) => isHeldToIt(rival)).map(({ longest }) => longest);
    return {
      linkLoss: { ...Object.fromEntries(cuts.map(({ rival, ...figures }) => [rival.name, figures])), ...bonding },
      lostByPlannedMoves: planned,
      holds: {
        "p50 under 3 ms": held.every(({ p50 }) => p50 < 3),
        "p99 under 20 ms": held.every(({ p99 }) => p99 < 20),
      },
    };
  } finally {
    await timer?.stop();
    for (const rival of rivals) await rival.stop();
    await lab.close();
  }
}
