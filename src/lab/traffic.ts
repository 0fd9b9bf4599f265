import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { spawnIn, stop } from "./programs.js";
import type { StreamSpec } from "./traffic-frame.js";
import type { Report } from "./traffic-receiver.js";

/** Counts of a stream's frames over a time. */
export interface Traffic {
  readonly sent: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Longest time in microseconds between two frames of a flow with lost frames in between; 0 when none was lost. */
  readonly longestGap: number;
  /** Every flow delivered frames at the end of that time. */
  readonly flowing: boolean;
}

const program = (name: string): string => fileURLToPath(new URL(`../../dist/lab/${name}.js`, import.meta.url));

const NOTHING: Report = { final: true, received: 0, lost: 0, duplicates: 0, longestGap: 0, flowing: false };

/** The process at one end of a stream; requests and answers are lines. */
class End {
  readonly lines: Interface;
  /** Rejects when the process ends. */
  readonly ended: Promise<never>;
  readonly #child: ChildProcess;

  constructor(name: string, namespace: string, spec: StreamSpec) {
    const command = [process.execPath, program(name), JSON.stringify(spec)];
    this.#child = spawnIn(namespace, command, { detached: true, stdio: ["pipe", "pipe", "inherit"] });
    // A process that has ended breaks the pipe; the missing answer reports it.
    this.#child.stdin?.on("error", () => {});
    this.lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    this.ended = once(this.lines, "close").then(() => {
      throw new Error(`${name} has ended`);
    });
    // The rejection reaches whatever waits for a line.
    this.ended.catch(() => {});
  }

  /** Number of the process, which `ip netns exec` becomes. */
  get pid(): number {
    return this.#child.pid as number;
  }

  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  stop(): Promise<void> {
    return stop(this.#child);
  }

  /** The next line; throws when the process ends instead. */
  async line(): Promise<string> {
    const [line] = await Promise.race([once(this.lines, "line"), this.ended]);
    return line as string;
  }
}

/** A steady stream of numbered frames from one namespace to another. */
export class Stream {
  readonly #sender: End;
  readonly #receiver: End;
  #sentBefore = 0;
  #before = NOTHING;
  #latest = NOTHING;
  #onFinal: (report: Report) => void = () => {};

  private constructor(sender: End, receiver: End) {
    this.#sender = sender;
    this.#receiver = receiver;
  }

  /** Starts both ends; the sender begins when the receiver listens. */
  static async start(spec: StreamSpec, sender: string, receiver: string): Promise<Stream> {
    const to = new End("traffic-receiver", receiver, spec);
    await to.line();
    const stream = new Stream(new End("traffic-sender", sender, spec), to);
    to.lines.on("line", (line) => stream.#heard(JSON.parse(line)));
    return stream;
  }

  /** Number of the process at the receiving end. */
  get receiver(): number {
    return this.#receiver.pid;
  }

  /** The stream since the last mark, as the latest report knows it. */
  get sinceMark(): Omit<Traffic, "sent"> {
    return difference(this.#before, this.#latest);
  }

  /** The stream since the last mark; sets a new mark after waiting for the frames that are on their way. */
  async mark(): Promise<Traffic> {
    this.#sender.say("");
    const flows = JSON.parse(await this.#sender.line()) as number[];
    const sent = flows.reduce((total, frames) => total + frames, 0) - this.#sentBefore;
    this.#sentBefore += sent;
    return { sent, ...(await this.#markAt(flows)) };
  }

  /** Sets a mark without waiting for frames that are on their way. */
  async markNow(): Promise<void> {
    await this.#markAt([]);
  }

  async #markAt(sent: readonly number[]): Promise<Omit<Traffic, "sent">> {
    const final = new Promise<Report>((resolve) => {
      this.#onFinal = resolve;
    });
    this.#receiver.say(JSON.stringify(sent));
    const report = await Promise.race([final, this.#receiver.ended]);
    const traffic = difference(this.#before, report);
    this.#before = report;
    this.#latest = { ...report, longestGap: 0 };
    return traffic;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#sender.stop(), this.#receiver.stop()]);
  }

  #heard(report: Report): void {
    if (report.final) this.#onFinal(report);
    else this.#latest = report;
  }
}

/** The receiver resets the longest gap at each mark, and counts on. */
const difference = (before: Report, after: Report): Omit<Traffic, "sent"> => ({
  lost: after.lost - before.lost,
  duplicates: after.duplicates - before.duplicates,
  longestGap: after.longestGap,
  flowing: after.flowing,
});
