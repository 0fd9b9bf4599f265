import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ended, run } from "./programs.js";

/**
 * The reaper reads names until its input ends, which also happens when the lab's process is killed. Then it kills each
 * process that still runs in the namespaces by its number, and removes namespaces and folders.
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

/** Name of a namespace: `et`, number of the process that made it, a letter for the lab of that process, a label. */
const NAMESPACE = /^et(\d+)[a-j]\w+$/;
const FOLDER = /^etrunkd-lab-(\d+)-\w+$/;

let labs = 0;

/**
 * Network namespaces and a folder of one process. Nothing is left when the lab is closed, nor when its process is
 * killed.
 */
export class Lab {
  readonly folder: string;
  readonly #prefix = `et${process.pid}${"abcdefghij"[labs++ % 10]}`;
  readonly #reaper: ChildProcess;
  #making: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor() {
    // The reaper is detached, since Ctrl-C must not end it.
    this.#reaper = spawn("sh", ["-c", REAPER], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    this.folder = mkdtempSync(join(tmpdir(), `etrunkd-lab-${process.pid}-`));
    this.#reaper.stdin?.write(`folder ${this.folder}\n`);
  }

  /** Makes a namespace and returns its name. IPv6 is off, so only the protocols under test send frames in it. */
  async namespace(label: string): Promise<string> {
    if (this.#closed) throw new Error("the lab is closed");
    const name = `${this.#prefix}${label}`;
    // The reaper gets the name before the namespace exists, so a kill at any moment leaves none behind.
    this.#reaper.stdin?.write(`namespace ${name}\n`);
    this.#making = run("ip", ["netns", "add", name]);
    await this.#making;
    await run("ip", ["netns", "exec", name, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 || :"]);
    return name;
  }

  async close(): Promise<void> {
    this.#closed = true;
    // A namespace made after the reaper has looked would stay.
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

/** Removes what is left of labs whose process and reaper were both killed. Returns the removed namespaces. */
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
