import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cruise } from "./cruise.js";
import { project } from "./sources.js";

const bin = (name: string) => join(project, "node_modules/.bin", name);

const LOWEST = ["core/base", "core/wire", "core/wire/layout.ts"];
/** Every folder of the core but these is a protocol. */
const PROTOCOLS = readdirSync(join(project, "src/core"), { withFileTypes: true })
  .filter(
    (entry) => entry.isDirectory() && !["base", "wire", "contract", "device", "parts", "engine"].includes(entry.name),
  )
  .map(({ name }) => `core/${name}`);
const WISHES = ["core/contract/desired", "core/contract/desired/network.ts"];
const PACING = "core/contract/pacing.ts";
const CONTRACT = ["core/contract", "core/contract/host.ts", "core/contract/questions.ts", PACING, ...WISHES];
/** What a part may import, besides itself. */
const BELOW_ENGINE = [...LOWEST, ...PROTOCOLS, ...CONTRACT, "core/device", "core/parts"];
const CORE = [...BELOW_ENGINE, "core/parts/one", "core/parts/another", "core/engine"];

/** Where each folder or file of src may import from: the table of src/ARCHITECTURE.md, stated apart from the tool's rules. */
const MAY_IMPORT: { readonly [from: string]: readonly string[] } = {
  "core/base": ["core/base"],
  "core/wire": LOWEST,
  "core/wire/layout.ts": ["core/base", "buffer-layout"],
  ...Object.fromEntries(PROTOCOLS.map((name) => [name, [...LOWEST, ...WISHES, PACING, name]])),
  "core/engine": CORE,
  "core/contract": ["core/base", ...CONTRACT],
  "core/contract/desired": ["core/base", ...WISHES],
  "core/device": [...LOWEST, ...CONTRACT, "core/lacp", "core/ethtrunk", "core/etrunk", "core/device"],
  "core/parts": [...BELOW_ENGINE, "core/parts/one", "core/parts/another"],
  "core/parts/one": [...BELOW_ENGINE, "core/parts/one"],
  "core/parts/another": [...BELOW_ENGINE, "core/parts/another"],
  config: ["core/base", ...WISHES, "config", "zod"],
  linux: [
    ...LOWEST,
    "core/contract/host.ts",
    PACING,
    "core/contract/desired/network.ts",
    "linux",
    "native",
    "cap",
    "raw-socket",
    "node:fs",
  ],
  daemon: [
    ...CORE,
    ...["config", "linux", "daemon", "daemon/questions.ts"],
    ...["pino", "zod", "commander", "prom-client", "node:fs"],
  ],
  cli: ["config", ...LOWEST, "core/contract/questions.ts", "cli", "commander", "node:fs"],
  lab: ["linux", "lab", "node:fs"],
  "etrunkd.ts": ["daemon", "daemon/questions.ts", "node:fs"],
  "etrunkctl.ts": ["cli", "node:fs"],
};
const PACKAGES = ["buffer-layout", "zod", "pino", "commander", "prom-client", "cap", "raw-socket", "fast-check"];
const FILES = [
  "daemon/questions.ts",
  "core/contract/host.ts",
  "core/contract/questions.ts",
  PACING,
  "core/contract/desired/network.ts",
  ...Object.keys(MAY_IMPORT).filter((place) => place.endsWith(".ts")),
];
const FOLDERS = Object.keys(MAY_IMPORT).filter((place) => !place.endsWith(".ts"));
const TARGETS = [...FOLDERS, ...FILES.filter((file) => file.includes("/")), "native", ...PACKAGES, "node:fs"];

const slug = (name: string) => name.replaceAll(/[/:.]/g, "-");

/** What a file in src writes to import a target. */
function specifier(from: string, target: string): string {
  if (target === "node:fs" || PACKAGES.includes(target)) return target;
  const up = "../".repeat(from.split("/").length - 1) || "./";
  if (target === "native") return `${up}../native/addon.js`;
  return up + (target.endsWith(".ts") ? target.replace(".ts", ".js") : `${target}/target.js`);
}

/** A small tree of the project's shape: every place imports every target, a folder from one file per target. */
async function plantTree(root: string): Promise<void> {
  for (const folder of FOLDERS) {
    await mkdir(join(root, "src", folder), { recursive: true });
    await writeFile(join(root, "src", folder, "target.ts"), "export const target = 1;\n");
    for (const target of TARGETS) {
      const file = join(folder, `imports-${slug(target)}.ts`);
      await writeFile(join(root, "src", file), `import "${specifier(file, target)}";\n`);
    }
  }
  for (const file of FILES) {
    const imports = file in MAY_IMPORT ? TARGETS.filter((target) => target !== file) : [];
    const lines = imports.map((target) => `import "${specifier(file, target)}";\n`);
    await writeFile(join(root, "src", file), `${lines.join("")}export {};\n`);
  }
  await mkdir(join(root, "native"));
  await writeFile(join(root, "native/addon.js"), "export {};\n");
  await symlink(join(project, "node_modules"), join(root, "node_modules"));
  for (const file of ["tsconfig.json", ".dependency-cruiser.cjs", "package.json"])
    await cp(join(project, file), join(root, file));
}

