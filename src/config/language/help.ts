import { errorLines, type Line, splitLine } from "./line.js";
import { type Expectation, type Rows, type Syntax, type Words, walk } from "./match.js";

/** Names that exist at the moment, by the sort of object that a parameter names (`ParameterType.names`). */
export type Known = { readonly [sort: string]: readonly (string | number)[] | undefined };

interface HelpRow {
  readonly word: string;
  readonly text: string;
}

const END: HelpRow = { word: "<cr>", text: "" };

/** The part of the line before the cursor's word, and that word (empty after a blank). */
function split(text: string): { before: Line; begun: string; start: number; count: number } {
  const line = splitLine(text);
  const last = line.words.at(-1);
  if (!last || last.end < text.length) return { before: line, begun: "", start: text.length, count: line.words.length };
  return { before: line, begun: last.text, start: last.start, count: line.words.length - 1 };
}

/** What `?` prints after `text`, line by line. Keywords alphabetically, then parameters, then `<cr>`. */
export function helpLines<Row extends Syntax>(rows: Rows<Row>, text: string): string[] {
  const { before, begun, count } = split(text);
  const walked = walk(rows, before, count);
  if (!walked.ok) return errorLines(walked.error);
  if (begun !== "") return ["", ...inColumns(keywordsBeginning(walked.expected, begun)), ""];
  const lines = twoColumns(helpRows(walked.expected, rows.words));
  return count === 0 ? ["Current view commands:", ...lines] : lines;
}

function helpRows<Row extends Syntax>(expected: readonly Expectation<Row>[], words: Words): HelpRow[] {
  const keywords = [...new Set(expected.flatMap((each) => (each.kind === "keyword" ? [each.word] : [])))].sort();
  const rows: HelpRow[] = keywords.map((word) => ({ word, text: keywordHelp(word, expected, words) }));
  for (const each of expected) {
    if (each.kind !== "parameter") continue;
    const row = { word: each.parameter.type.text, text: each.parameter.help };
    if (!rows.some((other) => other.word === row.word && other.text === row.text)) rows.push(row);
  }
  return expected.some((each) => each.kind === "end") ? [...rows, END] : rows;
}

/** The help of a keyword: a row's own, else the common one of several rows, else the line of the first row. */
function keywordHelp<Row extends Syntax>(word: string, expected: readonly Expectation<Row>[], words: Words): string {
  const rows = [
    ...new Set(expected.flatMap((each) => (each.kind === "keyword" && each.word === word ? [each.row] : []))),
  ];
  const own = rows.find((row) => row.words[word] !== undefined)?.words[word];
  return own ?? (rows.length > 1 ? words[word] : undefined) ?? rows[0]?.help ?? "";
}

const twoColumns = (rows: readonly HelpRow[]): string[] => {
  const width = Math.max(0, ...rows.map((row) => row.word.length));
  return rows.map((row) => `  ${row.word.padEnd(width + 2)}${row.text}`.trimEnd());
};

const keywordsBeginning = <Row extends Syntax>(expected: readonly Expectation<Row>[], begun: string): string[] =>
  [
    ...new Set(
      expected.flatMap((each) =>
        each.kind === "keyword" && each.word.startsWith(begun.toLowerCase()) ? each.word : [],
      ),
    ),
  ].sort();

/** Bare keywords in two columns of 40. */
function inColumns(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < words.length; i += 2) lines.push(`${(words[i] ?? "").padEnd(40)}${words[i + 1] ?? ""}`.trimEnd());
  return lines;
}

/** Completions of the text from column `start` on; sorted, without the blank after them. */
export interface Completion {
  readonly start: number;
  readonly candidates: readonly string[];
}

export function completeLine<Row extends Syntax>(rows: Rows<Row>, text: string, known: Known = {}): Completion {
  const { before, begun, start, count } = split(text);
  const walked = walk(rows, before, count);
  if (!walked.ok) return { start, candidates: [] };
  const names = walked.expected.flatMap((each) => {
    if (each.kind !== "parameter") return [];
    const { names: kind } = each.parameter.type;
    return kind === undefined ? [] : (known[kind] ?? []).map(String);
  });
  const fitting = names.filter((name) => name.toLowerCase().startsWith(begun.toLowerCase()));
  return { start, candidates: [...new Set([...keywordsBeginning(walked.expected, begun), ...fitting])].sort() };
}
