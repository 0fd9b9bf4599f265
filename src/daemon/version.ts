import { readFileSync } from "node:fs";

/** The version of the package, as package.json has it; two folders up both from `src/daemon` and from `dist/daemon`. */
export function programVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
