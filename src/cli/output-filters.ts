import { type Completion, completeLine, helpLines } from "../config/language/help.js";
import type { Line, LineError, Word } from "../config/language/line.js";
import { matchLine, Rows, type Syntax } from "../config/language/match.js";
import { integer, word } from "../config/language/parameters.js";
import { compile, type Parameters } from "../config/language/pattern.js";
import { type RegularExpression, regularExpression } from "./regular-expression.js";

const MOST_FILTERS = 32;
const DEFAULT_REFRESH_SECONDS = 5;

type FilterName =
  | "include"
  | "exclude"
  | "begin"
  | "section"
  | "count"
  | "no-more"
  | "ignore-case"
  | "refresh"
  | "json";

interface FilterRow extends Syntax {
  readonly name: FilterName;
}

const PARAMETERS: Parameters = {
  regex: { type: word(1, 256, /^/), help: "Regular expression: \\ ^ $ * + . ( ) | [ ] [^ ] { , }" },
  seconds: { type: integer(1, 3600), help: "Interval in seconds, the default value is 5" },
};

const row = (syntax: string, help: string): FilterRow => ({
  name: syntax.split(" ", 1)[0] as FilterName,
  pattern: compile(syntax, PARAMETERS),
  help,
  words: {},
});

const ROWS = new Rows<FilterRow>([
  row("include <regex>", "Print the lines that match"),
  row("exclude <regex>", "Print the lines that do not match"),
  row("begin <regex>", "Print from the first line that matches on"),
  row("section include <regex>", "Print the sections with a line that matches"),
  row("count", "Print how many lines there are"),
  row("no-more", "Print without stopping after each page"),
  row("ignore-case", "Let every expression match capital and small letters alike"),
  row("refresh [ <seconds> ]", "Print again and again until Ctrl+C"),
  row("json", "Print one JSON document"),
]);

type Transform = (lines: readonly string[]) => readonly string[];

export type FilterResult =
  | { readonly ok: true; readonly chain: FilterChain }
  | { readonly ok: false; readonly error: LineError };

/** The filters behind the pipes of one line, applied left to right. */
export class FilterChain {
  readonly json: boolean;
  readonly paging: boolean;
  /** Print again after so many seconds; undefined: print once. */
  readonly refreshSeconds: number | undefined;
  readonly #transforms: readonly Transform[];

  constructor(
    transforms: readonly Transform[],
    { json = false, paging = true, refreshSeconds }: { json?: boolean; paging?: boolean; refreshSeconds?: number },
  ) {
    this.#transforms = transforms;
    this.json = json;
    this.paging = paging;
    this.refreshSeconds = refreshSeconds;
  }

  /** True when the text comes out as it goes in. */
  get isEmpty(): boolean {
    return this.#transforms.length === 0;
  }

  /** The text that is left, whole lines; an empty result is an empty text. */
  apply(text: string): string {
    if (this.isEmpty) return text;
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    const left = this.#transforms.reduce<readonly string[]>((before, transform) => transform(before), lines);
    return left.map((line) => `${line}\n`).join("");
  }

  /** Reads the filters from the word `pipe` of the line on, which is the first `|`. */
  static read(line: Line, pipe: number): FilterResult {
    const parts: { name: FilterName; segment: Line; value: unknown }[] = [];
    for (const segment of segments(line, pipe)) {
      const outcome = matchLine(ROWS, segment);
      if (!outcome.ok) return outcome;
      const isAlone = parts.length === 0 || !(outcome.row.name === "json" || parts[0]!.name === "json");
      if (!isAlone || parts.length === MOST_FILTERS) {
        const first = segment.words[0]!;
        return { ok: false, error: { kind: "too-many", column: first.start, word: first.text, expected: [] } };
      }
      const { regex, seconds } = outcome.match.values;
      parts.push({ name: outcome.row.name, segment, value: regex ?? seconds });
    }
    const ignoreCase = parts.some(({ name }) => name === "ignore-case");
    const transforms: Transform[] = [];
    for (const { name, segment, value } of parts) {
      if (typeof value !== "string") {
        if (name === "count") transforms.push((lines) => [`Total lines: ${lines.length}.`]);
        continue;
      }
      const result = regularExpression(value, { ignoreCase });
      if ("problem" in result) return { ok: false, error: wrong(segment.words.at(-1)!, result.problem) };
      transforms.push(transformOf(name, result.expression));
    }
    const refresh = parts.find(({ name }) => name === "refresh");
    const chain = new FilterChain(transforms, {
      json: parts[0]?.name === "json",
      paging: !parts.some(({ name }) => name === "no-more"),
      ...(refresh ? { refreshSeconds: (refresh.value as number | undefined) ?? DEFAULT_REFRESH_SECONDS } : {}),
    });
    return { ok: true, chain };
  }
}

export const NO_FILTERS = new FilterChain([], {});

const wrong = (at: Word, problem: string): LineError => ({
  kind: "wrong",
  column: at.start,
  word: at.text,
  expected: [`regular expression: ${problem}`],
});

/** The words between the pipes; the text of each ends with its last word, where a caret for a missing one stands. */
function segments(line: Line, pipe: number): Line[] {
  const found: Line[] = [];
  let words: Word[] = [];
  let end = line.words[pipe]!.end;
  const close = () => found.push({ text: line.text.slice(0, words.at(-1)?.end ?? end), words });
  for (const each of line.words.slice(pipe + 1)) {
    if (each.text === "|" && !each.quoted) {
      close();
      words = [];
      end = each.end;
    } else words.push(each);
  }
  close();
  return found;
}

function transformOf(name: FilterName, expression: RegularExpression): Transform {
  const fits = (line: string): boolean => expression.matches(line);
  switch (name) {
    case "exclude":
      return (lines) => lines.filter((line) => !fits(line));
    case "begin":
      return (lines) => {
        const first = lines.findIndex(fits);
        return first < 0 ? [] : lines.slice(first);
      };
    case "section":
      return (lines) =>
        sections(lines)
          .filter((section) => section.some(fits))
          .flat();
    default:
      return (lines) => lines.filter(fits);
  }
}

/** A section begins with its `#` at column 0. */
function sections(lines: readonly string[]): string[][] {
  const all: string[][] = [];
  for (const line of lines) {
    if (line.startsWith("#") || all.length === 0) all.push([]);
    all.at(-1)!.push(line);
  }
  return all;
}

/** The text after the last pipe, what stands before it blanked so that columns stay true. */
function afterLastPipe(text: string, line: Line, pipe: number): string {
  const last = line.words.findLast((each, n) => n >= pipe && each.text === "|" && !each.quoted)!;
  return " ".repeat(last.end) + text.slice(last.end);
}

/** What `?` prints after a line with a pipe. */
export function helpForFilters(text: string, line: Line, pipe: number): string[] {
  const lines = helpLines(ROWS, afterLastPipe(text, line, pipe));
  return lines[0] === "Current view commands:" ? lines.slice(1) : lines;
}

export const completeFilters = (text: string, line: Line, pipe: number): Completion =>
  completeLine(ROWS, afterLastPipe(text, line, pipe));
