import { type ChildProcess, execFile, type SpawnOptions, spawn } from "node:child_process";

/** Runs a program to its end and returns its output. Throws an error with the command and its standard error. */
export function run(command: string, args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(" ")}: ${stderr || error.message}`));
      else resolve(stdout);
    });
    // A program that ends without reading breaks the pipe; only its exit code counts.
    child.stdin?.on("error", () => {}).end(input);
  });
}

/** Starts a program inside a namespace: `ip netns exec` becomes it, so the process number is the program's. */
export const spawnIn = (namespace: string, command: readonly string[], options: SpawnOptions): ChildProcess =>
  spawn("ip", ["netns", "exec", namespace, ...command], options);

export const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

/** Resolves when a process has ended. */
export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (isRunning(child)) child.once("exit", () => resolve());
    else resolve();
  });
}

/** Ends a process that was started here: SIGTERM first, SIGKILL when it does not end in time. */
export async function stop(child: ChildProcess, patienceMs = 4_000): Promise<void> {
  if (!isRunning(child)) return;
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await ended(child);
  clearTimeout(patience);
}
