import type { ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isRunning, type Lab, run, spawnIn, stop } from "../../support/lab.js";

const PROGRAMS = "/usr/lib/frr";
export const isFrrInstalled = existsSync(`${PROGRAMS}/bfdd`);

/** A session as `show bfd peers json` has it; intervals in milliseconds. */
export interface FrrPeer {
  readonly peer: string;
  readonly multihop: boolean;
  readonly id: number;
  readonly "remote-id": number;
  readonly status: "up" | "down" | "init" | "shutdown";
  readonly diagnostic: string;
  readonly "remote-diagnostic": string;
  readonly "receive-interval": number;
  readonly "transmit-interval": number;
  readonly "detect-multiplier": number;
  readonly "remote-receive-interval": number;
  readonly "remote-transmit-interval": number;
  readonly "remote-detect-multiplier": number;
}

/** Of a session: packets, and how often it fell. */
export interface FrrCounters {
  readonly "control-packet-input": number;
  readonly "control-packet-output": number;
  readonly "session-down": number;
}

/** FRR's bfdd in a namespace, with the zebra it learns interfaces from. */
export class Frr {
  readonly #folder: string;
  readonly #namespace: string;
  readonly #processes: ChildProcess[] = [];

  private constructor(folder: string, namespace: string) {
    this.#folder = folder;
    this.#namespace = namespace;
  }

  /** `configuration` is bfdd's. */
  static async start(lab: Lab, namespace: string, configuration: string): Promise<Frr> {
    const folder = join(lab.folder, `frr-${namespace}`);
    mkdirSync(folder);
    // It gives up root for a user of its own, who must get there.
    chmodSync(lab.folder, 0o711);
    writeFileSync(join(folder, "bfdd.conf"), configuration);
    await run("chown", ["-R", "frr:frr", folder]);
    const frr = new Frr(folder, namespace);
    await frr.#begin("zebra", "zserv.api", ["-z", join(folder, "zserv.api"), "-f", "/dev/null"]);
    const files = ["-z", join(folder, "zserv.api"), "-f", join(folder, "bfdd.conf")];
    await frr.#begin("bfdd", "bfdd.vty", [...files, "--bfdctl", join(folder, "bfdd.sock")]);
    return frr;
  }

  async #begin(program: string, socket: string, more: readonly string[]): Promise<void> {
    const folder = this.#folder;
    const common = ["-u", "frr", "-g", "frr", "--vty_socket", folder, "-i", join(folder, `${program}.pid`), "-P", "0"];
    const log = ["--log", `file:${join(folder, `${program}.log`)}`];
    const command = [`${PROGRAMS}/${program}`, ...common, ...log, ...more];
    const child = spawnIn(this.#namespace, command, { stdio: "ignore" });
    this.#processes.push(child);
    // Not by vitest: the benchmark starts it too.
    for (let tries = 0; !existsSync(join(folder, socket)); tries++) {
      if (!isRunning(child) || tries > 500) throw new Error(`${program} does not start`);
      await pause(20);
    }
  }

  /** The process number of bfdd. */
  get pid(): number | undefined {
    return this.#processes[1]?.pid;
  }

  vty(...commands: readonly string[]): Promise<string> {
    return run("vtysh", ["--vty_socket", this.#folder, ...commands.flatMap((command) => ["-c", command])]);
  }

  /** Lines in the view of bfdd's configuration. */
  async configure(...lines: readonly string[]): Promise<void> {
    await this.vty("configure terminal", "bfd", ...lines);
  }

  async peers(): Promise<readonly FrrPeer[]> {
    return JSON.parse(await this.vty("show bfd peers json"));
  }

  async counters(): Promise<readonly FrrCounters[]> {
    return JSON.parse(await this.vty("show bfd peers counters json"));
  }

  async peer(address: string): Promise<FrrPeer> {
    const found = (await this.peers()).find(({ peer }) => peer === address);
    if (found === undefined) throw new Error(`bfdd has no peer ${address}`);
    return found;
  }

  async stop(): Promise<void> {
    for (const child of this.#processes) await stop(child);
  }
}
