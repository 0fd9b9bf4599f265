import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Lab } from "../../support/lab.js";
import type { LinuxGuest } from "./linux-guest.js";

const built = (name: string): string => fileURLToPath(new URL(`../../../dist/${name}`, import.meta.url));

export interface GuestDaemonOptions {
  readonly name: string;
  /** What lines of a shell begin with to run in a namespace of the guest; nothing for its first one. */
  readonly inside?: string;
  readonly systemMac: string;
}

let files = 0;

/** An etrunkd inside a guest, with a configuration, a socket, a state directory and a log of its own. */
export class GuestDaemon {
  readonly #lab: Lab;
  readonly #guest: LinuxGuest;
  readonly #options: GuestDaemonOptions;
  readonly #folder: string;

  private constructor(lab: Lab, guest: LinuxGuest, options: GuestDaemonOptions) {
    this.#lab = lab;
    this.#guest = guest;
    this.#options = options;
    this.#folder = `/run/${options.name}`;
  }

  /** Ready: the configuration is applied. */
  static async start(
    lab: Lab,
    guest: LinuxGuest,
    options: GuestDaemonOptions,
    lines: readonly string[],
  ): Promise<GuestDaemon> {
    const daemon = new GuestDaemon(lab, guest, options);
    await guest.command(`mkdir -p ${daemon.#folder}`);
    await daemon.#write(lines);
    await daemon.start();
    return daemon;
  }

  /** Starts it anew, with the state it left. */
  async start(): Promise<void> {
    const { name, inside = "", systemMac } = this.#options;
    const folder = this.#folder;
    const files = `--config ${folder}/cfg --socket ${folder}/sock --state-dir ${folder}/state`;
    const program = `${process.execPath} ${built("etrunkd.js")} ${files} --system-mac ${systemMac}`;
    await this.#guest.command(`${inside} ${program} >/dev/null 2>>${folder}/log </dev/null & ${name}=$!`);
    await this.#control("--wait 20 'uptime>=0' display version >/dev/null");
  }

  /** Has another configuration read, and waits until it is applied. */
  async configure(lines: readonly string[]): Promise<void> {
    const count = `$(grep -c 'configuration read again' ${this.#folder}/log)`;
    await this.#write(lines);
    await this.#guest.command(
      `before=${count}; kill -HUP $${this.#options.name}; while [ ${count} = $before ]; do sleep 0.05; done`,
    );
  }

  /** The JSON of a display. */
  async ask<Answer = unknown>(...words: readonly string[]): Promise<Answer> {
    return JSON.parse(await this.#control(`--json ${words.join(" ")}`));
  }

  /** Until the tests of a display hold. */
  async until(tests: readonly string[], ...words: readonly string[]): Promise<void> {
    const quoted = tests.map((test) => `'${test}'`).join(" ");
    await this.#control(`--json --wait 25 ${quoted} ${words.join(" ")} >/dev/null`);
  }

  /** Sends a signal, and waits for its end. */
  async end(signal: "TERM" | "USR2" | "KILL"): Promise<void> {
    const { name } = this.#options;
    await this.#guest.command(`kill -${signal} $${name}; wait $${name} || :`);
  }

  log(): Promise<string> {
    return this.#guest.command(`cat ${this.#folder}/log`);
  }

  #control(words: string): Promise<string> {
    return this.#guest.command(`${process.execPath} ${built("etrunkctl.js")} --socket ${this.#folder}/sock ${words}`);
  }

  /** A file of its own each time: the guest may keep what it has read of one. */
  async #write(lines: readonly string[]): Promise<void> {
    const file = join(this.#lab.folder, `configuration-${++files}`);
    writeFileSync(file, `${lines.join("\n")}\n`);
    await this.#guest.command(`cp ${file} ${this.#folder}/cfg`);
  }
}
