import { constants } from "node:os";
import { systemAddon } from "./native/system.js";
import { systemError } from "./system-error.js";

/** Sends one datagram to the Unix socket of a service manager. A socket without a listener is no error. */
export function notify(path: string, text: string): void {
  systemAddon().notify(path, text);
}

/** Takes a name that only one process of this network namespace can hold, until it ends; false while another holds it. */
export function holdName(name: string): boolean {
  const error = -systemAddon().holdName(name);
  if (error === 0) return true;
  if (error === constants.errno.EADDRINUSE) return false;
  throw systemError("abstract Unix socket", error);
}

/** Takes the exclusive lock of an open file; false while another process has it. Throws for any other reason. */
export function lock(descriptor: number): boolean {
  const error = -systemAddon().lock(descriptor);
  if (error === 0) return true;
  if (error === constants.errno.EWOULDBLOCK) return false;
  throw systemError("flock", error);
}
