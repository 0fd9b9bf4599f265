import type { ChildProcess } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { collect, isRunning, type Lab, spawnIn, stop } from "../../support/lab.js";

/** Whatever goes wrong, the guest powers itself off after so many seconds. */
const MOST_SECONDS = 400;
const REMINDER_MS = 500;

// Classic BPF: drop what this host itself sent on the veth (packet type OUTGOING), or the guest hears itself.
const NOT_OUR_OWN = Buffer.from("2000000004f0ffff1500000104000000060000000000000006000000ffffffff", "hex");

export interface GuestOptions {
  readonly megabytes?: number;
}

/**
 * A Linux kernel with Debian's modules, in user-mode-linux: it runs as a process, on this machine's files, read-only. Its
 * ports s0, s1, .. are wired to interfaces of a namespace, by AF_PACKET. It does not see their carrier, and one that is
 * deleted outside leaves it deaf there for good.
 */
export class LinuxGuest {
  readonly #process: ChildProcess;
  readonly #console: () => string;
  /** Commands go one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #commands = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#console = collect(process.stdout);
  }

  static async boot(
    lab: Lab,
    namespace: string,
    interfaces: readonly string[],
    { megabytes = 128 }: GuestOptions = {},
  ): Promise<LinuxGuest> {
    const folder = join(lab.folder, `guest-${namespace}`);
    mkdirSync(folder);
    const init = join(folder, "init");
    copyFileSync(new URL("linux-guest.sh", import.meta.url), init);
    chmodSync(init, 0o755);
    const filter = join(folder, "filter.bpf");
    writeFileSync(filter, NOT_OUR_OWN);
    const command = [
      ...["timeout", "-k", "2", String(MOST_SECONDS + 20), "linux.uml", `mem=${megabytes}M`, "quiet", "loglevel=4"],
      ...["rootfstype=hostfs", "rootflags=/", "ro", `init=${init}`, "con=null", "con0=fd:0,fd:1"],
      ...[`umid=${namespace}`, `uml_dir=${folder}`],
      ...interfaces.map((name, n) => `vec${n}:transport=raw,ifname=${name},bpffile=${filter}`),
      ...[`PORTS=${interfaces.length}`, `MAXSEC=${MOST_SECONDS}`],
    ];
    const env = { ...process.env, HOME: folder, TMPDIR: "/dev/shm" };
    const started = spawnIn(namespace, command, { env, stdio: ["pipe", "pipe", "pipe"] });
    const complaints = collect(started.stderr);
    const guest = new LinuxGuest(started);
    await vi.waitUntil(() => guest.#console().includes("@@@ ready") || !isRunning(started), { timeout: 30_000 });
    if (!isRunning(started)) throw new Error(`the guest did not start: ${guest.#console()}${complaints()}`);
    return guest;
  }

  /** Types a line into its shell; what it prints. An error when the line fails. */
  command(line: string): Promise<string> {
    const answer = this.#last.then(async () => {
      const start = this.#console().length;
      const number = ++this.#commands;
      this.#process.stdin?.write(`${number} ${line}\n`);
      // The answer of an earlier one, nobody waits for any more, may come first.
      const end = new RegExp(`^(?:[\\s\\S]*@@@ \\d+ \\d+\\r?\\n)?([\\s\\S]*?)@@@ ${number} (\\d+)\\r?\\n`);
      await this.#answered(() => end.test(this.#console().slice(start)));
      const [, output = "", status] = end.exec(this.#console().slice(start)) ?? [];
      if (status !== "0") throw new Error(`guest: ${line}: ${output}`);
      return output.replaceAll("\r", "");
    });
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** A guest busy with frames may overlook a line until the next one comes: so there is a next one. */
  async #answered(hasAnswer: () => boolean): Promise<void> {
    const reminder = setInterval(() => this.#process.stdin?.write("0 :\n"), REMINDER_MS);
    try {
      await vi.waitUntil(hasAnswer, { timeout: 30_000, interval: 10 });
    } finally {
      clearInterval(reminder);
    }
  }

  async stop(): Promise<void> {
    await stop(this.#process);
  }
}
