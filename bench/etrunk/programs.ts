import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../test/support/lab.js";

/** Their sources. */
const SOURCES = { stream: "stream.c", watch: "watch.c", stall: "../bfd/stall.c" } as const;
export type Programs = { readonly [name in keyof typeof SOURCES]: string };

/** Builds what measures. */
export async function compile(folder: string): Promise<Programs> {
  const at = (name: string): string => join(folder, name);
  for (const [name, source] of Object.entries(SOURCES))
    await run("cc", ["-O2", "-o", at(name), fileURLToPath(new URL(source, import.meta.url)), "-lpthread"]);
  return { stream: at("stream"), watch: at("watch"), stall: at("stall") };
}

/**
 * Before every program that measures. They and what is measured do not drive each other from a processor (equal priority), so
 * that neither a gap nor a takeover is as long as somebody's turn; the pacers of BFD come before all.
 */
export const first = (core: number, priority = 1): readonly string[] => {
  return ["taskset", "-c", `${core}`, "chrt", "-f", `${priority}`];
};

/** Real time, as in examples/etrunkd.service; Open vSwitch has it too. */
export const PRIORITY = ["chrt", "-r", "1"];

/** What `stream` answers. */
export interface Sent {
  readonly sent: number;
  /** Microseconds by which a frame left late. */
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

/** What `watch` answers; times in microseconds of CLOCK_MONOTONIC. */
export interface Seen {
  /** Frames it lost itself. */
  readonly dropped: number;
  readonly flows: readonly FlowSeen[];
  readonly pdus: readonly Pdu[];
}