/** The target an edge of the report leads to. */
function targetOf(edge: string): string | undefined {
  const name = edge.replace(/^src\//, "");
  if (FILES.includes(name)) return name;
  if (edge === "fs" || edge === "node:fs") return "node:fs";
  if (edge.startsWith("native/")) return "native";
  const inPackages = /(?:^|\/)node_modules\/([^/]+)\//.exec(edge)?.[1];
  return inPackages ?? FOLDERS.find((folder) => name === `${folder}/target.ts`);
}

const scratch: string[] = [];
const temporary = async () => {
  const folder = await mkdtemp(join(tmpdir(), "etrunkd-layers-"));
  scratch.push(folder);
  return folder;
};
afterAll(async () => {
  for (const folder of scratch) await rm(folder, { recursive: true, force: true });
});

test("the protocols are found", () => {
  expect(PROTOCOLS).toEqual(expect.arrayContaining(["core/lacp", "core/ethtrunk"]));
});

let reported: Map<string, Set<string>>;

beforeAll(async () => {
  const root = await temporary();
  await plantTree(root);
  reported = new Map(Object.keys(MAY_IMPORT).map((from) => [from, new Set<string>()]));
  for (const { from, to } of (await cruise(root)).violations) {
    const name = from.replace(/^src\//, "");
    const target = targetOf(to);
    if (target) reported.get(FILES.includes(name) ? name : dirname(name))?.add(target);
  }
}, 60_000);

test.for(Object.keys(MAY_IMPORT))("%s is told of every import it may not have, and of no other", (from) => {
  const refused = TARGETS.filter((target) => target !== from && !MAY_IMPORT[from]?.includes(target));
  expect([...(reported.get(from) ?? [])].sort()).toEqual(refused.sort());
});

test("those who ask a daemon may import the types of its questions", async () => {
  const root = await temporary();
  await plantTree(root);
  for (const folder of ["cli", "lab"])
    await writeFile(join(root, "src", folder, "types.ts"), 'export type * from "../daemon/questions.js";\n');
  const { violations } = await cruise(root);
  expect(violations.filter(({ from }) => from.endsWith("/types.ts"))).toEqual([]);
});

test("a file outside the known folders of src may import nothing", async () => {
  const root = await temporary();
  await plantTree(root);
  await mkdir(join(root, "src/misc"));
  await writeFile(join(root, "src/misc/stray.ts"), 'import "../core/base/target.js";\n');
  const strays = (await cruise(root)).violations.filter(({ from }) => from === "src/misc/stray.ts");
  expect(strays).toHaveLength(1);
});

test("the project itself breaks no rule", async () => {
  const { violations, totalDependenciesCruised } = await cruise(project);
  expect(violations.map(({ from, to, rule }) => `${from} -> ${to}: ${rule.name}`)).toEqual([]);
  expect(totalDependenciesCruised).toBeGreaterThan(25);
});

/** What the compiler and Biome say of a file planted into a copy of the core. */
async function judge(tool: string, args: readonly string[], source: string): Promise<string> {
  const root = await temporary();
  await cp(join(project, "src/core"), join(root, "src/core"), { recursive: true });
  for (const file of ["tsconfig.json", "package.json", ".biome.json", ".gitignore"])
    await cp(join(project, file), join(root, file));
  await symlink(join(project, "node_modules"), join(root, "node_modules"));
  await writeFile(join(root, "src/core/base/planted.ts"), source);
  const run = await promisify(execFile)(bin(tool), args, { cwd: root, maxBuffer: 64 << 20 }).catch((error) => error);
  return `${run.stdout}${run.stderr}`;
}

test("the compiler knows no timer, no process, no Buffer and no Node module in the core", async () => {
  const names = ["setTimeout", "setImmediate", "process", "Buffer", "console", "performance"];
  const lines = names.map((name, i) => `export const planted${i} = ${name};`);
  const said = await judge("tsc", ["-b"], `export * from "node:fs";\n${lines.join("\n")}\n`);
  for (const name of [...names, "node:fs"]) expect(said).toMatch(new RegExp(`planted\\.ts.*'${name}'`));
}, 60_000);

test("Biome refuses Date and Promise in the core", async () => {
  const source = "export const at = Date.now();\nexport const soon = Promise.resolve(1);\n";
  const said = await judge("biome", ["lint", "src/core/base/planted.ts"], source);
  expect(said).toContain("the core reads no clock");
  expect(said).toContain("the core never waits");
});
