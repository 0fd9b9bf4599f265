import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

/** Builds the addon where it is not of the sources as they are now, so that no test judges an older one. */
export function setup(): void {
  const project = resolve(import.meta.dirname, "../..");
  execFileSync("bash", [".ci/setup", "addon"], { cwd: project, stdio: ["ignore", "ignore", "inherit"] });
}
