import { ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { holdName, lock } from "../../linux/service.js";
import { makeFolder } from "../folder.js";
import { StartFailure, systemReason } from "../start-failure.js";

/** How often a lock is tried: a killed process holds its locks until the kernel has closed its files. */
const MOST_TRIES = 25;
const BETWEEN_TRIES_MILLISECONDS = 20;

async function patiently(take: () => boolean): Promise<boolean> {
  for (let tries = 1; !take(); tries++) {
    if (tries === MOST_TRIES) return false;
    await sleep(BETWEEN_TRIES_MILLISECONDS);
  }
  return true;
}

/**
 * Refuses a second etrunkd in one network namespace: two would take each other's devices for their own. The hold lasts until this
 * process ends. Throws StartFailure.
 */
export async function holdNamespace(): Promise<void> {
  if (await patiently(() => holdName("etrunkd"))) return;
  throw new StartFailure(
    "another etrunkd runs in this network namespace; stop it, or start this one in a namespace of its own (ip netns exec NAME ...)",
  );
}

/**
 * Makes the state directory where needed and takes its lock. The lock lasts until this process ends in any way; the file that
 * stays means nothing. Throws StartFailure.
 */
export async function holdStateDirectory(path: string): Promise<void> {
  const file = join(path, "lock");
  try {
    makeFolder(path, 0o700);
    const descriptor = openSync(file, "a+", 0o600);
    if (!(await patiently(() => lock(descriptor)))) throw held(path, readFileSync(descriptor, "utf8").trim());
    ftruncateSync(descriptor);
    writeSync(descriptor, `${process.pid}\n`);
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    throw new StartFailure(`state directory ${path}: ${systemReason(error)}; choose another with --state-dir`);
  }
}

const held = (path: string, process: string): StartFailure =>
  new StartFailure(
    `state directory ${path}: held by another etrunkd (process ${process}); stop it, or choose another with --state-dir`,
  );
