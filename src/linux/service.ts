import { constants } from "node:os";
import { serviceAddon } from "./native/service.js";
import { systemError } from "./system-error.js";

/** One datagram to the Unix socket of a service manager. One that nobody listens on is no error. */
export function notify(path: string, text: string): void {
  serviceAddon().notify(path, text);
}

/** Takes a name that one process of this network namespace can have, until this process ends; false while another has it. */
export function holdName(name: string): boolean {
  const error = -serviceAddon().holdName(name);
  if (error === 0) return true;
  if (error === constants.errno.EADDRINUSE) return false;
  throw systemError("abstract Unix socket", error);
}

/** Takes the exclusive lock of an open file; false while another process has it. Throws what else goes wrong. */
export function lock(descriptor: number): boolean {
  const error = -serviceAddon().lock(descriptor);
  if (error === 0) return true;
  if (error === constants.errno.EWOULDBLOCK) return false;
  throw systemError("flock", error);
}
