import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { collect, ended, spawnIn } from "./lab.js";

/** The program that sends, receives and echoes. */
export const TRAFFIC_PROGRAM = fileURLToPath(new URL("traffic-process.js", import.meta.url));

/** Numbered UDP frames. */
export interface TrafficOptions {
  readonly device: string;
  readonly family: 4 | 6;
  /** Tags, the outer one first. */
  readonly vlans?: readonly number[];
  /** MAC addresses. */
  readonly source?: string;
  readonly destination?: string;
  /** Octets of data, 12 at least. */
  readonly data?: number;
}

export interface SendOptions extends TrafficOptions {
  readonly flows: number;
  /** The field in which flows differ: UDP source port (the default), source IP address or source MAC address. */
  readonly vary?: "port" | "address" | "station";
  readonly count: number;
  /** Frames a second; 0 is without a limit. */
  readonly rate: number;
}

export interface Sent {
  readonly sent: number;
  /** Frames that the kernel refused. */
  readonly failed: number;
  readonly seconds: number;
}

/** Frames that an echo sends back. */
export interface ExchangeOptions extends Omit<SendOptions, "rate"> {
  /** Greatest number of frames on their way at one time. */
  readonly window: number;
}

export interface Received {
  readonly received: number;
  readonly flows: number;
  /** Frames that arrived after a later one of their flow. */
  readonly reordered: number;
  /** Frames that the receiver itself lost. */
  readonly dropped: number;
  /** VLAN IDs of the outer tags; null for none. */
  readonly vlans: readonly (number | null)[];
  /** Longest time in microseconds between two batches. */
  readonly longestGap: number;
}

/** Counts of `exchange`: sent and returned frames. */
export type Exchanged = Omit<Sent, "seconds"> & Omit<Received, "longestGap">;

/** Sender and receiver are pinned to one CPU each, so that neither is moved in the middle of a flow. */
const pinned = (cpu: number, mode: "send" | "exchange" | "receive", options: object): string[] => [
  "taskset",
  "-c",
  String(Math.min(cpu, availableParallelism() - 1)),
  process.execPath,
  TRAFFIC_PROGRAM,
  mode,
  JSON.stringify(options),
];

async function outcome(namespace: string, mode: "send" | "exchange", options: object) {
  const child = spawnIn(namespace, pinned(1, mode, options), { stdio: ["ignore", "pipe", "pipe"] });
  const [output, complaint] = [collect(child.stdout), collect(child.stderr)];
  await ended(child);
  if (child.exitCode !== 0) throw new Error(`the sender failed: ${complaint()}`);
  return JSON.parse(output());
}

/** Sends frames; resolves when all have left. */
export const send = (namespace: string, options: SendOptions): Promise<Sent> => outcome(namespace, "send", options);

/** Sends frames to an echo; resolves when all came back, or none does any more. */
export const exchange = (namespace: string, options: ExchangeOptions): Promise<Exchanged> =>
  outcome(namespace, "exchange", options);

/** Counts the frames that an interface receives. */
export class Receiver {
  readonly #child: ChildProcess;
  readonly #output: () => string;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#output = collect(child.stdout);
  }

  static async start(namespace: string, options: TrafficOptions): Promise<Receiver> {
    const child = spawnIn(namespace, pinned(0, "receive", options), { stdio: ["pipe", "pipe", "inherit"] });
    const receiver = new Receiver(child);
    if (child.stdout) await once(child.stdout, "data");
    return receiver;
  }

  async stop(): Promise<Received> {
    this.#child.stdin?.end();
    await ended(this.#child);
    return JSON.parse(this.#output().replace("READY\n", ""));
  }
}
