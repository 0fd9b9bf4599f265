import type { ChildProcess } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { collect, isRunning, type Lab, run, spawnIn, stop } from "../../support/lab.js";

/** Whatever goes wrong, the guest powers itself off after so many seconds. */
const MOST_SECONDS = 400;
const REMINDER_MS = 500;

// Classic BPF: drop what this host itself sent on the veth (packet type OUTGOING), or the guest hears itself.
const NOT_OUR_OWN = Buffer.from("2000000004f0ffff1500000104000000060000000000000006000000ffffffff", "hex");

export interface GuestOptions {
  readonly megabytes?: number;
  /** Its ports take what an AF_PACKET socket loses: tags, and more than one segment in a frame. */
  readonly wholeFrames?: boolean;
}

/**
 * A Linux kernel with Debian's modules, in user-mode-linux: it runs as a process, on this machine's files, read-only. Its
 * ports s0, s1, .. are wired to interfaces of a namespace, by AF_PACKET or by taps. It does not see their carrier, and one
 * that is deleted outside leaves it deaf there for good.
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
    { megabytes = 128, wholeFrames = false }: GuestOptions = {},
  ): Promise<LinuxGuest> {
    const folder = join(lab.folder, `guest-${namespace}`);
    mkdirSync(folder);
    const init = join(folder, "init");
    copyFileSync(new URL("linux-guest.sh", import.meta.url), init);
    chmodSync(init, 0o755);
    const filter = join(folder, "filter.bpf");
    writeFileSync(filter, NOT_OUR_OWN);
    if (wholeFrames) for (const [n, name] of interfaces.entries()) await addTap(namespace, tapOf(n), name);
    const wires = interfaces.map((name, n) =>
      wholeFrames ? `transport=tap,ifname=${tapOf(n)}` : `transport=raw,ifname=${name},bpffile=${filter}`,
    );
    const command = [
      ...["timeout", "-k", "2", String(MOST_SECONDS + 20), "linux.uml", `mem=${megabytes}M`, "quiet", "loglevel=4"],
      ...["rootfstype=hostfs", "rootflags=/", "ro", `init=${init}`, "con=null", "con0=fd:0,fd:1"],
      ...[`umid=${namespace}`, `uml_dir=${folder}`],
      ...wires.map((wire, n) => `vec${n}:${wire}`),
      ...[`PORTS=${interfaces.length}`, `MAXSEC=${MOST_SECONDS}`],
    ];
    const env = { ...process.env, HOME: folder, TMPDIR: "/dev/shm" };
    const started = spawnIn(namespace, command, { env, stdio: ["pipe", "pipe", "pipe"] });
    const complaints = collect(started.stderr);
    const guest = new LinuxGuest(started);
    await vi.waitUntil(() => guest.#console().includes("@@@ ready") || !isRunning(started), { timeout: 30_000 });
    // It takes no segments that are still to be cut. Off only now: before, a tap has none to be turned off.
    if (wholeFrames)
      for (const n of interfaces.keys())
        await run("ip", ["netns", "exec", namespace, "ethtool", "-K", tapOf(n), "tx", "off"]);
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

const tapOf = (port: number): string => `tap${port}`;

/** A tap beside an interface: what one receives the other sends. */
async function addTap(namespace: string, tap: string, name: string): Promise<void> {
  await run("ip", ["-n", namespace, "tuntap", "add", "dev", tap, "mode", "tap"]);
  await run("ip", ["-n", namespace, "link", "set", "dev", tap, "up"]);
  for (const [from, to] of [
    [tap, name],
    [name, tap],
  ] as const) {
    await run("tc", ["-n", namespace, "qdisc", "add", "dev", from, "ingress"]);
    const all = ["protocol", "all", "u32", "match", "u32", "0", "0"];
    const send = ["action", "mirred", "egress", "redirect", "dev", to];
    await run("tc", ["-n", namespace, "filter", "add", "dev", from, "ingress", ...all, ...send]);
  }
}
