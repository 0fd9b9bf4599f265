import { readFileSync } from "node:fs";

/** What the kernel counted of an interface since it was made. */
export interface TrafficCounters {
  readonly bytesReceived: number;
  readonly framesReceived: number;
  readonly inErrors: number;
  readonly inDiscards: number;
  readonly multicastReceived: number;
  readonly bytesSent: number;
  readonly framesSent: number;
  readonly outErrors: number;
  readonly outDiscards: number;
}

/** Of all interfaces of this network namespace, by Linux name. */
export function readTrafficCounters(): Map<string, TrafficCounters> {
  // Of this thread: /proc/self would be the main thread's, wherever that is.
  return parseTrafficCounters(readFileSync("/proc/thread-self/net/dev", "latin1"));
}

/** Two lines of heads, then `name: ` and eight numbers for either direction. @internal */
export function parseTrafficCounters(text: string): Map<string, TrafficCounters> {
  const all = new Map<string, TrafficCounters>();
  for (const line of text.split("\n").slice(2)) {
    const [, name, numbers] = /^\s*(.+):\s*(\d[\d ]*)$/.exec(line) ?? [];
    if (name === undefined || numbers === undefined) continue;
    const [bytesReceived = 0, framesReceived = 0, inErrors = 0, inDiscards = 0, , , , multicastReceived = 0, ...sent] =
      numbers.trim().split(/ +/).map(Number);
    const [bytesSent = 0, framesSent = 0, outErrors = 0, outDiscards = 0] = sent;
    all.set(name, {
      ...{ bytesReceived, framesReceived, inErrors, inDiscards, multicastReceived },
      ...{ bytesSent, framesSent, outErrors, outDiscards },
    });
  }
  return all;
}
