import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const source = resolve(import.meta.dirname, "../../src");
const architecture = readFileSync(join(source, "ARCHITECTURE.md"), "utf8");

/** The numbered lists of a section, each item as its text. */
function listsOf(title: string, text = architecture): string[][] {
  const section = text.split(`\n## ${title}\n`)[1]?.split("\n## ")[0];
  if (section === undefined) throw new Error(`ARCHITECTURE.md has no section "${title}"`);
  const lists: string[][] = [];
  for (const line of section.split("\n")) {
    const item = /^(\d+)\. (.*)/.exec(line);
    if (item?.[1] === "1") lists.push([]);
    if (item !== null) lists.at(-1)?.push(item[2] as string);
  }
  return lists;
}

/** The file that an item is about is its first word in backticks; `<name>` stands for any folder or file. */
function standsInSource(item: string): boolean {
  const [, path] = /`([^`]+)`/.exec(item) ?? [];
  // "What the function calls": a file that only who adds knows.
  if (path === undefined) return true;
  const steps = path.split("/");
  const folders = (at: string, step: string): string[] =>
    step.includes("<")
      ? readdirSync(at)
          .filter((name) => new RegExp(`^${step.replaceAll(".", "\\.").replaceAll(/<[^>]+>/g, "[^/]+")}$`).test(name))
          .map((name) => join(at, name))
      : [join(at, step)];
  const root = steps[0] === "native" ? join(source, "..") : source;
  let places = [root];
  for (const step of steps)
    places = places.flatMap((at) => (existsSync(at) && statSync(at).isDirectory() ? folders(at, step) : []));
  return places.some((place) => existsSync(place));
}

/** How many existing files may be touched: of a protocol first without, then with the files of a new kind of I/O. */
const LIMITS: readonly [what: string, ...most: number[]][] = [
  ["To add a protocol", 6, 4],
  ["To add a display", 3],
  ["To add an operational action", 4],
  ["To add a line of configuration", 3],
  ["To add an input", 2],
  ["To add an event", 2],
  ["To add a C file", 1],
];

describe.for(LIMITS)("%s", ([title, ...most]) => {
  test(`touches at most ${most.join(" and ")} places`, () => {
    const lists = listsOf(title);
    expect(lists.map((list) => list.length)).toHaveLength(most.length);
    for (const [n, list] of lists.entries()) {
      expect(list.length).toBeGreaterThan(0);
      expect(list.length).toBeLessThanOrEqual(most[n] as number);
    }
  });

  test("names files that are there", () => {
    expect(listsOf(title).flatMap((list) => list.filter((item) => !standsInSource(item)))).toEqual([]);
  });
});

test("a list that is too long, or names a file that is gone, is seen", () => {
  const text = "\n## To add a toy\n\n1. `core/engine/parts.ts`: its place.\n2. `core/engine/wheels.ts`: its wheels.\n";
  const [list] = listsOf("To add a toy", text);
  expect(list).toHaveLength(2);
  expect(list?.filter((item) => !standsInSource(item))).toEqual(["`core/engine/wheels.ts`: its wheels."]);
});
