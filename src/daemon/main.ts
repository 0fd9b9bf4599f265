import type { Kernel } from "../config/facts.js";
import { micros } from "../core/base/time.js";
import { type ReadFile, readConfigurationFile } from "./configuration/configuration-file.js";
import { type HostKey, loadHostKey } from "./configuration/key-file.js";
import { Reloads } from "./configuration/reloads.js";
import type { Daemon } from "./daemon.js";
import { type Flags, readFlags } from "./flags.js";
import { warningsHere } from "./here.js";
import { askKernel } from "./kernel.js";
import { isJournal, Log } from "./log/log.js";
import { notifyServiceManager } from "./notify.js";
import type { Recorder } from "./recording/recorder.js";
import { StartFailure } from "./start-failure.js";
import type { Store } from "./state/store.js";
import { programVersion } from "./version.js";

/** How long the end of the process waits for the readers of log and recording, in milliseconds. */
const LAST_WORDS = 500;

/** CLOCK_MONOTONIC in microseconds. */
const monotonic = (): number => Number(process.hrtime.bigint() / 1_000n);

/** The whole life of the process. `words` are the command line without node and script. */
export async function main(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const flags = readFlags(words, environment);
  if ("code" in flags) {
    (flags.code === 0 ? process.stdout : process.stderr).write(flags.text);
    process.exitCode = flags.code;
    return;
  }
  // A reload asked for so early may mean a change after the file was read.
  let again = false;
  const early = () => {
    again = true;
  };
  if (!flags.check) process.on("SIGHUP", early);
  try {
    const key = loadHostKey(flags.stateDirectory);
    // The file may be meant for another machine.
    const kernel = flags.check && !flags.here ? undefined : await askKernel();
    const file = await readConfigurationFile(flags.config, { bindings: flags.bindings, cipher: key.cipher, kernel });
    const isSound = file.problems.length === 0;
    const here = flags.here && isSound ? warningsHere(file.model, flags.bindings) : [];
    const notices = [...file.notices, ...here.map((text) => `${flags.config}: Warning: ${text}`)];
    const lines = [...file.problems, ...(flags.check ? notices : [])];
    process.stderr.write(lines.map((line) => `${line}\n`).join(""));
    if (!isSound) process.exitCode = 2;
    else if (!flags.check) await new Service(flags, environment, key, kernel).run(file, again);
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    process.stderr.write(`etrunkd: ${error.message}\n`);
    // Handles opened before the failure would keep the process alive.
    process.exit(1);
  }
}

/** A daemon as a process: signals, service manager, exit. */
class Service {
  readonly #flags: Flags;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #key: HostKey;
  readonly #kernel: Kernel | undefined;
  readonly #log: Log;
  #recorder: Recorder | undefined;
  #daemon: Daemon | undefined;
  /** The process is stopping and begins nothing new. */
  #stopping = false;
  /** Ends the process with an exit code. */
  #ended = false;

  constructor(flags: Flags, environment: NodeJS.ProcessEnv, key: HostKey, kernel: Kernel | undefined) {
    this.#flags = flags;
    this.#environment = environment;
    this.#key = key;
    this.#kernel = kernel;
    this.#log = new Log(flags.logLevel, { isJournal: isJournal(environment) });
  }

  /** `again`: a reload was asked for, so the file is read once more as soon as the daemon runs. */
  async run(file: ReadFile, again: boolean): Promise<void> {
    // A start that fails ends the process.
    let start = (): void => {};
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    const reloads = this.#reloadsOf(file, started);
    this.#heedSignals(reloads);
    if (again) void reloads.again();
    await this.#start(file, reloads);
    start();
  }

