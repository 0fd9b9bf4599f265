import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";

export { Lab } from "../../src/lab/namespaces.js";
export { ended, isRunning, run, spawnIn, stop } from "../../src/lab/programs.js";

/** Namespaces, veths and AF_PACKET sockets need root. */
export const isRoot = process.getuid?.() === 0;

export const isInstalled = (program: string): boolean =>
  `${process.env.PATH}${delimiter}/usr/sbin${delimiter}/sbin`
    .split(delimiter)
    .some((folder) => existsSync(join(folder, program)));

/** Collects what a process prints, for failure messages. */
export function collect(stream: Readable | null): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  return () => text;
}
