import { ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lock } from "../linux/service.js";
import { makeFolder } from "./folder.js";
import { StartFailure, systemReason } from "./start-failure.js";

/** A process that was just killed may keep its lock for a moment, until the kernel has closed its files. */
const MOST_TRIES = 25;
const BETWEEN_TRIES_MILLISECONDS = 20;

/**
 * Makes the state directory where needed and takes its lock, which lasts until this process ends, however it ends: the
 * file stays and means nothing. Throws StartFailure.
 */
export async function holdStateDirectory(path: string): Promise<void> {
  const file = join(path, "lock");
  try {
    makeFolder(path, 0o700);
    const descriptor = openSync(file, "a+", 0o600);
    for (let tries = 1; !lock(descriptor); tries++) {
      if (tries === MOST_TRIES) throw held(path, readFileSync(descriptor, "utf8").trim());
      await sleep(BETWEEN_TRIES_MILLISECONDS);
    }
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
