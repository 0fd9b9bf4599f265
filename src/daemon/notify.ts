import { notify } from "../linux/service.js";

/** Tells the service manager, where there is one (sd_notify(3)): `READY=1`, `RELOADING=1`, `STOPPING=1`. */
export function notifyServiceManager(lines: readonly string[], environment: NodeJS.ProcessEnv): void {
  const socket = environment.NOTIFY_SOCKET;
  // Only paths and abstract names are defined; one that nobody listens on is no reason to stop.
  if (socket?.startsWith("/") || socket?.startsWith("@")) notify(socket, lines.join("\n"));
}
