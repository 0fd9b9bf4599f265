import { readFileSync } from "node:fs";
import { monotonic } from "./clock.js";

const SAMPLE_MS = 200;
/** Frames in a sample from which on a PE carries the stream; other traffic is a few frames a second. */
const ENOUGH = 20;
/** Equal samples that make a change; one sample alone may show the PEs from before and after it. */
const AGREEING = 2;

/** The PEs that carried the stream, and since when in microseconds of CLOCK_MONOTONIC. */
export interface Carrying<Name extends string> {
  readonly since: number;
  readonly by: readonly Name[];
}

/** Watches by which Linux interfaces of a namespace a stream comes in, without asking the daemons. */
export class Carriers<Name extends string> {
  readonly history: Carrying<Name>[] = [];
  readonly #counters: string;
  readonly #devices: ReadonlyMap<string, Name>;
  readonly #timer: NodeJS.Timeout;
  #before = new Map<string, number>();
  #candidate: { readonly by: readonly Name[]; readonly since: number; samples: number } | undefined;

  /** `pid`: a process in that namespace. `devices`: each Linux interface and the PE behind it. */
  constructor(pid: number, devices: ReadonlyMap<string, Name>) {
    this.#counters = `/proc/${pid}/net/dev`;
    this.#devices = devices;
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  get now(): readonly Name[] {
    return this.history.at(-1)?.by ?? [];
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const frames = this.#received();
    const by = [...this.#devices]
      .filter(([device]) => (frames.get(device) ?? 0) - (this.#before.get(device) ?? 0) >= ENOUGH)
      .map(([, name]) => name);
    this.#before = frames;
    const [is, was] = [by.join(), this.#candidate?.by.join()];
    if (!this.#candidate || is !== was) this.#candidate = { by, since: monotonic(), samples: 0 };
    if (++this.#candidate.samples !== AGREEING || is === this.now.join()) return;
    this.history.push({ since: this.#candidate.since, by });
  }

  /** Frames received by each interface: proc(5), /proc/net/dev, one interface a line, second figure. */
  #received(): Map<string, number> {
    const lines = read(this.#counters).split("\n").slice(2);
    return new Map(
      lines.flatMap((line) => {
        const [device, , frames] = line.trim().split(/[:\s]+/);
        return device && frames ? [[device, Number(frames)] as const] : [];
      }),
    );
  }
}

/** The text of a file; empty when the process is gone. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
