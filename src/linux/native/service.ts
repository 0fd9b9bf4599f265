import { addon } from "./addon.js";

interface ServiceFunctions {
  /** One datagram to a Unix socket. */
  notify(path: string, text: string): number;
  /** Takes the exclusive lock of an open file; -EWOULDBLOCK while another process has it. */
  lock(descriptor: number): number;
  /** 0, or -EADDRINUSE while another process of this network namespace has the name. */
  holdName(name: string): number;
}

export const serviceAddon = (): ServiceFunctions => addon();
