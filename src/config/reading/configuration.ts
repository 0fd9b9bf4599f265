import type { Path } from "../feature.js";
import type { Model } from "../model.js";

/** A problem; `line` counts from 1. The text stands after `FILE:LINE: `. */
export interface Problem {
  readonly line: number;
  readonly text: string;
}

/** A notice for the operator, which is no error. */
export interface Notice {
  readonly line: number;
  readonly text: string;
}

export interface Configuration {
  /** The model; not to be used when there are problems. */
  readonly model: Model;
  /** Every problem, by line. */
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
}

/** Longest line of a configuration, in characters. */
export const LONGEST_LINE = 3100;
/** Problems after which reading stops, since such a file is no configuration. */
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
