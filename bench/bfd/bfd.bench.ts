/**
 * Fast BFD. First part: 64 sessions at 10 ms x 3 between two etrunkds that both collect garbage all the while; then one
 * of them is killed, and the other has to notice. A false Down counts unless the machine stood still at that moment,
 * which a bare timer of 1 ms shows that runs before all else and was 20 ms late or more.
 * Second part: the CPU that two etrunkds without garbage and two of FRR's bfdd take for the same sessions, one after
 * the other, and how many packets they sent meanwhile. A session that is down sends one packet a second, so fewer
 * packets are no merit.
 * Needs root, a C compiler and FRR. BFD_SECONDS sets the length of the first part, 300 by default.
 */

import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { collect, ipIn, isFrrInstalled, isRunning, Lab, makeVeth, run as runProgram, spawnIn, stop } from "../lab.js";
import { spread } from "../spread.js";
import { addressOf, Bfdd, type Down, type End, Etrunkd, INTERVAL, MULTIPLIER, SESSIONS, untilSteady } from "./pair.js";

const GARBAGE_SECONDS = Number(process.env.BFD_SECONDS ?? 300);
const START_SECONDS = 60;
const CPU_ROUNDS = 3;
const CPU_SECONDS = 10;
/** Microseconds by which a timer is late when the machine's stall explains a session's fall. */
const STALL = 20_000;
/**
 * Longest time in microseconds from the end of a stall to the report of the falls that it caused; the reporting daemon
 * may pause too.
 */
const NOTICED_WITHIN = 60_000;
/** A fall may be reported up to this many microseconds before the late timer runs again. */
const CLOCKS_APART = 5_000;

type Namespaces = readonly [string, string];

async function makeNetwork(lab: Lab): Promise<Namespaces> {
  const namespaces = [await lab.namespace("a"), await lab.namespace("b")] as const;
  const [a, b] = namespaces;
  await makeVeth({ namespace: a, name: "v0", index: 11 }, { namespace: b, name: "v0", index: 51 });
  for (const [at, namespace] of namespaces.entries()) {
    await ipIn(namespace, "link", "set", "lo", "up");
    for (let session = 0; session < SESSIONS; session++)
      await ipIn(namespace, "address", "add", `${addressOf(at + 1, session)}/16`, "dev", "v0");
  }
  return namespaces;
}

interface Stall {
  readonly end: number;
  readonly late: number;
}

