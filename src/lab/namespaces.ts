import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ended, run } from "./programs.js";

/**
 * Reads names until its input ends, which the death of the lab's process does too, however it died. Then whatever still
 * runs in the namespaces is killed by its number, and namespaces and folders go.
 */
const REAPER = `
trap '' INT TERM HUP
namespaces=
while read -r kind name; do
  case $kind in namespace) namespaces="$namespaces $name" ;; folder) set -- "$@" "$name" ;; esac
done
for namespace in $namespaces; do
  for process in $(ip netns pids "$namespace" 2>/dev/null); do kill -9 "$process" 2>/dev/null; done
  ip netns del "$namespace" 2>/dev/null
done
[ $# = 0 ] || rm -rf -- "$@"
`;

/** `et`, the process number of whose it is, a letter for the lab of that process, a label. */
const NAMESPACE = /^et(\d+)[a-j]\w+$/;
const FOLDER = /^etrunkd-lab-(\d+)-\w+$/;

let labs = 0;

/** Network namespaces and a folder of one process; nothing of it is left when it is closed or its process is killed. */
export class Lab {
  readonly folder: string;
  readonly #prefix = `et${process.pid}${"abcdefghij"[labs++ % 10]}`;
  readonly #reaper: ChildProcess;
  #making: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor() {
    // Detached: Ctrl-C must not end what cleans up after it.
    this.#reaper = spawn("sh", ["-c", REAPER], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    this.folder = mkdtempSync(join(tmpdir(), `etrunkd-lab-${process.pid}-`));
    this.#reaper.stdin?.write(`folder ${this.folder}\n`);
  }

  /** A new namespace, without IPv6 so that nothing but the protocols under test speaks in it; returns its name. */
  async namespace(label: string): Promise<string> {
    if (this.#closed) throw new Error("the lab is closed");
    const name = `${this.#prefix}${label}`;
    // Told before it is made, so that no moment is left in which a kill would leave it.
    this.#reaper.stdin?.write(`namespace ${name}\n`);
    this.#making = run("ip", ["netns", "add", name]);
    await this.#making;
    await run("ip", ["netns", "exec", name, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 || :"]);
    return name;
  }

  async close(): Promise<void> {
    this.#closed = true;
    // What is made after the reaper looked would stay.
    await Promise.allSettled([this.#making]);
    this.#reaper.stdin?.end();
    await ended(this.#reaper);
  }
}

const isAlive = (pid: string): boolean => existsSync(`/proc/${pid}`);

const deadIn = (names: readonly string[], form: RegExp): string[] =>
  names.filter((name) => {
    const pid = form.exec(name)?.[1];
    return pid !== undefined && !isAlive(pid);
  });

/** Removes what runs left whose process and reaper were both killed. Returns the names of the namespaces removed. */
export async function removeLeftovers(): Promise<string[]> {
  const namespaces = existsSync("/run/netns") ? deadIn(readdirSync("/run/netns"), NAMESPACE) : [];
  for (const namespace of namespaces) {
    const processes = await run("ip", ["netns", "pids", namespace]);
    for (const pid of processes.split("\n").filter(Boolean)) process.kill(Number(pid), "SIGKILL");
    await run("ip", ["netns", "del", namespace]);
  }
  for (const folder of deadIn(readdirSync(tmpdir()), FOLDER)) rmSync(join(tmpdir(), folder), { recursive: true });
  return namespaces;
}
