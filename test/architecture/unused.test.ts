import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { planted } from "./scratch.js";
import { project, read } from "./sources.js";

// Each test runs a program over a tree.
vi.setConfig({ testTimeout: 60_000 });

const packageText = readFileSync(join(project, "package.json"), "utf8");

interface Issues {
  readonly file: string;
  readonly files: readonly unknown[];
  readonly exports: readonly { readonly name: string }[];
  readonly types: readonly { readonly name: string }[];
  readonly dependencies: readonly { readonly name: string }[];
}

/** What knip finds in a small program that has these files besides its own, as `path: name`. */
async function unused(files: Readonly<Record<string, string>>, ...flags: string[]): Promise<string[]> {
  const root = await planted({ "src/etrunkd.ts": "", "src/etrunkctl.ts": "", ...files });
  const args = ["--config", ".knip.jsonc", "--reporter", "json", ...flags];
  const run = promisify(execFile)(join(project, "node_modules/.bin/knip"), args, { cwd: root });
  // It exits with 1 when it found something; what it found is on stdout all the same.
  const { stdout } = await run.catch((error) => error);
  return (JSON.parse(stdout).issues as Issues[]).flatMap(({ file, files, exports, types, dependencies }) => [
    ...files.map(() => file),
    ...[...exports, ...types, ...dependencies].map(({ name }) => `${file}: ${name}`),
  ]);
}

const uses = (names: string) => `import { ${names} } from "./core/a.js";\nconsole.log(${names});\n`;

test("a file that nobody imports is found", async () => {
  expect(await unused({ "src/core/a.ts": "export const a = 1;\n" })).toContain("src/core/a.ts");
});

test("an export that nobody imports is found, a value and a type", async () => {
  const source = "export const a = 1;\nexport const b = 2;\nexport interface C { d: 1 }\n";
  const found = await unused({ "src/etrunkd.ts": uses("a"), "src/core/a.ts": source });
  expect(found).toEqual(expect.arrayContaining(["src/core/a.ts: b", "src/core/a.ts: C"]));
  expect(found).not.toContain("src/core/a.ts: a");
});

test("an export that only a test imports is found in the program alone, unless it says so", async () => {
  const files = {
    "src/etrunkd.ts": uses("a"),
    "src/core/a.ts": "export const a = 1;\nexport const b = 2;\n/** Of tests. @internal */\nexport const c = 3;\n",
    "test/a.test.ts": 'import { b, c } from "../src/core/a.js";\nconsole.log(b, c);\n',
  };
  expect((await unused(files)).filter((name) => name.startsWith("src/"))).toEqual([]);
  expect(await unused(files, "--production")).toContain("src/core/a.ts: b");
  expect(await unused(files, "--production")).not.toContain("src/core/a.ts: c");
});

test("a package that nothing imports is found", async () => {
  const dependencies = { zod: "^4.6.7", pino: "^10.4.0" };
  const found = await unused({
    "package.json": JSON.stringify({ ...JSON.parse(packageText), dependencies }),
    "src/etrunkd.ts": 'import { z } from "zod";\nconsole.log(z);\n',
  });
  expect(found).toContain("package.json: pino");
  expect(found).not.toContain("package.json: zod");
});

test("every optional package is one that src asks for: knip leaves them out", () => {
  const names = Object.keys(JSON.parse(packageText).optionalDependencies ?? {});
  const asked = (name: string) => read("src", [".ts"]).some(({ text }) => text.includes(`("${name}")`));
  expect(names.filter((name) => !asked(name))).toEqual(["raw-socket"]);
});
