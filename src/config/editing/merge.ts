import type { Path } from "../feature.js";
import type { Grammar } from "../grammar.js";
import type { Model } from "../model.js";
import { type Difference, isEqual } from "../reading/differences.js";

type Tree = { readonly [key: string]: unknown };

/** The running configuration with the changes of a candidate, and what both changed in different ways. */
export interface Merged {
  readonly model: Model;
  readonly conflicts: readonly Path[];
}

/**
 * Merges by attribute what a candidate changed since `base` into the running configuration. Where both changed one
 * attribute to different values, or one removed the object whose attribute the other changed, it is a conflict, and the
 * merged model has the candidate's value.
 */
export function merged(base: Model, running: Model, candidate: Model, grammar: Grammar): Merged {
  if (base === running) return { model: candidate, conflicts: [] };
  const conflicts: Path[] = [];
  const single = new Set(grammar.collections.filter(({ isSingle }) => isSingle).map(({ attribute }) => attribute));
  const all = new Set(grammar.collections.map(({ attribute }) => attribute));
  const depthOf = (key: string): number => (!all.has(key) ? 0 : single.has(key) ? 1 : 2);
  const model = mergeInto(conflicts, [], base, running, candidate, depthOf) as Model;
  return { model, conflicts };
}

/** Merges the keys of three objects; `depthOf` says how many levels of objects lie below a key. */
function mergeInto(
  conflicts: Path[],
  path: Path,
  base: Tree,
  running: Tree,
  candidate: Tree,
  depthOf: (key: string) => number,
): Tree {
  const whole: { [key: string]: unknown } = {};
  for (const key of new Set([...Object.keys(running), ...Object.keys(candidate)])) {
    const [was, runs, wanted] = [own(base, key), own(running, key), own(candidate, key)];
    const value = mergeValue(conflicts, [...path, key], was, runs, wanted, depthOf(key));
    if (value !== undefined) whole[key] = value;
  }
  return whole;
}

function mergeValue(
  conflicts: Path[],
  path: Path,
  was: unknown,
  runs: unknown,
  wanted: unknown,
  depth: number,
): unknown {
  if (runs === was || isEqual(runs, was)) return wanted;
  if (wanted === was || isEqual(wanted, was) || isEqual(wanted, runs)) return runs;
  if (depth > 0 && isTree(runs) && isTree(wanted))
    return mergeInto(conflicts, path, isTree(was) ? was : {}, runs, wanted, () => depth - 1);
  conflicts.push(path);
  return wanted;
}

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

const own = (tree: Tree, key: string): unknown => (Object.hasOwn(tree, key) ? tree[key] : undefined);

/** The difference that touches a path: the attribute itself, an object around it, or one within it. */
export const touching = (differences: readonly Difference[], path: Path): Difference | undefined =>
  differences.find((difference) => {
    const length = Math.min(path.length, difference.path.length);
    return path.slice(0, length).every((key, at) => key === difference.path[at]);
  });