/** The bare timers of stall.c. */
class Timers {
  readonly #process: ChildProcess;
  readonly #output: () => string;

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#output = collect(process.stdout);
  }

  static async start(lab: Lab, [a]: Namespaces): Promise<Timers> {
    const program = join(lab.folder, "stall");
    const source = fileURLToPath(new URL("stall.c", import.meta.url));
    await runProgram("cc", ["-O2", "-pthread", "-o", program, source]);
    return new Timers(spawnIn(a, [program], { stdio: ["ignore", "pipe", "inherit"] }));
  }

  /** The moments so far at which a timer was 5 ms late or more. */
  stalls(): Stall[] {
    if (!isRunning(this.#process)) throw new Error("the timers ended");
    const lines = this.#output().split("\n").slice(0, -1);
    return lines.map((line) => line.split(" ").map(Number)).map(([end = 0, late = 0]) => ({ end, late }));
  }
  stop(): Promise<void> {
    return stop(this.#process);
  }
}

/**
 * Lets the sessions run for some seconds; returns the falls, and the figures that show how near the others came to one.
 */
async function hold(ends: readonly [Etrunkd, Etrunkd], seconds: number) {
  const before = await Promise.all(ends.map((end) => end.counts()));
  const told = ends.map((end) => end.downs.length);
  await pause(seconds * 1_000);
  const views = await Promise.all(ends.map((end) => end.views()));
  const after = await Promise.all(ends.map((end) => end.counts()));
  return {
    downs: ends.flatMap((end, at) => end.downs.slice(told[at])),
    paced: views.map((each) => each.filter(({ offloaded }) => offloaded).length),
    longestSilence: views.map((each) => Math.max(...each.map(({ longestSilence }) => longestSilence ?? 0))),
    sent: after.map(({ sent }, at) => sent - (before[at]?.sent ?? 0)),
    received: after.map(({ received }, at) => received - (before[at]?.received ?? 0)),
  };
}

/** The first part of the benchmark. */
async function loaded(lab: Lab, [a, b]: Namespaces) {
  const ends = [await Etrunkd.start(lab, a, 1, true), await Etrunkd.start(lab, b, 2, true)] as const;
  try {
    await untilSteady(ends, START_SECONDS);
    const held = await hold(ends, GARBAGE_SECONDS);
    const garbage = ends.map((end) => end.collections());
    const told = ends[0].downs.length;
    const killed = ends[1].kill();
    await pause(1_000);
    const noticed = ends[0].downs.slice(told).map(({ at }) => (at - killed) / 1_000);
    return { held, garbage, noticed };
  } finally {
    for (const end of ends) await end.stop();
  }
}

/** Sessions whose falls were reported together, and the stalls shortly before. */
interface Fall {
  readonly at: number;
  readonly diagnostic: string;
  readonly sessions: number;
  /** How late the timers were, and how long before the report of the fall, in milliseconds. */
  readonly stalls: readonly { readonly late: number; readonly before: number }[];
}

function fallsOf(downs: readonly Down[], stalls: readonly Stall[], longestPause: number): Fall[] {
  const toldWithin = NOTICED_WITHIN + longestPause * 1_000;
  const together = new Map<string, Down[]>();
  for (const down of downs) {
    const key = `${down.at} ${down.diagnostic}`;
    together.set(key, [...(together.get(key) ?? []), down]);
  }
  return [...together.values()].map((fallen) => {
    const { at, diagnostic } = fallen[0] as Down;
    const isNear = ({ end, late }: Stall) => at > end - late - CLOCKS_APART && at < end + toldWithin;
    const near = stalls
      .filter(isNear)
      .map(({ end, late }) => ({ late: rounded(late / 1_000), before: rounded((at - end) / 1_000) }));
    return { at, diagnostic, sessions: fallen.length, stalls: near };
  });
}

const isExplained = ({ stalls }: Fall): boolean => stalls.some(({ late }) => late * 1_000 >= STALL);
const long = (stalls: readonly Stall[]): readonly Stall[] => stalls.filter(({ late }) => late >= STALL);
const sessionsOf = (falls: readonly Fall[]): number => falls.reduce((sum, { sessions }) => sum + sessions, 0);

/** Seconds of CPU a process has used; USER_HZ is 100 on every Linux. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/**
 * Rounds of both ends, with all sessions up at the beginning; counts CPU in percent of one core, packets a second, and
 * falls.
 */
async function consumption(ends: readonly End[], timers: Timers) {
  const rounds = [];
  for (let round = 0; round < CPU_ROUNDS; round++) {
    await untilSteady(ends, START_SECONDS);
    const look = async (end: End) => ({ ...(await end.counts()), cpu: cpuSeconds(end.pid) });
    const before = await Promise.all(ends.map(look));
    const stalls = long(timers.stalls()).length;
    const start = performance.now();
    await pause(CPU_SECONDS * 1_000);
    const seconds = (performance.now() - start) / 1_000;
    const after = await Promise.all(ends.map(look));
    for (const [at, now] of after.entries()) {
      const then = before[at] as (typeof after)[number];
      const sent = now.sent - then.sent;
      rounds.push({
        cpuPercent: rounded(((now.cpu - then.cpu) * 100) / seconds),
        sentPerSecond: Math.round(sent / seconds),
        microsecondsPerPacket: rounded(((now.cpu - then.cpu) * 1e6) / Math.max(1, sent + now.received - then.received)),
        downs: now.downs - then.downs,
        stallsOfTheMachine: long(timers.stalls()).length - stalls,
      });
    }
  }
  return rounds;
}

const rounded = (number: number): number => Number(number.toFixed(1));

async function consumptionOf(
  start: (namespace: string, end: number) => Promise<End>,
  [a, b]: Namespaces,
  timers: Timers,
) {
  const ends: End[] = [];
  try {
    ends.push(await start(a, 1));
    ends.push(await start(b, 2));
    return await consumption(ends, timers);
  } finally {
    for (const end of ends) await end.stop();
  }
}

const numbersOf = <Name extends string>(rounds: readonly { readonly [name in Name]: number }[], name: Name) =>
  rounds.map((round) => round[name]);

/** Runs the benchmark. Times in milliseconds. */
export async function run(): Promise<object> {
  if (!isFrrInstalled) throw new Error("FRR is missing: apt-get install frr");
  const lab = new Lab();
  let timers: Timers | undefined;
  try {
    const namespaces = await makeNetwork(lab);
    timers = await Timers.start(lab, namespaces);
    const { held, garbage, noticed } = await loaded(lab, namespaces);
    const stalls = timers.stalls();
    const falls = fallsOf(held.downs, stalls, Math.max(...garbage.map((each) => each.longestPause)));
    const unexplained = falls.filter((fall) => !isExplained(fall));
    const ours = await consumptionOf((at, end) => Etrunkd.start(lab, at, end, false), namespaces, timers);
    const theirs = await consumptionOf((at, end) => Bfdd.start(lab, at, end), namespaces, timers);
    return {
      sessions: SESSIONS,
      interval: INTERVAL,
      multiplier: MULTIPLIER,
      withGarbage: {
        seconds: GARBAGE_SECONDS,
        downs: held.downs.length,
        unexplained: sessionsOf(unexplained),
        falls: falls.slice(0, 20),
        stallsOfTheMachine: long(stalls).length,
        longestStall: Math.max(0, ...stalls.map(({ late }) => late)) / 1_000,
        garbage: garbage.map(({ collections, longestCollection, longestPause }) => ({
          collections,
          longestCollection: rounded(longestCollection),
          longestPause: rounded(longestPause),
        })),
        longestSilence: held.longestSilence.map(rounded),
        paced: held.paced,
        sent: held.sent,
        received: held.received,
        killedPeerNoticed: { sessions: noticed.length, ...spread(noticed) },
      },
      /** One row for each end in each round. */
      withoutGarbage: { seconds: CPU_SECONDS, etrunkd: ours, bfdd: theirs },
      cpuPercent: { etrunkd: spread(numbersOf(ours, "cpuPercent")), bfdd: spread(numbersOf(theirs, "cpuPercent")) },
      holds: {
        "no false down the machine does not explain": unexplained.length === 0,
        "every session is with the pacer": held.paced.every((paced) => paced === SESSIONS),
        "a peer that is killed is noticed on every session": noticed.length === SESSIONS,
        "less CPU than bfdd": Math.max(...numbersOf(ours, "cpuPercent")) < Math.min(...numbersOf(theirs, "cpuPercent")),
      },
    };
  } finally {
    await timers?.stop();
    await lab.close();
  }
}
