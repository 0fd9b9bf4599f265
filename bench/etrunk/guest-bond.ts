import type { ChildProcess } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Lab, spawnIn, stop } from "../lab.js";
import type { Programs } from "./programs.js";
import type { Talker } from "./talker.js";

/** Seconds after which the guest ends in any case. */
const MOST_SECONDS = 1_200;

// Classic BPF that drops frames this host sent on the veth (packet type OUTGOING); without it the guest hears itself.
const NOT_OUR_OWN = Buffer.from("2000000004f0ffff1500000104000000060000000000000006000000ffffffff", "hex");

/**
 * The bonding driver in a user-mode-linux guest, since this kernel may lack it. The guest learns its carrier only by
 * command.
 */
export class GuestBond {
  readonly sender: Talker = this.#talker("s");
  readonly watcher: Talker = this.#talker("w");
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: ChildProcess) {
    this.#process = process;
    if (!process.stdout) throw new Error("no console");
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Starts a guest whose bond has these two interfaces of the namespace; `words` are the arguments of `stream` after
   * the interface.
   */
  static async start(
    lab: Lab,
    namespace: string,
    interfaces: readonly string[],
    words: readonly string[],
    programs: Programs,
  ): Promise<GuestBond> {
    const folder = join(lab.folder, "guest");
    mkdirSync(folder);
    const init = join(folder, "init");
    copyFileSync(fileURLToPath(new URL("guest-bond.sh", import.meta.url)), init);
    chmodSync(init, 0o755);
    const filter = join(folder, "filter.bpf");
    writeFileSync(filter, NOT_OUR_OWN);
    const command = [
      ...["timeout", "-k", "2", String(MOST_SECONDS), "linux.uml", "mem=256M", "quiet", "loglevel=4"],
      ...["rootfstype=hostfs", "rootflags=/", "ro", `init=${init}`, "con=null", "con0=fd:0,fd:1", `uml_dir=${folder}`],
      ...interfaces.map((name, n) => `vec${n}:transport=raw,ifname=${name},bpffile=${filter}`),
      ...[`FOLDER=${join(programs.stream, "..")}`, `STREAM="${words.join(" ")}"`],
    ];
    const env = { ...process.env, HOME: folder, TMPDIR: "/dev/shm" };
    const guest = new GuestBond(spawnIn(namespace, command, { env, stdio: ["pipe", "pipe", "ignore"] }));
    // stream and watch each report that they are ready.
    for (let ready = 0; ready < 2; ready++) await guest.#next("ready");
    return guest;
  }

  /** Sets the carrier that the guest sees on its first link. */
  carrier(state: "up" | "down"): void {
    this.#say("c", `link set dev w0 ${state}`);
  }

  stop(): Promise<void> {
    return stop(this.#process);
  }

  #talker(name: string): Talker {
    const tell = (line: string) => this.#say(name, line);
    const ask = async <Answer>(line = ""): Promise<Answer> => {
      tell(line);
      return JSON.parse(await this.#next("{"));
    };
    return { tell, ask, stop: () => this.stop() };
  }

  #say(to: string, line: string): void {
    this.#process.stdin?.write(`${to} ${line}\n`);
  }

  /** Reads lines until one begins with `start`; the guest's kernel prints lines in between. */
  async #next(start: string): Promise<string> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error("the guest ended");
      if (value.startsWith(start)) return value;
    }
  }
}
