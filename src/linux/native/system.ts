import { addon } from "./addon.js";

interface SystemFunctions {
  /** CLOCK_MONOTONIC in microseconds. */
  now(): number;
  /** The effective capabilities as a number: bit n is capability n. */
  capabilities(): number;
  /** Moves this thread into the network namespace of a path or process; sockets that are open stay where they are. */
  setns(pathOrPid: string | number): number;
  /** One datagram to a Unix socket. */
  notify(path: string, text: string): number;
  /** Takes the exclusive lock of an open file; -EWOULDBLOCK while another process has it. */
  lock(descriptor: number): number;
  /** 0, or -EADDRINUSE while another process of this network namespace has the name. */
  holdName(name: string): number;
}

export const systemAddon = (): SystemFunctions => addon();