  async #start(file: ReadFile, reloads: Reloads): Promise<void> {
    const daemon = await this.#make(file, reloads);
    // Everything that can refuse is asked before the first PDU leaves.
    await this.#serveMetrics(daemon, reloads);
    this.#daemon = daemon;
    await daemon.start();
    if (this.#stopping) return;
    for (const notice of file.notices) this.#log.info("configuration notice", { notice });
    this.#tellServiceManager("READY=1");
    this.#log.info("ready", {
      version: programVersion(),
      systemMac: daemon.systemMac,
      ...daemon.run,
      milliseconds: Math.round(performance.now()),
    });
  }

  async #make({ model }: ReadFile, reloads: Reloads): Promise<Daemon> {
    const { stateDirectory, socket, record, redact, link } = this.#flags;
    // Loaded late, so that a wrong command line or file is refused without the whole program.
    const [
      { Daemon },
      { editorOnThread },
      { clearSocketPath },
      { linuxMachine },
      { holdNamespace, holdStateDirectory },
      { Store },
    ] = await Promise.all([
      import("./daemon.js"),
      import("./editing/thread.js"),
      import("./control/control.js"),
      import("./machine.js"),
      import("./state/state-directory.js"),
      import("./state/store.js"),
    ]);
    const machine = await linuxMachine(link);
    await holdStateDirectory(stateDirectory);
    this.#key.keep();
    await clearSocketPath(socket);
    await holdNamespace();
    if (record !== undefined) this.#recorder = new (await import("./recording/recorder.js")).Recorder(record, redact);
    const store: Store = new Store(stateDirectory);
    return new Daemon({
      ...this.#flags,
      cipher: this.#key.cipher,
      kernel: this.#kernel,
      editor: editorOnThread(stateDirectory, this.#kernel),
      machine,
      model,
      store,
      log: this.#log,
      recorder: this.#recorder,
      reloads,
      broken: (error) => this.#broken(error),
    });
  }

  async #serveMetrics(daemon: Daemon, reloads: Reloads): Promise<void> {
    const { metrics, link } = this.#flags;
    if (metrics === undefined) return;
    const [{ serveHttp }, { metricsPage }] = await Promise.all([
      import("./http/server.js"),
      import("./http/metrics.js"),
    ]);
    const page = metricsPage({
      engine: daemon.engine,
      loop: daemon.loop,
      link,
      frames: () => daemon.sources.frameLink.counters,
      tapDrops: () => daemon.sources.taps.dropped,
      transport: () => daemon.sources.transport.counters,
      ignored: () => daemon.engine.ignored,
      logLinesDropped: () => this.#log.dropped,
      recordLinesDropped: () => this.#recorder?.dropped ?? 0,
      controlRefused: () => daemon.control.refused,
      controlClients: () => daemon.control.clients,
      reload: () => reloads.last,
    });
    await serveHttp("--metrics", metrics, { "/metrics": page });
  }

  #heedSignals(reloads: Reloads): void {
    process.on("SIGTERM", () => this.#stop("SIGTERM", (daemon) => daemon.leave()));
    process.on("SIGINT", () => this.#stop("SIGINT", (daemon) => daemon.leave()));
    process.on("SIGUSR2", () => this.#stop("SIGUSR2", (daemon) => daemon.stopForRestart()));
    process.on("SIGHUP", () => void reloads.again());
    // A write to a reader that is gone fails with EPIPE instead; and on SIGUSR1 Node would open its debugger.
    for (const signal of ["SIGPIPE", "SIGUSR1"] as const) process.on(signal, () => {});
    process.on("uncaughtException", (error) => this.#broken(error));
  }

  async #stop(signal: NodeJS.Signals, stop: (daemon: Daemon) => void | Promise<void>): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#log.info("stopping", { signal });
    this.#tellServiceManager("STOPPING=1");
    if (this.#daemon !== undefined) await stop(this.#daemon);
    this.#end(0);
  }

  #broken(error: unknown): void {
    if (this.#ended) return;
    const { name, message, stack } = error as Error;
    this.#log.fatal("broken invariant", { name, reason: message, stack });
    this.#end(1);
  }

  #end(code: number): void {
    this.#ended = true;
    this.#stopping = true;
    const missing = this.#recorder?.dropped ?? 0;
    if (missing > 0) this.#log.warn("recording incomplete", { missing });
    const written = [this.#log.flush(LAST_WORDS), this.#recorder?.flush(LAST_WORDS)];
    void Promise.all(written).finally(() => process.exit(code));
  }

  #reloadsOf({ end }: ReadFile, started: Promise<void>): Reloads {
    const { config, bindings } = this.#flags;
    const target = { bindings, cipher: this.#key.cipher, kernel: this.#kernel };
    return new Reloads({
      end,
      started,
      log: this.#log,
      now: () => micros(monotonic()),
      read: () => readConfigurationFile(config, target),
      apply: async (model) => (this.#stopping ? undefined : this.#daemon?.apply(model)),
      refused: (problem) => this.#daemon?.configurationRefused(problem),
      reading: (is) => {
        if (is) this.#tellServiceManager("RELOADING=1", `MONOTONIC_USEC=${monotonic()}`);
        else this.#tellServiceManager("READY=1");
      },
    });
  }

  #tellServiceManager(...lines: string[]): void {
    notifyServiceManager(lines, this.#environment);
  }
}
