import { assert } from "../../core/base/assert.js";

/** One word of a line. Columns count from 0. */
export interface Word {
  /** Without the quotes, where it was quoted. */
  readonly text: string;
  readonly start: number;
  /** Column after the last character. */
  readonly end: number;
  /** A quoted word is a value, never a keyword. */
  readonly quoted: boolean;
}

export interface Line {
  /** As typed, without trailing blanks. */
  readonly text: string;
  readonly words: readonly Word[];
}

/** A word that is known to be there. */
export function wordAt(line: Line, at: number): Word {
  const word = line.words[at];
  assert(word !== undefined, "the line has no such word");
  return word;
}

const WORD = /"([^"]*)"(?![^ \t])|[^ \t]+/g;

/** Splits a line at blanks and tabs; `"..."` keeps blanks inside a word. */
export function splitLine(text: string): Line {
  const words: Word[] = [];
  for (const found of text.matchAll(WORD))
    words.push({
      text: found[1] ?? found[0],
      start: found.index,
      end: found.index + found[0].length,
      quoted: found[1] !== undefined,
    });
  return { text: text.slice(0, words.at(-1)?.end ?? 0), words };
}

/** Why a line is no command. */
export interface LineError {
  readonly kind: keyof typeof TEXTS;
  /** Where the caret stands, counted from 0 at the first character of the line. */
  readonly column: number;
  /** The word that does not fit; empty where the line ends too early. */
  readonly word: string;
  /** What could have stood there: type words such as `INTEGER<1-64>`, or keywords. */
  readonly expected: readonly string[];
}

const TEXTS = {
  unrecognized: "Unrecognized command",
  incomplete: "Incomplete command",
  wrong: "Wrong parameter",
  "too-many": "Too many parameters",
  ambiguous: "Ambiguous command",
};

/** The shell's answer under the refused line: the caret, the text, and after a wrong parameter what was expected. */
export function errorLines(error: LineError): string[] {
  const lines = [`${" ".repeat(error.column)}^`, `Error: ${TEXTS[error.kind]} found at '^' position.`];
  if (error.kind === "wrong") for (const type of error.expected) lines.push(`       ${type}`);
  return lines;
}

/** The same in one line without a caret, for a file: what is wrong, where, and what was expected. */
export function errorText(error: LineError): string {
  const where =
    error.word === "" ? `column ${error.column + 1}` : `${excerpt(error.word)} (column ${error.column + 1})`;
  const expected = error.kind === "too-many" ? "" : expectedText(error.expected);
  return `${TEXTS[error.kind]} at ${where}${expected}.`;
}

const MOST_SHOWN = 12;

function expectedText(expected: readonly string[]): string {
  if (expected.length === 0) return "";
  const more = expected.length > MOST_SHOWN ? ` or ${expected.length - MOST_SHOWN} more` : "";
  return `, expected ${expected.slice(0, MOST_SHOWN).join(" | ")}${more}`;
}

const LONGEST_EXCERPT = 40;

/** A piece of input as it may stand in a message: quoted, short, without control characters. */
export function excerpt(text: string): string {
  const short = text.length > LONGEST_EXCERPT ? `${text.slice(0, LONGEST_EXCERPT)}...` : text;
  return `'${short.replace(/[\p{Cc}\p{Cs}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)}'`;
}
