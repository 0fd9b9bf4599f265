import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The top of the project. */
export const project = resolve(import.meta.dirname, "../..");

export interface Source {
  /** From the project's top, e.g. `src/core/wire/lacpdu.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Every file below a folder of the project whose name has one of these endings, built and installed files left out. */
export function read(folder: string, endings: readonly string[]): Source[] {
  return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("/node_modules/") && !path.includes("/build/"))
    .map((path) => ({ path: path.slice(project.length + 1), text: readFileSync(path, "utf8") }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
