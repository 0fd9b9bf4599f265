import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { project } from "./sources.js";

/** What the tools at the project's top read. */
const SETTINGS = [
  "tsconfig.json",
  "package.json",
  ".dependency-cruiser.cjs",
  ".knip.jsonc",
  ".biome.json",
  ".gitignore",
];

/** A tree of these files with the project's packages and settings, gone when the test is over. Returns its top. */
export async function planted(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "etrunkd-planted-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await symlink(join(project, "node_modules"), join(root, "node_modules"));
  for (const file of SETTINGS) await cp(join(project, file), join(root, file));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}
