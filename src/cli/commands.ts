import { completeLine, helpLines, type Known } from "../config/language/help.js";
import { errorLines, errorText, type Line, type LineError, splitLine } from "../config/language/line.js";
import { type Match, matchLine, Rows, type Syntax } from "../config/language/match.js";
import { integer } from "../config/language/parameters.js";
import { compile, type Parameters } from "../config/language/pattern.js";
import { OPERATIONAL_ROWS, OPERATIONAL_WORDS, type OperationalCommand } from "../config/operational.js";
import { completeFilters, FilterChain, helpForFilters, NO_FILTERS } from "./output-filters.js";

/** What the shell does by itself, besides the commands of the grammar. */
type ShellCommand =
  | { readonly command: "marker"; readonly id: number; readonly count: number }
  | { readonly command: "quit" }
  | { readonly command: "return" }
  | { readonly command: "system-view" }
  | { readonly command: "display-history" }
  /** Lines of a page; 0 is no paging. */
  | { readonly command: "screen-length"; readonly lines: number };

export type Command = OperationalCommand | ShellCommand;

export type ParsedLine =
  | { readonly ok: true; readonly command: Command; readonly filters: FilterChain }
  | { readonly ok: false; readonly refusal: LineRefusal };

/** Why a line is no command: where it stops being one, or a text where no place of it is at fault. */
export type LineRefusal = LineError | string;

interface CommandRow extends Syntax {
  read(match: Match): Command;
}

/** Longest line that is read, in characters. */
const LONGEST_LINE = 3_100;

export const PAGE_LINES = 24;

const PARAMETERS: Parameters = {
  id: { type: integer(0, 65535, "trunks"), help: "Number of the Eth-Trunk" },
  count: { type: integer(1, 1000), help: "Markers to send on each port, one a second, the default value is 1" },
  lines: { type: integer(0, 512), help: `Lines of a page, 0 for no paging, the default value is ${PAGE_LINES}` },
};

const row = (syntax: string, help: string, read: CommandRow["read"], words: CommandRow["words"] = {}): CommandRow => ({
  pattern: compile(syntax, PARAMETERS),
  help,
  words,
  read,
});

const SHELL_ROWS: readonly CommandRow[] = [
  row(
    "marker eth-trunk <id> [ <count> ]",
    "Measure the round trip to the partner with Marker PDUs",
    ({ values }) => ({ command: "marker", id: values.id as number, count: (values.count as number | undefined) ?? 1 }),
    { "eth-trunk": "Eth-Trunk interface" },
  ),
  row("display history-command", "The last commands of this session", () => ({ command: "display-history" })),
  row("quit", "End the session", () => ({ command: "quit" })),
  row("return", "Stay in the user view", () => ({ command: "return" })),
  row("system-view", "Not in this version", () => ({ command: "system-view" })),
  row(
    "screen-length <lines> temporary",
    "Set how many lines a page has",
    ({ values }) => ({ command: "screen-length", lines: values.lines as number }),
    { temporary: "For this session" },
  ),
];

const USER_VIEW = new Rows<CommandRow>([...OPERATIONAL_ROWS, ...SHELL_ROWS], OPERATIONAL_WORDS);

/** Where the first filter begins: a `|` that is a word of its own, in a line that displays. */
function pipeOf(line: Line): number {
  const first = line.words[0]?.text.toLowerCase() ?? "";
  if (first === "" || !"display".startsWith(first)) return -1;
  return line.words.findIndex((word) => word.text === "|" && !word.quoted);
}

/** Reads a line typed in user view. Nothing else may be refused later for how it is written. */
export function parseLine(text: string): ParsedLine {
  if (text.length > LONGEST_LINE) {
    return { ok: false, refusal: `The line is longer than ${LONGEST_LINE} characters.` };
  }
  const whole = splitLine(text);
  const pipe = pipeOf(whole);
  const words = pipe < 0 ? whole.words : whole.words.slice(0, pipe);
  const line: Line = { text: whole.text.slice(0, words.at(-1)?.end ?? 0), words };
  const outcome = matchLine(USER_VIEW, line);
  if (!outcome.ok) return { ok: false, refusal: outcome.error };
  const command = outcome.row.read(outcome.match);
  if (pipe < 0) return { ok: true, command, filters: NO_FILTERS };
  const filters = FilterChain.read(whole, pipe);
  return filters.ok ? { ok: true, command, filters: filters.chain } : { ok: false, refusal: filters.error };
}

/**
 * What is printed under a refused line whose first character stands in column `indent`: the caret and the text. Where the
 * line itself is too long to point at, the text alone.
 */
export function refusalLines(refusal: LineRefusal, indent: number): string[] {
  if (typeof refusal === "string") return [`Error: ${refusal}`];
  const [caret = "", ...texts] = errorLines(refusal);
  return [" ".repeat(indent) + caret, ...texts];
}

/** The same in one line, for a file. */
export const refusalText = (refusal: LineRefusal): string =>
  typeof refusal === "string" ? refusal : errorText(refusal);

/** One text of the words of an argument list; a single one is a line of its own. */
export const lineOf = (words: readonly string[]): string =>
  words.length === 1 ? words[0]! : words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(" ");

/** What `?` prints after `text`, line by line. */
export function helpFor(text: string): string[] {
  const line = splitLine(text);
  const pipe = pipeOf(line);
  return pipe < 0 ? helpLines(USER_VIEW, text) : helpForFilters(text, line, pipe);
}

/** What Tab may put in place of the text from `start` on. */
export function complete(text: string, known: Known): { start: number; candidates: readonly string[] } {
  const line = splitLine(text);
  const pipe = pipeOf(line);
  if (line.words.at(-1)?.text === "|" && pipe >= 0 && line.text.length === text.length) {
    return { start: text.length, candidates: [] };
  }
  return pipe < 0 ? completeLine(USER_VIEW, text, known) : completeFilters(text, line, pipe);
}
