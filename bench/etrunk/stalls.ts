import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { type Lab, spawnIn, stop } from "../lab.js";
import type { Programs } from "./programs.js";

interface Stall {
  /** Microseconds of CLOCK_MONOTONIC. */
  readonly from: number;
  readonly to: number;
}

/** Bare timers, one on each processor, that run beside the measurement. */
export class Stalls {
  readonly #process: ChildProcess;
  readonly #stalls: Stall[] = [];

  private constructor(process: ChildProcess) {
    this.#process = process;
    if (!process.stdout) throw new Error("no output");
    createInterface({ input: process.stdout }).on("line", (line) => {
      const [at, late] = line.split(" ").map(Number) as [number, number];
      this.#stalls.push({ from: at - late, to: at });
    });
  }

  static async watch(lab: Lab, programs: Programs): Promise<Stalls> {
    const namespace = await lab.namespace("tm");
    return new Stalls(spawnIn(namespace, [programs.stall], { stdio: ["ignore", "pipe", "inherit"] }));
  }

  /** The longest stall within a time, in microseconds; 0 without one. */
  longest(from = 0, to = Number.POSITIVE_INFINITY): number {
    const lengths = this.#stalls
      .filter((stall) => stall.to >= from && stall.from <= to)
      .map((one) => one.to - one.from);
    return Math.max(0, ...lengths);
  }

  get count(): number {
    return this.#stalls.length;
  }

  stop(): Promise<void> {
    return stop(this.#process);
  }
}
