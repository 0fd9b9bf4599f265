import { type ChildProcess, execFile, type SpawnOptions, spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";

/** Namespaces, veths and AF_PACKET want it. */
export const isRoot = process.getuid?.() === 0;

export const isInstalled = (program: string): boolean =>
  `${process.env.PATH}${delimiter}/usr/sbin${delimiter}/sbin`
    .split(delimiter)
    .some((folder) => existsSync(join(folder, program)));

/** Runs a program to its end and returns what it printed; an error names the program and what it said. */
export function run(command: string, args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(" ")}: ${stderr || error.message}`));
      else resolve(stdout);
    });
    // A program that ended without reading has said what it had to say.
    child.stdin?.on("error", () => {}).end(input);
  });
}

/**
 * Reads names until its input ends, which the death of the test run does too, however it died. Then whatever still runs in
 * the namespaces is killed by its number, and namespaces and folders go.
 */
const REAPER = `
trap '' INT TERM HUP
namespaces= folders=
while read -r kind name; do
  case $kind in namespace) namespaces="$namespaces $name" ;; folder) folders="$folders $name" ;; esac
done
for namespace in $namespaces; do
  for process in $(ip netns pids "$namespace" 2>/dev/null); do kill -9 "$process" 2>/dev/null; done
  ip netns del "$namespace" 2>/dev/null
done
[ -z "$folders" ] || rm -rf $folders
`;

let labs = 0;

/** Network namespaces and a folder of one test file; nothing of it is left when the file ends or is killed. */
export class Lab {
  readonly folder: string;
  readonly #prefix = `et${process.pid}${"abcdefghij"[labs++]}`;
  readonly #reaper: ChildProcess;

  constructor() {
    // Detached: Ctrl-C on the test run must not end what cleans up after it.
    this.#reaper = spawn("sh", ["-c", REAPER], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    this.folder = mkdtempSync(join(tmpdir(), "etrunkd-interop-"));
    this.#reaper.stdin?.write(`folder ${this.folder}\n`);
  }

  /** A new namespace, without IPv6 so that nothing but the protocols under test speaks in it; returns its name. */
  async namespace(label: string): Promise<string> {
    const name = `${this.#prefix}${label}`;
    this.#reaper.stdin?.write(`namespace ${name}\n`);
    await run("ip", ["netns", "add", name]);
    await run("ip", ["netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"]);
    return name;
  }

  async close(): Promise<void> {
    this.#reaper.stdin?.end();
    await ended(this.#reaper);
  }
}

/** Starts a program inside a namespace: \`ip netns exec\` becomes it, so the process number is the program's. */
export const spawnIn = (namespace: string, command: readonly string[], options: SpawnOptions): ChildProcess =>
  spawn("ip", ["netns", "exec", namespace, ...command], options);

export const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (isRunning(child)) child.once("exit", () => resolve());
    else resolve();
  });
}

/** Ends a process that this test started: asked first, killed when it does not go within two seconds. */
export async function stop(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), 2000);
  await ended(child);
  clearTimeout(patience);
}

/** What a process printed so far, for failure messages. */
export function collect(stream: Readable | null): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  return () => text;
}
