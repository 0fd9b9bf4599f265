import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { stop } from "../lab.js";

/** What the far end received between two questions (sink.c). */
export interface Seen {
  readonly frames: number;
  /** Longest time in microseconds between two frames, by the kernel's time stamps. */
  readonly longest: number;
  /** Frames that the receiver itself lost. */
  readonly dropped: number;
  /** The interface the last frame came by. */
  readonly last: string;
}

/** How often the bare timer was late between two questions, and by how many milliseconds at most (stalls.c). */
export interface Stalls {
  readonly count: number;
  readonly longest: number;
}

/**
 * Prefix of the command of sender, receiver and timers: they run before everything else, so a gap is the path's and not
 * theirs.
 */
export const first = (priority: number, words: readonly string[]): string[] => ["chrt", "-f", `${priority}`, ...words];

/** A program that says "ready" and then answers each line with one line of JSON. */
export class Teller<Answer> {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: ChildProcess) {
    if (!process.stdout) throw new Error("no output");
    this.#process = process;
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  }

  static async start<Answer>(process: ChildProcess): Promise<Teller<Answer>> {
    const teller = new Teller<Answer>(process);
    await teller.#lines.next();
    return teller;
  }

  async ask(line = ""): Promise<Answer> {
    this.#process.stdin?.write(`${line}\n`);
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`${this.#process.spawnargs.join(" ")} ended`);
    return JSON.parse(value);
  }

  async stop(): Promise<void> {
    await stop(this.#process);
  }
}
