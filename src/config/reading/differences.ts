import type { Path } from "../feature.js";
import type { Grammar } from "../grammar.js";
import { attributeOf, type Fields } from "../language/setting.js";
import type { Model } from "../model.js";
import { type PrintedLine, type Section, sectionsOf } from "./print.js";

/** One attribute that differs; null where a side lacks it. */
export interface Difference {
  readonly path: Path;
  readonly from: unknown;
  readonly to: unknown;
}

/** Differences between two models by attribute; an object on one side only is one difference. */
export function differencesBetween(from: Model, to: Model): Difference[] {
  const differences: Difference[] = [];
  compare([], from, to, differences);
  return differences;
}

/** Attributes of an interface are compared as wholes: one command sets each. */
const DEEPEST = 3;

function compare(path: Path, from: unknown, to: unknown, differences: Difference[]): void {
  if (from === to) return;
  if (!isObject(from) || !isObject(to) || path.length >= DEEPEST) {
    if (!isEqual(from, to)) differences.push({ path, from: from ?? null, to: to ?? null });
    return;
  }
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
    compare([...path, key], attributeOf(from, key), attributeOf(to, key), differences);
}

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => isEqual(each, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isEqual(attributeOf(a, key), attributeOf(b, key)));
}

/** The differences as lines behind `- ` and `+ `, each section under its unchanged view line; empty when nothing differs. */
export function printDifferences(from: Model, to: Model, grammar?: Grammar): string[] {
  const [before, after] = [bySection(sectionsOf(from, grammar)), bySection(sectionsOf(to, grammar))];
  // The sections of both in printed order; a removed section keeps its place between its neighbours.
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
function bySection(sections: Iterable<Section>): Map<string, readonly PrintedLine[]> {
  const all = new Map<string, readonly PrintedLine[]>();
  for (const { viewLine = "", lines } of sections) all.set(viewLine, [...(all.get(viewLine) ?? []), ...lines]);
  return all;
}

function changedLines(
  viewLine: string,
  before: readonly PrintedLine[] | undefined,
  after: readonly PrintedLine[] | undefined,
): string[] {
  const whole = before === undefined || after === undefined;
  const changes = pairedChanges(missingIn(before ?? [], after ?? []), missingIn(after ?? [], before ?? []));
  if (changes.length === 0 && !whole) return [];
  if (viewLine === "") return changes.map(([sign, line]) => `${sign} ${line}`);
  const sign = !whole ? " " : before === undefined ? "+" : "-";
  return [`${sign} ${viewLine}`, ...changes.map(([sign, line]) => `${sign}  ${line}`)];
}

function missingIn(lines: readonly PrintedLine[], others: readonly PrintedLine[]): readonly PrintedLine[] {
  const texts = new Set(others.map(({ text }) => text));
  return lines.filter(({ text }) => !texts.has(text));
}

type Change = readonly [sign: "-" | "+", line: string];

/** A changed attribute is its `-` lines, then its `+` lines. */
function pairedChanges(removed: readonly PrintedLine[], added: readonly PrintedLine[]): Change[] {
  const attributes = new Set([...removed, ...added].map(({ attribute }) => attribute));
  const of = (lines: readonly PrintedLine[], sign: "-" | "+", wanted: string) =>
    lines.flatMap(({ attribute, text }): Change[] => (attribute === wanted ? [[sign, text]] : []));
  return [...attributes].flatMap((attribute) => [...of(removed, "-", attribute), ...of(added, "+", attribute)]);
}
