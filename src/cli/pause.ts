import { setTimeout } from "node:timers/promises";
import { Stopped } from "./client.js";

/** Waits that long; throws Stopped when the signal ends it. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, signal ? { signal } : {});
  } catch {
    throw new Stopped();
  }
}
