import { completeLine, helpLines, type Known } from "../config/language/help.js";
import { errorLines, errorText, type Line, type LineError, splitLine } from "../config/language/line.js";
import { type Match, matchLine, Rows, type Said, type Syntax, type Words } from "../config/language/match.js";
import { COMMANDS, WORDS } from "./commands/commands.js";
import type { CommandRow } from "./commands/row.js";
import { completeFilters, FilterChain, helpForFilters, NO_FILTERS } from "./output-filters.js";

export type ParsedLine =
  | {
      readonly ok: true;
      readonly row: CommandRow | ConfigurationLine;
      readonly match: Match;
      readonly said: readonly Said[];
      readonly filters: FilterChain;
    }
  | { readonly ok: false; readonly refusal: LineRefusal };

/** A line of configuration, which the daemon applies. */
interface ConfigurationLine extends Syntax {
  readonly kind: "configuration";
}

/** The refusal of a line: the place at which it stops being a command, or a text when no place is at fault. */
export type LineRefusal = LineError | string;

/** Longest line that is read, in characters. */
const LONGEST_LINE = 3_100;

/** Reads, explains and completes lines, by the rows of all commands. */
export class CommandLine {
  readonly #commands: readonly CommandRow[];
  readonly #rows: Rows<CommandRow | ConfigurationLine>;

  /** Of user view, or of a view of the configuration that has `lines` of its own. */
  constructor(commands: readonly CommandRow[] = COMMANDS, words: Words = WORDS, lines?: readonly ConfigurationLine[]) {
    this.#commands = commands;
    const here = lines === undefined ? "user" : "configuration";
    const typed = commands.filter((row) => row.in === "any" || row.in === here);
    this.#rows = new Rows([...typed, ...(lines ?? [])], words);
  }

  /** The same commands in a view of the configuration, with the lines of that view. */
  inView({ rows: { rows, words } }: { readonly rows: Rows<Syntax> }): CommandLine {
    const lines = rows.map(({ pattern, help, words }) => ({ kind: "configuration", pattern, help, words }) as const);
    return new CommandLine(this.#commands, { ...this.#rows.words, ...words }, lines);
  }

  /** Reads a line; after that it is not refused any more for its form. */
  parse(text: string): ParsedLine {
    if (text.length > LONGEST_LINE) {
      return { ok: false, refusal: `The line is longer than ${LONGEST_LINE} characters.` };
    }
    const whole = splitLine(text);
    const pipe = pipeOf(whole);
    const words = pipe < 0 ? whole.words : whole.words.slice(0, pipe);
    const outcome = matchLine(this.#rows, { text: whole.text.slice(0, words.at(-1)?.end ?? 0), words });
    if (!outcome.ok) return { ok: false, refusal: outcome.error };
    const { row, match, said } = outcome;
    if (pipe < 0) return { ok: true, row, match, said, filters: NO_FILTERS };
    const filters = FilterChain.read(whole, pipe);
    return filters.ok ? { ok: true, row, match, said, filters: filters.chain } : { ok: false, refusal: filters.error };
  }

  /** What `?` prints after `text`, line by line. */
  help(text: string): string[] {
    const line = splitLine(text);
    const pipe = pipeOf(line);
    return pipe < 0 ? helpLines(this.#rows, text) : helpForFilters(text, line, pipe);
  }

  /** What Tab may put in place of the text from `start` on. */
  complete(text: string, known: Known): { start: number; candidates: readonly string[] } {
    const line = splitLine(text);
    const pipe = pipeOf(line);
    if (line.words.at(-1)?.text === "|" && pipe >= 0 && line.text.length === text.length) {
      return { start: text.length, candidates: [] };
    }
    return pipe < 0 ? completeLine(this.#rows, text, known) : completeFilters(text, line, pipe);
  }
}

/** Index of the word `|` that begins the first filter of a display; -1 without one. */
function pipeOf(line: Line): number {
  const first = line.words[0]?.text.toLowerCase() ?? "";
  if (first === "" || !"display".startsWith(first)) return -1;
  return line.words.findIndex((word) => word.text === "|" && !word.quoted);
}

/**
 * Lines under a refused line whose first character is in column `indent`: the caret and the text, or the text alone
 * when the line is too long for a caret.
 */
export function refusalLines(refusal: LineRefusal, indent: number): string[] {
  if (typeof refusal === "string") return [`Error: ${refusal}`];
  const [caret = "", ...texts] = errorLines(refusal);
  return [" ".repeat(indent) + caret, ...texts];
}

/** The refusal in one line, for a file. */
export const refusalText = (refusal: LineRefusal): string =>
  typeof refusal === "string" ? refusal : errorText(refusal);

/** Of two reasons why a line is no command the one that stands further right. */
export function furthest(one: LineRefusal | undefined, other: LineError): LineRefusal {
  return one === undefined || (typeof one !== "string" && other.column > one.column) ? other : one;
}

/** The line that the words of an argument list make; a single word is a whole line. */
export const lineOf = (words: readonly string[]): string =>
  words.length === 1 ? words[0]! : words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(" ");
