/**
 * The receive path: our ring and `cap` in the same run, over a veth with GSO on.
 * (a) How many of 2,000 frames are received that arrive while JavaScript is busy for 400 ms.
 * (b) How many of 300,000 frames sent in 3 s are lost, and the CPU time of a frame.
 * Rounds alternate, so other load of the machine meets both. Needs root, iproute2 and a C compiler.
 */

import type { ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { collect, ended, Lab, makeVeth, run as runProgram, spawnIn } from "../lab.js";

const KINDS = ["ring", "cap"] as const;
type Kind = (typeof KINDS)[number];

const BLOCKED = { rounds: 5, frames: 2_000, rate: 20_000, milliseconds: 400 };
const SUSTAINED = { rounds: 5, frames: 300_000, rate: 100_000, burst: 8 };
const WARM_UP = { frames: 20_000, rate: 40_000 };

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

function spread(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (fraction: number): number => sorted[Math.floor(fraction * (sorted.length - 1))] ?? Number.NaN;
  return { min: at(0), median: at(0.5), max: at(1) };
}

/** Two namespaces with a veth, and the generator. */
class Bed {
  readonly near: string;
  readonly far: string;
  readonly #lab: Lab;
  readonly #generator: string;

  private constructor(lab: Lab, near: string, far: string) {
    this.near = near;
    this.far = far;
    this.#lab = lab;
    this.#generator = join(lab.folder, "gen");
  }

  static async make(): Promise<Bed> {
    const lab = new Lab();
    const bed = new Bed(lab, await lab.namespace("n"), await lab.namespace("f"));
    await runProgram("cc", ["-O2", "-o", bed.#generator, here("gen.c")]);
    await makeVeth({ namespace: bed.near, name: "a0", index: 11 }, { namespace: bed.far, name: "b0", index: 51 });
    return bed;
  }

  /** Sends on core 0 and returns how many frames went out. */
  async send(frames: number, rate: number, burst: number): Promise<number> {
    const child = startOn(0, this.far, [this.#generator, "b0", ...[frames, rate, burst].map(String)]);
    const output = collect(child.stdout);
    await ended(child);
    return JSON.parse(output()).sent;
  }

  close(): Promise<void> {
    return this.#lab.close();
  }
}

/** Starts a program on a core; sender and receiver have one each where there are two. */
function startOn(core: number, namespace: string, words: readonly string[]): ChildProcess {
  const pinned = availableParallelism() > 1 ? ["taskset", "-c", `${core}`, ...words] : words;
  // libpcap warns about interfaces without addresses.
  return spawnIn(namespace, pinned, { stdio: ["pipe", "pipe", "ignore"] });
}

/** A receiving process. */
class Receiver {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(bed: Bed, kind: Kind) {
    this.#child = startOn(1, bed.near, [process.execPath, here("receive.js"), kind, "a0"]);
    if (!this.#child.stdout) throw new Error("no output");
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  static async open(bed: Bed, kind: Kind): Promise<Receiver> {
    const receiver = new Receiver(bed, kind);
    await receiver.#expect("ready");
    return receiver;
  }

  async start(): Promise<void> {
    this.#child.stdin?.write("start\n");
    await this.#expect("started");
  }

  async block(milliseconds: number): Promise<void> {
    this.#child.stdin?.write(`block ${milliseconds}\n`);
    await this.#expect("blocking");
  }

  async report(): Promise<{ readonly received: number; readonly cpuMicros: number }> {
    this.#child.stdin?.write("report\n");
    return JSON.parse(await this.#line());
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    await ended(this.#child);
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the receiver ended");
    return value;
  }

  async #expect(word: string): Promise<void> {
    const line = await this.#line();
    if (line !== word) throw new Error(`${word} expected, not ${line}`);
  }
}

/** One round in which both receive the same frames and are busy at the same time. */
async function blockedRound(bed: Bed): Promise<Record<Kind, number>> {
  const receivers = { ring: await Receiver.open(bed, "ring"), cap: await Receiver.open(bed, "cap") };
  const both = Object.values(receivers);
  await Promise.all(both.map((receiver) => receiver.start()));
  await Promise.all(both.map((receiver) => receiver.block(BLOCKED.milliseconds)));
  const sent = await bed.send(BLOCKED.frames, BLOCKED.rate, 1);
  if (sent !== BLOCKED.frames) throw new Error(`only ${sent} frames went out`);
  const received = { ring: (await receivers.ring.report()).received, cap: (await receivers.cap.report()).received };
  await Promise.all(both.map((receiver) => receiver.close()));
  return received;
}

/** One round of one receiver alone, so the other takes no CPU from it. */
async function sustainedRound(bed: Bed, kind: Kind): Promise<{ lost: number; cpuMicrosPerFrame: number }> {
  const receiver = await Receiver.open(bed, kind);
  await bed.send(WARM_UP.frames, WARM_UP.rate, SUSTAINED.burst);
  await receiver.report();
  await receiver.start();
  const sent = await bed.send(SUSTAINED.frames, SUSTAINED.rate, SUSTAINED.burst);
  const { received, cpuMicros } = await receiver.report();
  await receiver.close();
  return { lost: sent - received, cpuMicrosPerFrame: cpuMicros / received };
}

/**
 * Runs the benchmark, about a minute. Results are frames and microseconds of CPU, each as least, median and greatest of
 * the rounds.
 */
export async function run(): Promise<object> {
  const bed = await Bed.make();
  try {
    const blocked: Record<Kind, number[]> = { ring: [], cap: [] };
    for (let round = 0; round < BLOCKED.rounds; round++) {
      const received = await blockedRound(bed);
      for (const kind of KINDS) blocked[kind].push(received[kind]);
    }
    const lost: Record<Kind, number[]> = { ring: [], cap: [] };
    const cpu: Record<Kind, number[]> = { ring: [], cap: [] };
    for (let round = 0; round < SUSTAINED.rounds; round++) {
      for (const kind of KINDS) {
        const result = await sustainedRound(bed, kind);
        lost[kind].push(result.lost);
        cpu[kind].push(Number(result.cpuMicrosPerFrame.toFixed(3)));
      }
    }
    const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
    return {
      blocked: { ...BLOCKED, received: { ring: spread(blocked.ring), cap: spread(blocked.cap) } },
      sustained: {
        ...SUSTAINED,
        lost: { ring: spread(lost.ring), cap: spread(lost.cap) },
        lostInAll: { ring: sum(lost.ring), cap: sum(lost.cap) },
        cpuMicrosPerFrame: { ring: spread(cpu.ring), cap: spread(cpu.cap) },
      },
      holds: {
        "all frames of a blocked loop come in": blocked.ring.every((received) => received === BLOCKED.frames),
        "at most a tenth of cap's loss": sum(lost.ring) * 10 <= sum(lost.cap),
        "CPU per frame not above cap's": spread(cpu.ring).median <= spread(cpu.cap).median,
      },
    };
  } finally {
    await bed.close();
  }
}
