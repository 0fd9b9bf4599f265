import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** Makes a folder, and those above it, where they are missing. Throws the operating system's error. */
export function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    // Node's own recursion never ends below a folder that takes no new folder, as in /proc.
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    makeFolder(dirname(path), mode);
    mkdirSync(path, { mode });
  }
}
