import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../lab.js";

/** Sources of the measuring programs. */
const SOURCES = { stream: "stream.c", watch: "watch.c", stall: "../bfd/stall.c" } as const;
export type Programs = { readonly [name in keyof typeof SOURCES]: string };

/** Compiles the measuring programs. */
export async function compile(folder: string): Promise<Programs> {
  const at = (name: string): string => join(folder, name);
  for (const [name, source] of Object.entries(SOURCES))
    await run("cc", ["-O2", "-o", at(name), fileURLToPath(new URL(source, import.meta.url)), "-lpthread"]);
  return { stream: at("stream"), watch: at("watch"), stall: at("stall") };
}

/**
 * Prefix of the command of every measuring program. All of them and the measured programs have equal priority on a
 * processor, so none adds its turn to a gap or a takeover; only the pacers of BFD run before them.
 */
export const first = (core: number, priority = 1): readonly string[] => {
  return ["taskset", "-c", `${core}`, "chrt", "-f", `${priority}`];
};

/** Real-time priority, as in examples/etrunkd.service; Open vSwitch gets it too. */
export const PRIORITY = ["chrt", "-r", "1"];

/** An answer of `stream`. */
export interface Sent {
  readonly sent: number;
  /** Greatest lateness of a frame in microseconds. */
  readonly late: number;
}

interface Passage {
  readonly frames: number;
  readonly first: number;
  readonly last: number;
}

export interface FlowSeen {
  readonly frames: number;
  readonly distinct: number;
  readonly gapFrom: number;
  readonly gapTo: number;
  readonly by: { readonly [device: string]: Passage };
}

export interface Pdu {
  readonly at: number;
  readonly link: string;
  readonly out: boolean;
  /** State octets. */
  readonly actor: number;
  readonly partner: number;
}

/** An answer of `watch`; times are microseconds of CLOCK_MONOTONIC. */
export interface Seen {
  /** Frames that the receiver itself lost. */
  readonly dropped: number;
  readonly flows: readonly FlowSeen[];
  readonly pdus: readonly Pdu[];
}
