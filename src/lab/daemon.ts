import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { AnswerTo, MonitorLine, Questions, Reply, Request, RequestOf } from "../daemon/questions.js";
import { isRunning, spawnIn, stop } from "./programs.js";

// The path is the same from src/lab and from dist/lab.
const ETRUNKD = fileURLToPath(new URL("../../dist/etrunkd.js", import.meta.url));

/** Longest time from a start until the socket answers. */
const START_PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 20;

export interface DaemonOptions {
  readonly namespace: string;
  /** Folder for configuration, socket, log and state; the caller removes it. */
  readonly folder: string;
  /** VRP text. */
  readonly configuration: string;
  readonly flags?: readonly string[];
  /** Environment variables besides those of this process. */
  readonly environment?: { readonly [name: string]: string };
  /** Program that starts the daemon, e.g. `nice` and its flags. */
  readonly wrapper?: readonly string[];
}

/** One etrunkd in a namespace, with a socket and a state directory of its own. */
export class Daemon {
  readonly socket: string;
  readonly #file: string;
  readonly #log: string;
  readonly #process: ChildProcess;
  readonly #monitors: Socket[] = [];

  private constructor(file: string, socket: string, log: string, process: ChildProcess) {
    this.#file = file;
    this.socket = socket;
    this.#log = log;
    this.#process = process;
  }

  /** Starts a daemon; resolves when its socket answers, so its configuration is applied. */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const { namespace, folder, configuration, flags = [], environment = {}, wrapper = [] } = options;
    mkdirSync(folder, { recursive: true });
    const [file, socket, log] = ["etrunkd.cfg", "etrunkd.sock", "etrunkd.log"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(file, configuration);
    const files = ["--config", file, "--socket", socket, "--state-dir", `${folder}/state`];
    const command = [...wrapper, process.execPath, ETRUNKD, ...files, ...flags];
    const out = openSync(log, "a");
    // The daemon is detached, so Ctrl-C reaches only this process, which then asks the daemon to leave.
    const env = { ...process.env, ...environment };
    const child = spawnIn(namespace, command, { detached: true, stdio: ["ignore", out, out], env });
    closeSync(out);
    const daemon = new Daemon(file, socket, log, child);
    await daemon.#ready();
    return daemon;
  }

  /** Sends one request and returns its answer. Throws the daemon's refusal, or the reason that no answer came. */
  async ask<Ask extends keyof Questions>(request: RequestOf<Ask>): Promise<AnswerTo<Ask>> {
    const socket = connect(this.socket);
    try {
      socket.write(`${JSON.stringify(request)}\n`);
      for await (const line of linesOf(socket)) {
        const reply = JSON.parse(line) as Reply;
        if (!reply.ok) throw new Error(reply.error);
        return reply.data as AnswerTo<Ask>;
      }
    } finally {
      socket.destroy();
    }
    throw new Error("etrunkd hung up without an answer");
  }

  /** Passes each event to `heard`; resolves when the daemon has begun to send them, so none is missed after that. */
  async monitor(events: readonly string[], heard: (line: MonitorLine) => void): Promise<void> {
    const socket = connect(this.socket);
    this.#monitors.push(socket);
    socket.write(`${JSON.stringify({ ask: "monitor", events } satisfies Request)}\n`);
    await new Promise<void>((resolve, reject) => {
      // Socket and lines both report a broken connection. After the start it only means that the daemon was killed.
      socket.on("error", reject);
      const lines = createInterface({ input: socket }).on("error", reject);
      lines.on("line", (text) => {
        const line = JSON.parse(text) as MonitorLine;
        if (line.event === "watching") resolve();
        else heard(line);
      });
    });
  }

  /** Makes the daemon read another configuration, which takes effect a moment later. */
  configure(configuration: string): void {
    writeFileSync(this.#file, configuration);
    this.#process.kill("SIGHUP");
  }

  get isRunning(): boolean {
    return isRunning(this.#process);
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** The last lines of the daemon's log, for messages of failure. */
  get lastWords(): string {
    return readFileSync(this.#log, "utf8").split("\n").slice(-12).join("\n").trim();
  }

  /** Kills the daemon, which can neither tell its peers nor undo anything. */
  kill(): void {
    this.signal("SIGKILL");
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Asks the daemon to leave for good, and kills it when it does not in time. */
  async stop(): Promise<void> {
    for (const socket of this.#monitors) socket.destroy();
    await stop(this.#process);
  }

  async #ready(): Promise<void> {
    const patience = Date.now() + START_PATIENCE_MS;
    for (;;) {
      try {
        await this.ask({ ask: "version" });
        return;
      } catch (error) {
        const late = Date.now() > patience;
        if (!late && this.isRunning) await delay(LOOK_AGAIN_MS);
        else {
          await this.stop();
          throw new Error(`etrunkd does not answer: ${late ? error : "it ended"}\n${this.lastWords}`);
        }
      }
    }
  }
}

/** Lines until the other end hangs up; throws when the socket fails. */
async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let pending = "";
  for await (const part of socket.setEncoding("utf8")) {
    const lines = (pending + part).split("\n");
    pending = lines.pop() ?? "";
    yield* lines;
  }
}
