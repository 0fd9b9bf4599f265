import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { expect, test } from "vitest";

/** The C files of the addon, and the TypeScript files that give their functions types. */

const project = resolve(import.meta.dirname, "../..");
const native = join(project, "native");

interface CFile {
  /** Without folder, e.g. `ring.c`. */
  readonly name: string;
  readonly text: string;
}

const files: readonly CFile[] = readdirSync(native, { recursive: true, withFileTypes: true })
  .filter(
    (entry) => entry.isFile() && /\.[ch]$/.test(entry.name) && !entry.parentPath.startsWith(join(native, "build")),
  )
  // What the kernel runs, and what is made of it, is no part of the addon's own code.
  .filter(({ name }) => !name.endsWith(".bpf.c"))
  .map((entry) => ({ name: entry.name, text: readFileSync(join(entry.parentPath, entry.name), "utf8") }));

/** A C file and its header are one unit. */
const unitOf = (name: string): string => basename(name).replace(/\.[ch]$/, "");

/** What each unit includes of the others. */
function includesOf(all: readonly CFile[]): Map<string, Set<string>> {
  const includes = new Map(all.map(({ name }) => [unitOf(name), new Set<string>()]));
  for (const { name, text } of all)
    for (const [, header] of text.matchAll(/^#include "([^"]+)"/gm)) {
      const other = unitOf(header as string);
      if (other !== unitOf(name)) includes.get(unitOf(name))?.add(other);
    }
  return includes;
}

/** Units that include each other by way of others, each as a path from one back to itself. */
function circlesOf(all: readonly CFile[]): string[] {
  const includes = includesOf(all);
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (unit: string, path: readonly string[]): void => {
    if (path.includes(unit)) circles.push([...path.slice(path.indexOf(unit)), unit].join(" -> "));
    if (path.includes(unit) || done.has(unit)) return;
    for (const other of includes.get(unit) ?? []) visit(other, [...path, unit]);
    done.add(unit);
  };
  for (const unit of includes.keys()) visit(unit, []);
  return circles;
}

/** Functions other files can call that the header of the same name does not declare. */
function undeclaredIn(all: readonly CFile[]): string[] {
  return all
    .filter(({ name }) => name.endsWith(".c"))
    .flatMap(({ name, text }) => {
      const header = all.find((other) => other.name === `${unitOf(name)}.h`)?.text ?? "";
      const defined = [
        ...text.matchAll(/^(?!static|__attribute__|typedef|#|EXPORTS|NAPI_MODULE)\w[\w *]*?\b(\w+)\([^;]*?\) \{$/gm),
      ];
      return defined
        .map(([, called]) => called as string)
        .filter((called) => !new RegExp(`\\b${called}\\(`).test(header))
        .map((called) => `${name}: ${called}`);
    });
}

/** Names of the functions a C file exports. */
const exportsOf = (text: string): string[] =>
  [...(/^EXPORTS\(([\s\S]*)\)\n/m.exec(text)?.[1]?.matchAll(/\{"(\w+)",/g) ?? [])]
    .map(([, name]) => name as string)
    .sort();

/** Names of the methods of the one interface that ends with `Functions`. */
const typedIn = (text: string): string[] => {
  const body = /^interface \w+Functions \{\n([\s\S]*?)\n\}/m.exec(text)?.[1] ?? "";
  return [...body.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name as string).sort();
};

test("a circle and a function without a declaration are found", () => {
  const planted = (name: string, text: string): CFile => ({ name, text });
  const ring = [
    planted("a.c", '#include "a.h"\n#include "sub/b.h"\n'),
    planted("a.h", ""),
    planted("b.h", '#include "a.h"\n'),
  ];
  expect(circlesOf(ring)).toEqual(["a -> b -> a"]);
  expect(circlesOf(ring.slice(0, 2))).toEqual([]);
  const stray = [
    planted("a.c", "int open_it(int fd) {\n}\nstatic int own(void) {\n}\n"),
    planted("a.h", "int other(void);"),
  ];
  expect(undeclaredIn(stray)).toEqual(["a.c: open_it"]);
  expect(exportsOf('EXPORTS({"two", b}, {"one",\n        a})\n')).toEqual(["one", "two"]);
});

test("C files include each other in one direction, and a function is declared in the header of its own file", () => {
  expect(files.length).toBeGreaterThan(40);
  expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
  expect(circlesOf(files)).toEqual([]);
  expect(undeclaredIn(files)).toEqual([]);
});

test("every function of the addon has its type in the file of the same name", () => {
  const typed = join(project, "src/linux/native");
  const exporting = files.filter(({ text }) => exportsOf(text).length > 0);
  expect(exporting.length).toBeGreaterThan(15);
  for (const { name, text } of exporting) {
    const types = readFileSync(join(typed, `${unitOf(name)}.ts`), "utf8");
    expect(typedIn(types), name).toEqual(exportsOf(text));
  }
  const units = exporting.map(({ name }) => `${unitOf(name)}.ts`);
  expect(readdirSync(typed).sort()).toEqual([...units, "addon.ts"].sort());
});
