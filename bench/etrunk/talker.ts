import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { spawnIn, stop } from "../lab.js";
import { first } from "./programs.js";

/** A program that answers each line with a line. */
export interface Talker {
  /** Sends a line that has no answer. */
  tell(line: string): void;
  /** The answer to a line, as JSON. */
  ask<Answer>(line?: string): Promise<Answer>;
  stop(): Promise<void>;
}

/** Such a program, running in a namespace. */
export class Program implements Talker {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: ChildProcess) {
    this.#process = process;
    // A program that ends with a line unread breaks the pipe.
    process.stdin?.on("error", () => {});
    if (!process.stdout) throw new Error("no output");
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts a program; resolves when it is ready for lines. */
  static async start(namespace: string, command: readonly string[]): Promise<Program> {
    const program = new Program(spawnIn(namespace, command, { stdio: ["pipe", "pipe", "inherit"] }));
    const { done } = await program.#lines.next();
    if (done) throw new Error(`it ended at once: ${command.join(" ")}`);
    return program;
  }

  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  async ask<Answer>(line = ""): Promise<Answer> {
    this.tell(line);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("it ended");
    return JSON.parse(value);
  }

  stop(): Promise<void> {
    return stop(this.#process);
  }
}

/** `ip -batch` in a namespace: starting a program for each change takes longer than what is measured. */
export class Links {
  readonly #process: ChildProcess;

  constructor(namespace: string) {
    this.#process = spawnIn(namespace, [...first(0), "ip", "-batch", "-"], { stdio: ["pipe", "ignore", "inherit"] });
    this.#process.stdin?.on("error", () => {});
  }

  set(state: "up" | "down", ...names: readonly string[]): void {
    this.#process.stdin?.write(names.map((name) => `link set dev ${name} ${state}\n`).join(""));
  }

  stop(): Promise<void> {
    return stop(this.#process);
  }
}
