import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import type { TrunkView } from "../../src/core/parts/trunks/questions.js";
import type { AnswerTo, BfdSessionView, EtrunkView, MonitorLine, Reply, Request } from "../../src/daemon/questions.js";
import { collect, ended, isRunning, spawnIn, stop } from "./lab.js";

const built = (name: string): string => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));

/** Seconds that a start may take until the socket answers. */
const PATIENCE_SECONDS = 15;

/** A wrapper without the capabilities bpf() asks for. */
export const WITHOUT_BPF: readonly string[] = ["setpriv", "--bounding-set=-bpf,-sys_admin"];

export interface DaemonOptions {
  /** Namespace in which it runs. */
  readonly namespace: string;
  /** Holds its configuration, socket and state; the caller removes it. */
  readonly folder: string;
  /** VRP text. */
  readonly configuration: string;
  readonly flags?: readonly string[];
  /** Program that starts it, e.g. `setpriv` and its flags. */
  readonly wrapper?: readonly string[];
  /** Folder it is loaded from; by default the checkout, which other users may not be able to read. */
  readonly root?: string;
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `etrunkctl --monitor`. */
export class Monitor {
  readonly #process: ChildProcess;
  readonly #output: () => string;

  constructor(process: ChildProcess) {
    this.#process = process;
    this.#output = collect(process.stdout);
  }

  /** Every whole line so far. */
  lines(): readonly MonitorLine[] {
    return this.#output()
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  async stop(): Promise<void> {
    await stop(this.#process);
  }
}

/** One etrunkd with a socket and a state directory of its own, through any number of restarts. */
export class Daemon {
  readonly socket: string;
  readonly stateDirectory: string;
  readonly #options: DaemonOptions;
  readonly #file: string;
  #process: ChildProcess | undefined;
  #logs: (() => string)[] = [];

  private constructor(options: DaemonOptions) {
    this.#options = options;
    this.#file = join(options.folder, "etrunkd.cfg");
    this.socket = join(options.folder, "etrunkd.sock");
    this.stateDirectory = join(options.folder, "state");
  }

  /** Starts a daemon; resolves when its configuration is applied. */
  static async start(options: DaemonOptions): Promise<Daemon> {
    mkdirSync(options.folder, { recursive: true });
    const daemon = new Daemon(options);
    writeFileSync(daemon.#file, options.configuration);
    await daemon.start();
    return daemon;
  }

  /** Starts it again, with the state it left. */
  async start(): Promise<void> {
    const { namespace, flags = [], wrapper = [], root } = this.#options;
    const files = ["--config", this.#file, "--socket", this.socket, "--state-dir", this.stateDirectory];
    const program = root === undefined ? built("etrunkd.js") : join(root, "dist/etrunkd.js");
    const command = [...wrapper, process.execPath, program, ...files, ...flags];
    const started = spawnIn(namespace, command, { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = started;
    const log = collect(started.stderr);
    this.#logs.push(log);
    const ready = this.control("--wait", String(PATIENCE_SECONDS), "uptime>=0", "display", "version");
    const { code, stderr } = await Promise.race([ready, ended(started).then(() => ({ code: -1, stderr: "it ended" }))]);
    if (code !== 0) throw new Error(`etrunkd does not answer: ${stderr}\n${log()}`);
  }

  /** Writes another configuration file and makes the daemon read it; the change takes effect a moment later. */
  configure(configuration: string): void {
    writeFileSync(this.#file, configuration);
    this.signal("SIGHUP");
  }

  /** Runs `etrunkctl` with these words. */
  control(...words: readonly string[]): Promise<Finished> {
    const args = [built("etrunkctl.js"), "--socket", this.socket, ...words];
    return new Promise((resolve) => {
      execFile(process.execPath, args, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
      });
    });
  }

  /** `display eth-trunk ID` as JSON. Straight from the control socket: a process for each look would load the machine. */
  async trunk(id = 1): Promise<TrunkView> {
    return (await this.ask({ ask: "eth-trunk", id })) as TrunkView;
  }

  /** `display e-trunk ID` as JSON, as `trunk` asks it. */
  async etrunk(id = 1): Promise<EtrunkView> {
    return (await this.ask({ ask: "e-trunk", id })) as EtrunkView;
  }

  /** One session of `display bfd session all` as JSON. */
  async bfd(name: string): Promise<BfdSessionView> {
    const { sessions } = (await this.ask({ ask: "bfd-sessions" })) as AnswerTo<"bfd-sessions">;
    const session = sessions.find((candidate) => candidate.name === name);
    if (session === undefined) throw new Error(`no BFD session ${name}`);
    return session;
  }

  /** `display version` as JSON. */
  async version(): Promise<AnswerTo<"version">> {
    return (await this.ask({ ask: "version" })) as AnswerTo<"version">;
  }

  /** The texts of the alarms that stand. */
  async alarms(): Promise<readonly string[]> {
    const { alarms } = (await this.ask({ ask: "alarms" })) as AnswerTo<"alarms">;
    return alarms.map(({ text }) => text);
  }

  /** Starts `etrunkctl --monitor`. */
  async monitor(...events: readonly string[]): Promise<Monitor> {
    const args = [built("etrunkctl.js"), "--socket", this.socket, "--monitor", ...events];
    const monitor = new Monitor(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }));
    await vi.waitUntil(() => monitor.lines()[0]?.event === "watching", { timeout: 10_000, interval: 20 });
    return monitor;
  }

  /** Of its process; a wrapper becomes the daemon. */
  get pid(): number {
    const { pid } = this.#process ?? {};
    if (pid === undefined) throw new Error("not started");
    return pid;
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  /** Waits until it has ended; returns its exit code, or null when a signal killed it. */
  async ended(): Promise<number | null> {
    if (!this.#process) return null;
    await ended(this.#process);
    return this.#process.exitCode;
  }

  /** Asks it to leave for good, and kills it when it does not in time. */
  async stop(): Promise<void> {
    const running = this.#process;
    if (!running || !isRunning(running)) return;
    running.kill("SIGTERM");
    const patience = setTimeout(() => running.kill("SIGKILL"), 4000);
    await ended(running);
    clearTimeout(patience);
  }

  /** Its whole log, over all starts. */
  get log(): string {
    return this.#logs.map((log) => log()).join("--- started again\n");
  }

  /** What the daemon answers; throws its refusal. */
  async ask(request: Request): Promise<unknown> {
    const socket = connect(this.socket);
    await once(socket, "connect");
    socket.write(`${JSON.stringify(request)}\n`);
    try {
      for await (const line of createInterface({ input: socket })) {
        const reply = JSON.parse(line) as Reply;
        if (!reply.ok) throw new Error(reply.error);
        return reply.data;
      }
    } finally {
      socket.destroy();
    }
    throw new Error("etrunkd hung up without an answer");
  }
}
