import type { Daemon } from "./client.js";
import type { Output } from "./output.js";

/** `--monitor [EVENT...]`: one JSON line per event as it comes, until the signal. Throws Stopped, Refused or Unreachable. */
export async function runMonitor(
  daemon: Daemon,
  events: readonly string[],
  output: Output,
  signal: AbortSignal,
): Promise<never> {
  const lines = daemon.monitor(events, signal);
  for (;;) {
    const { value } = await lines.next();
    output.print(`${value.text}\n`);
  }
}
