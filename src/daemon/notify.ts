import { notify } from "../linux/service.js";

/** sun_path has 108 octets, with its closing zero. */
const LONGEST_NAME = 107;

/** Tells the service manager, where there is one (sd_notify(3)): `READY=1`, `RELOADING=1`, `STOPPING=1`. */
export function notifyServiceManager(lines: readonly string[], environment: NodeJS.ProcessEnv): void {
  const socket = environment.NOTIFY_SOCKET;
  // A path that is no Unix socket, or one without a listener, is no reason to stop.
  if (socket === undefined || !/^[/@]/.test(socket) || Buffer.byteLength(socket) > LONGEST_NAME) return;
  notify(socket, lines.join("\n"));
}
