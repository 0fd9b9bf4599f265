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

/** The counters of all interfaces at one moment, by Linux name. */
export interface TrafficTable {
  get(name: string): TrafficCounters | undefined;
}

/** Of all interfaces of this network namespace. */
export function readTrafficCounters(): TrafficTable {
  // Of this thread: /proc/self would be the main thread's, wherever that is.
  return parseTrafficCounters(readFileSync("/proc/thread-self/net/dev", "latin1"));
}

/**
 * Two lines of heads, then `name: ` and eight numbers for either direction. The numbers of an interface are read when they are
 * asked for: a host may have thousands of interfaces, and one turn of the event loop is too short for all. @internal
 */
export function parseTrafficCounters(text: string): TrafficTable {
  const lines = new Map<string, string>();
  for (const line of text.split("\n").slice(2)) {
    const end = line.lastIndexOf(":");
    if (end >= 0) lines.set(line.slice(0, end).trim(), line.slice(end + 1));
  }
  return {
    get: (name) => {
      const numbers = lines.get(name);
      return numbers === undefined ? undefined : countersOf(numbers);
    },
  };
}

function countersOf(numbers: string): TrafficCounters {
  const [bytesReceived = 0, framesReceived = 0, inErrors = 0, inDiscards = 0, , , , multicastReceived = 0, ...sent] =
    numbers.trim().split(/ +/).map(Number);
  const [bytesSent = 0, framesSent = 0, outErrors = 0, outDiscards = 0] = sent;
  return {
    ...{ bytesReceived, framesReceived, inErrors, inDiscards, multicastReceived },
    ...{ bytesSent, framesSent, outErrors, outDiscards },
  };
}
