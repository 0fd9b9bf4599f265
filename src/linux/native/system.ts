import { addon } from "./addon.js";

interface SystemFunctions {
  /** CLOCK_MONOTONIC in microseconds. */
  now(): number;
  /** The effective capabilities as a number: bit n is capability n. */
  capabilities(): number;
  /** Moves this thread into the network namespace of a path or process; sockets that are open stay where they are. */
  setns(pathOrPid: string | number): number;
}

export const systemAddon = (): SystemFunctions => addon();
