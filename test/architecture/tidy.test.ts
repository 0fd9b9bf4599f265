import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { project, read, type Source } from "./sources.js";

const source = read("src", [".ts"]);
const native = read("native", [".c", ".h"]);
const tests = read("test", [".ts"]);
const bench = read("bench", [".ts", ".js", ".c"]);

/** The program without its comments and texts: prose may speak of a promise. */
const codeOf = (text: string) =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "").replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');

const BANNED_IN_CORE: readonly [what: string, pattern: RegExp][] = [
  ["Math.random", /\bMath\s*\.\s*random\b/],
  ["Date", /\bDate\b/],
  ["async", /\basync\b|\bawait\b/],
  ["Promise", /\bPromise\b/],
  ["enum", /\benum\s+\w/],
];

const bannedIn = (text: string) =>
  BANNED_IN_CORE.filter(([, pattern]) => pattern.test(codeOf(text))).map(([what]) => what);

const UNFINISHED = /\b(?:TODO|FIXME|XXX)\b/;
const SWITCHED_OFF = /\b(?:it|test|describe)\.(?:skip|only|todo|fails)\b|\b(?:runIf|skipIf)\(backend\b/;
const NAMELESS = /(?:^|\/)(?:utils?|helpers?|common|manager|misc|index)\.ts$/;
const KEBAB = /(?:^|\/)[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|d|bench|bpf))*\.(?:ts|js|c|h)$/;

const pathsWhere = (files: readonly Source[], bad: (file: Source) => boolean) =>
  files.filter(bad).map(({ path }) => path);

test("each ban of the core finds what it bans", () => {
  expect(bannedIn("const x = Math.random();")).toEqual(["Math.random"]);
  expect(bannedIn("const x = new Date();")).toEqual(["Date"]);
  expect(bannedIn("async function f() {}")).toEqual(["async"]);
  expect(bannedIn("let p: Promise<void>;")).toEqual(["Promise"]);
  expect(bannedIn("enum State { A }")).toEqual(["enum"]);
  expect(bannedIn('/** A Date, a Promise. */ const x = "Date"; // async')).toEqual([]);
});

test("the core uses no clock, no random source, no promise and no enum", () => {
  const core = source.filter(({ path }) => path.startsWith("src/core/"));
  expect(core.length).toBeGreaterThan(15);
  expect(core.flatMap(({ path, text }) => bannedIn(text).map((what) => `${path}: ${what}`))).toEqual([]);
});

test("nothing is left unfinished or switched off", () => {
  // This file names the words.
  const others = [...source, ...native, ...tests, ...bench].filter(({ path }) => !path.endsWith("tidy.test.ts"));
  expect(pathsWhere(others, ({ text }) => UNFINISHED.test(text))).toEqual([]);
  expect(pathsWhere(others, ({ text }) => SWITCHED_OFF.test(text))).toEqual([]);
});

test("files are named in kebab-case by what they hold", () => {
  const files = [...source, ...native, ...tests, ...bench];
  expect(pathsWhere(files, ({ path }) => !KEBAB.test(path))).toEqual([]);
  expect(pathsWhere(files, ({ path }) => NAMELESS.test(path))).toEqual([]);
});

test("the top level holds only what its rule names", () => {
  const allowed = ["package.json", "package-lock.json", "tsconfig.json", "README.md", "LICENSE"];
  const folders = ["src", "native", "bench", "test", "examples"];
  const made = ["node_modules", "dist"];
  const visible = readdirSync(project).filter((name) => !name.startsWith("."));
  expect(visible.filter((name) => ![...allowed, ...folders, ...made].includes(name))).toEqual([]);
});

/** Files of bench/ that import from test/ or the lab by themselves. */
const strayIn = (files: readonly Source[]) =>
  pathsWhere(files, ({ path, text }) => path !== "bench/lab.ts" && /from "(?:\.\.\/)+(?:test|src\/lab)\//.test(text));

test("benches have what they share with tests and the lab from one file", () => {
  expect(strayIn(bench)).toEqual([]);
  expect(strayIn([{ path: "bench/a/a.ts", text: 'import { run } from "../../test/support/lab.js";' }])).toHaveLength(1);
});

test("every PDU of core/wire has a test of its size", () => {
  const layouts = source
    .filter(({ path }) => path.startsWith("src/core/wire/"))
    .flatMap(({ text }) => [...text.matchAll(/^export const (\w+) = layout\(/gm)].map(([, name]) => name as string));
  expect(layouts).toEqual(expect.arrayContaining(["ethernet", "lacpdu", "marker"]));
  const pinned = (name: string) =>
    tests.some(({ text }) => new RegExp(`expect\\([^;]*\\b${name}\\.size\\b`).test(text));
  expect(layouts.filter((name) => !pinned(name))).toEqual([]);
});

test("every decision record has a number of its own and says context, choice and price", () => {
  const records = readdirSync(join(project, "src/decisions")).sort();
  expect(records.length).toBeGreaterThan(0);
  for (const [index, record] of records.entries()) {
    expect(record).toMatch(new RegExp(`^${String(index + 1).padStart(4, "0")}-[a-z0-9-]+\\.md$`));
    const text = readFileSync(join(project, "src/decisions", record), "utf8");
    for (const part of ["**Context.**", "**Choice.**", "**Price.**"]) expect(text, record).toContain(part);
  }
});
