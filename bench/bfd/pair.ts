import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { MonitorLine } from "../../src/daemon/questions.js";
import { Daemon, Frr, type Lab } from "../lab.js";

export const SESSIONS = 64;
export const INTERVAL = 10;
export const MULTIPLIER = 3;

const GARBAGE = fileURLToPath(new URL("garbage.cjs", import.meta.url));

/** The address of one end (1 or 2) of a session. */
export const addressOf = (end: number, session: number): string => `10.9.${end}.${session + 1}`;
const numbers = Array.from({ length: SESSIONS }, (_, session) => session);

/** Packets since the start. */
export interface Counts {
  readonly sent: number;
  readonly received: number;
  /** Number of falls of sessions. */
  readonly downs: number;
}

/** One of the two programs that hold the sessions. */
export interface End {
  readonly pid: number;
  /** Number of sessions that are up and send at the agreed interval. */
  steady(): Promise<number>;
  counts(): Promise<Counts>;
  stop(): Promise<void>;
}

export interface Down {
  readonly name: string;
  /** Microseconds of CLOCK_MONOTONIC. */
  readonly at: number;
  readonly diagnostic: string;
}

export interface Collections {
  readonly collections: number;
  /** Milliseconds. */
  readonly longestCollection: number;
  readonly longestPause: number;
}

function configuration(end: number): string {
  const sessions = numbers.map((n) => [
    `bfd s${n} bind peer-ip ${addressOf(3 - end, n)} source-ip ${addressOf(end, n)}`,
    ` discriminator local ${n + 1}`,
    ` discriminator remote ${n + 1}`,
    ` min-tx-interval ${INTERVAL}`,
    ` min-rx-interval ${INTERVAL}`,
    ` detect-multiplier ${MULTIPLIER}`,
  ]);
  return ["bfd", ...sessions.flat(), ""].join("\n");
}

/** An etrunkd. */
export class Etrunkd implements End {
  readonly downs: Down[] = [];
  readonly #daemon: Daemon;
  readonly #garbage: string | undefined;

  private constructor(daemon: Daemon, garbage: string | undefined) {
    this.#daemon = daemon;
    this.#garbage = garbage;
  }

  static async start(lab: Lab, namespace: string, end: number, collects: boolean): Promise<Etrunkd> {
    const folder = join(lab.folder, `${collects ? "garbage" : "plain"}-${end}`);
    const garbage = collects ? join(lab.folder, `garbage-${end}.json`) : undefined;
    const environment = garbage === undefined ? {} : { NODE_OPTIONS: `--require=${GARBAGE}`, BFD_GARBAGE: garbage };
    const daemon = await Daemon.start({ namespace, folder, configuration: configuration(end), environment });
    const etrunkd = new Etrunkd(daemon, garbage);
    await daemon.monitor(["bfd-state"], (line) => etrunkd.#heard(line));
    return etrunkd;
  }

  #heard(line: MonitorLine): void {
    const { name, from, diagnostic, mono } = line as MonitorLine & { readonly [field: string]: string };
    if (from === "Up") this.downs.push({ name: `${name}`, at: mono, diagnostic: `${diagnostic}` });
  }

  get pid(): number {
    return this.#daemon.pid;
  }
  async views() {
    return (await this.#daemon.ask({ ask: "bfd-sessions" })).sessions;
  }
  async steady(): Promise<number> {
    const isSteady = (each: { state: string; remoteState: string; actualTx: number; detectionTime: number }) =>
      each.state === "Up" && each.remoteState === "Up" && each.actualTx === INTERVAL;
    return (await this.views()).filter((each) => isSteady(each) && each.detectionTime === INTERVAL * MULTIPLIER).length;
  }
  async counts(): Promise<Counts> {
    const views = await this.views();
    const sum = (of: (view: (typeof views)[number]) => number) => views.reduce((total, view) => total + of(view), 0);
    return { sent: sum(({ sent }) => sent), received: sum(({ received }) => received), downs: this.downs.length };
  }
  /** Cost of its garbage collections so far. */
  collections(): Collections {
    if (this.#garbage === undefined) throw new Error("it collects no garbage");
    return JSON.parse(readFileSync(this.#garbage, "utf8"));
  }

  /** Kills it without a last packet; returns the time in microseconds of CLOCK_MONOTONIC. */
  kill(): number {
    const at = Number(process.hrtime.bigint() / 1_000n);
    this.#daemon.kill();
    return at;
  }
  stop(): Promise<void> {
    return this.#daemon.stop();
  }
}

/** FRR's bfdd. Its least interval is 10 ms. */
export class Bfdd implements End {
  readonly #frr: Frr;

  private constructor(frr: Frr) {
    this.#frr = frr;
  }

  static async start(lab: Lab, namespace: string, end: number): Promise<Bfdd> {
    const peers = numbers.map((n) => [
      ` peer ${addressOf(3 - end, n)} multihop local-address ${addressOf(end, n)}`,
      `  receive-interval ${INTERVAL}`,
      `  transmit-interval ${INTERVAL}`,
      `  detect-multiplier ${MULTIPLIER}`,
      " !",
    ]);
    return new Bfdd(await Frr.start(lab, namespace, ["bfd", ...peers.flat(), ""].join("\n")));
  }

  get pid(): number {
    if (this.#frr.pid === undefined) throw new Error("bfdd did not start");
    return this.#frr.pid;
  }
  async steady(): Promise<number> {
    const isSteady = (peer: { status: string; "remote-transmit-interval": number }) =>
      peer.status === "up" && peer["remote-transmit-interval"] === INTERVAL;
    return (await this.#frr.peers()).filter(isSteady).length;
  }
  async counts(): Promise<Counts> {
    const peers = await this.#frr.counters();
    const sum = (name: keyof (typeof peers)[number]) => peers.reduce((total, peer) => total + peer[name], 0);
    return { sent: sum("control-packet-output"), received: sum("control-packet-input"), downs: sum("session-down") };
  }
  stop(): Promise<void> {
    return this.#frr.stop();
  }
}

/** Waits until all sessions are up at both ends and send at the agreed interval. */
export async function untilSteady(ends: readonly End[], seconds: number): Promise<void> {
  const least = async () => Math.min(...(await Promise.all(ends.map((end) => end.steady()))));
  for (const late = performance.now() + seconds * 1_000; (await least()) < SESSIONS; ) {
    if (performance.now() > late) throw new Error(`only ${await least()} sessions are up after ${seconds} s`);
    await pause(200);
  }
}
