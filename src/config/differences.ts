import type { Model, Path } from "./model.js";
import { type Section, sectionsOf } from "./print.js";

/** One attribute that differs; null where a side lacks it. */
export interface Difference {
  readonly path: Path;
  readonly from: unknown;
  readonly to: unknown;
}

/** What differs between two models, attribute by attribute; an object on one side only is one difference. */
export function differencesBetween(from: Model, to: Model): Difference[] {
  const differences: Difference[] = [];
  compare([], from, to, differences);
  return differences;
}

/** Attributes of an interface are compared as wholes: one command sets each. */
const DEEPEST = 3;

function compare(path: Path, from: unknown, to: unknown, differences: Difference[]): void {
  if (!isObject(from) || !isObject(to) || path.length >= DEEPEST) {
    if (!isEqual(from, to)) differences.push({ path, from: from ?? null, to: to ?? null });
    return;
  }
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
    compare([...path, key], field(from, key), field(to, key), differences);
}

type Fields = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const field = (object: Fields, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);

function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => isEqual(each, b[i]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isEqual(field(a, key), field(b, key)));
}

/** The differences as lines behind `- ` and `+ `, each section under its unchanged view line; empty when nothing differs. */
export function printDifferences(from: Model, to: Model): string[] {
  const [before, after] = [bySection(sectionsOf(from)), bySection(sectionsOf(to))];
  // The sections of both in printed order: what goes stands where its neighbours stood.
  const keys = [...after.keys()];
  let place = 0;
  for (const key of before.keys()) {
    const at = keys.indexOf(key);
    if (at >= 0) place = at + 1;
    else keys.splice(place++, 0, key);
  }
  const sections = keys.map((key) => changedLines(key, before.get(key), after.get(key)));
  return sections.filter((lines) => lines.length > 0).flatMap((lines, i) => (i === 0 ? lines : ["  #", ...lines]));
}

/** Sections by view line; the one-line commands are one section. */
function bySection(sections: readonly Section[]): Map<string, readonly string[]> {
  const all = new Map<string, readonly string[]>();
  for (const { viewLine = "", lines } of sections) all.set(viewLine, [...(all.get(viewLine) ?? []), ...lines]);
  return all;
}

const NO_LINES: readonly string[] = [];

function changedLines(
  viewLine: string,
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): string[] {
  const removed = (before ?? NO_LINES).filter((line) => !after?.includes(line));
  const added = (after ?? NO_LINES).filter((line) => !before?.includes(line));
  const isNew = before === undefined || after === undefined;
  if (removed.length + added.length === 0 && !isNew) return [];
  const indent = viewLine === "" ? "" : " ";
  const sign = !isNew ? " " : before === undefined ? "+" : "-";
  const changes = pairedChanges(removed, added).map(([mark, line]) => `${mark} ${indent}${line}`);
  return viewLine === "" ? changes : [`${sign} ${viewLine}`, ...changes];
}

/** A changed value is its `-` line, then its `+` line: lines pair where they begin with the same two words. */
function pairedChanges(removed: readonly string[], added: readonly string[]): (readonly ["-" | "+", string])[] {
  const command = (line: string) =>
    line
      .replace(/^undo /, "")
      .split(" ")
      .slice(0, 2)
      .join(" ");
  const rest = [...added];
  const changes = removed.flatMap((line) => {
    const at = rest.findIndex((other) => command(other) === command(line));
    const pair = at < 0 ? [] : rest.splice(at, 1);
    return [["-", line] as const, ...pair.map((other) => ["+", other] as const)];
  });
  return [...changes, ...rest.map((line) => ["+", line] as const)];
}
