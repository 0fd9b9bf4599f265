import type { Path } from "../feature.js";
import type { Model } from "../model.js";

/** Something wrong; `line` counts from 1. The text stands behind `FILE:LINE: `. */
export interface Problem {
  readonly line: number;
  readonly text: string;
}

/** Something the operator is told that is no error. */
export interface Notice {
  readonly line: number;
  readonly text: string;
}

export interface Configuration {
  /** Of no use where there are problems. */
  readonly model: Model;
  /** Every problem, by line. */
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
}

/** Longest line of a configuration, in characters. */
export const LONGEST_LINE = 3100;
/** A file that is no configuration at all need not be quoted whole. */
export const MOST_PROBLEMS = 10_000;

export const keyOf = (path: Path): string => path.join("\0");

/** The line of a finding: of the attribute, else of the object. */
export function lineOf(lines: ReadonlyMap<string, number>, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(keyOf(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}
