import { dirname } from "node:path";
import { expect, test } from "vitest";
import exceptions from "./exceptions.json" with { type: "json" };
import { cFunctionsOf, functionsOf } from "./functions.js";
import { read, type Source } from "./sources.js";

const MOST_LINES_OF_A_FILE = 400;
const MOST_LINES_OF_A_FUNCTION = 70;
const MOST_FILES_OF_A_FOLDER = 20;

const everything = ["src", "native", "test", "bench"].flatMap((folder) =>
  read(folder, [".ts", ".js", ".cjs", ".c", ".h", ".sh"]),
);

const longFiles = (files: readonly Source[]): string[] =>
  files.filter(({ text }) => text.split("\n").length - 1 > MOST_LINES_OF_A_FILE).map(({ path }) => path);

const longFunctions = (files: readonly Source[]): string[] =>
  files.flatMap((file) =>
    (/\.[ch]$/.test(file.path) ? cFunctionsOf(file) : functionsOf(file))
      .filter(({ lines }) => lines > MOST_LINES_OF_A_FUNCTION)
      .map(({ name }) => `${file.path}: ${name}`),
  );

/** Decision records are one numbered list, which only grows. */
const isRecord = ({ path }: Source): boolean => path.startsWith("src/decisions/");

/** Folders with too many files of their own. */
function fullFolders(files: readonly Source[]): string[] {
  const count = new Map<string, number>();
  for (const { path } of files.filter((file) => !isRecord(file)))
    count.set(dirname(path), (count.get(dirname(path)) ?? 0) + 1);
  return [...count].filter(([, number]) => number > MOST_FILES_OF_A_FOLDER).map(([folder]) => folder);
}

// What is over today stands in exceptions.json. An entry that is over no more fails as well: the lists only get shorter.
test("no file is longer than 400 lines", () => {
  expect(longFiles(everything).sort()).toEqual([...exceptions.files].sort());
});

test("the engine knows no protocol, so it has fewer than 200 lines", () => {
  const engine = everything.find(({ path }) => path === "src/core/engine/engine.ts");
  expect(engine?.text.split("\n").length).toBeLessThan(200);
});

test("no function is longer than 70 lines", { timeout: 60_000 }, () => {
  const code = everything.filter(({ path }) => !path.endsWith(".sh"));
  expect(longFunctions(code).sort()).toEqual([...exceptions.functions].sort());
});

test("no folder of src has more than 20 files of its own", () => {
  expect(fullFolders(read("src", [""])).sort()).toEqual([...exceptions.folders].sort());
});

/** A file with so many lines between two others. */
const padded = (path: string, before: string, lines: number, after: string): Source => ({
  path,
  text: `${before}\n${"  x();\n".repeat(lines)}${after}\n`,
});

test("a file of 401 lines is found, one of 400 is not", () => {
  expect(longFiles([padded("a.ts", "{", 399, "}"), padded("b.ts", "{", 398, "}")])).toEqual(["a.ts"]);
});

test.for([
  ["function", "function f() {", "}", "f"],
  ["arrow function", "const f = () => {", "};", "f"],
  ["method", "class A { m() {", "}}", "m"],
  ["constructor", "class A { constructor() {", "}}", "constructor"],
  ["getter", "class A { get m() {", "}}", "m"],
  ["function in an object", "const a = { f: () => {", "}};", "f"],
  ["test", 'test("it holds", () => {', "});", "it holds"],
  ["callback", "files.map((x) => {", "});", "files.map"],
])("a %s of 71 lines is found, one of 70 is not", ([, before = "", after = "", name]) => {
  expect(longFunctions([padded("a.ts", before, 69, after)])).toEqual([`a.ts: ${name}`]);
  expect(longFunctions([padded("a.ts", before, 68, after)])).toEqual([]);
});

test("a C function of 71 lines is found, one of 70 is not, a table is none", () => {
  for (const before of ["static int f(int a) {", "static int f(int a,\n             int b) {"]) {
    const more = before.split("\n").length - 1;
    expect(longFunctions([padded("a.c", before, 69 - more, "}")])).toEqual(["a.c: f"]);
    expect(longFunctions([padded("a.c", before, 68 - more, "}")])).toEqual([]);
  }
  expect(longFunctions([padded("a.c", "int f(void) {\n}\nstatic int table[] = {", 99, "};")])).toEqual([]);
});

test.for([
  ["describe", 'describe("a port", () => {', "});"],
  ["describe.runIf", 'describe.runIf(isRoot)("a port", () => {', "});"],
  ["function that lists tests", 'const listed = () => {\n  test("it holds", () => {});', "};"],
])("a %s of any length is no function", ([, before = "", after = ""]) => {
  expect(longFunctions([padded("a.test.ts", before, 99, after)])).toEqual([]);
});

test("a folder of 21 files is found, one of 20 is not", () => {
  const files = (folder: string, number: number) =>
    Array.from({ length: number }, (_, n) => ({ path: `${folder}/${n}.ts`, text: "" }));
  expect(fullFolders([...files("src/a", 21), ...files("src/b", 20), ...files("src/b/c", 20)])).toEqual(["src/a"]);
});
