import { readFileSync, writeFileSync } from "node:fs";

const FOLDER = "/proc/sys/net/";

/** The file of a sysctl, e.g. `ipv4/conf/*\/arp_ignore`, of an interface, whose name may hold dots, never slashes. */
const pathOf = (path: string, name: string): string => FOLDER + path.replace("*", name);

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

/** The value of a sysctl; undefined where the kernel has no such sysctl, for example no IPv6. */
export function readSysctl(path: string, name: string): string | undefined {
  try {
    return readFileSync(pathOf(path, name), "utf8").trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Writes a sysctl unless it has the value already: a container may have a read-only /proc/sys with everything prepared. */
export function writeSysctl(path: string, name: string, value: string): void {
  const old = readSysctl(path, name);
  if (old !== undefined && old !== value) writeFileSync(pathOf(path, name), value);
}
