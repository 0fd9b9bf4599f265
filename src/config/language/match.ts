import { type Line, type LineError, wordAt } from "./line.js";
import type { Node, Parameter } from "./pattern.js";

/** A row as matcher, help and completion need it. */
export interface Syntax {
  readonly pattern: Node;
  /** One line, with unit and default. */
  readonly help: string;
  /** Help of single keywords, where the row's own line does not fit them. */
  readonly words: Words;
}

/** The content of a line: its full keywords in order, and the values of its parameters by name. */
export interface Match {
  readonly words: readonly string[];
  readonly values: { readonly [parameter: string]: unknown };
}

/** A part of a line as it is stored: a full keyword, or a value as its type prints it. */
export type Said = string | { readonly parameter: Parameter; readonly value: unknown };

/** How far one row has been followed. */
interface Thread<Row extends Syntax> {
  readonly row: Row;
  readonly rest: Rest;
  readonly match: Match;
  readonly said: readonly Said[];
}

/** The rest of a pattern. */
type Rest = { readonly node: Node; readonly next: Rest } | undefined;

/** An item that may come next; `end`: the line may be over. */
export type Expectation<Row extends Syntax> =
  | { readonly kind: "keyword"; readonly word: string; readonly row: Row; readonly after: Thread<Row> }
  | {
      readonly kind: "parameter";
      readonly name: string;
      readonly parameter: Parameter;
      readonly row: Row;
      readonly after: Thread<Row>;
    }
  | { readonly kind: "end"; readonly row: Row; readonly after: Thread<Row> };

/** Help of keywords. */
export type Words = { readonly [keyword: string]: string };

/** Rows in which a line is looked up; the first items are computed once. */
export class Rows<Row extends Syntax> {
  readonly rows: readonly Row[];
  /** Help of keywords that begin several rows, where no row of them has its own. */
  readonly words: Words;
  readonly first: readonly Expectation<Row>[];

  constructor(rows: readonly Row[], words: Words = {}) {
    this.rows = rows;
    this.words = words;
    const match: Match = { words: [], values: {} };
    this.first = rows.flatMap((row) =>
      expectations({ row, rest: { node: row.pattern, next: undefined }, match, said: [] }),
    );
  }
}

function expectations<Row extends Syntax>(thread: Thread<Row>): Expectation<Row>[] {
  const { row, rest, match, said } = thread;
  if (rest === undefined) return [{ kind: "end", row, after: thread }];
  const { node, next } = rest;
  const go = (to: Rest) => expectations({ row, rest: to, match, said });
  switch (node.kind) {
    case "keyword":
      return [{ kind: "keyword", word: node.word, row, after: { row, rest: next, match, said } }];
    case "parameter": {
      const after = { row, rest: next, match, said };
      return [{ kind: "parameter", name: node.name, parameter: node.parameter, row, after }];
    }
    case "sequence":
      return go(node.nodes.reduceRight<Rest>((tail, part) => ({ node: part, next: tail }), next));
    case "choice":
      return node.alternatives.flatMap((alternative) => go({ node: alternative, next }));
    case "optional":
      return [...go({ node: node.node, next }), ...go(next)];
    case "several": {
      const taken = node.alternatives.flatMap((alternative, i) => {
        const others = node.alternatives.filter((_, j) => j !== i);
        const again: Rest =
          others.length === 0 ? next : { node: { kind: "several", alternatives: others, needsOne: false }, next };
        return go({ node: alternative, next: again });
      });
      return node.needsOne ? taken : [...taken, ...go(next)];
    }
  }
}

/** The items that may follow the first `count` words; an error when those words fit no row. */
export type Walk<Row extends Syntax> =
  | { readonly ok: true; readonly expected: readonly Expectation<Row>[] }
  | { readonly ok: false; readonly error: LineError };

/** Follows all rows at once through the first `count` words of the line. */
export function walk<Row extends Syntax>(rows: Rows<Row>, line: Line, count: number): Walk<Row> {
  // A parameter may take several words, so threads are at different words of the line.
  const at: Expectation<Row>[][] = [[...rows.first]];
  let error: { readonly word: number; readonly error: LineError } | undefined;
  const fail = (word: number, kind: LineError["kind"], expected: readonly string[]) => {
    if (error !== undefined && word < error.word) return;
    const found = lineError(line, word, kind, expected);
    const isSecret =
      found.word !== "" &&
      at
        .slice(0, word + 1)
        .some((each, n) => each?.some((next) => mayBeSecret(next, n === 0 ? undefined : found.word)));
    error = { word, error: isSecret ? { ...found, word: "***" } : found };
  };
  for (let i = 0; i < count; i++) {
    const expected = at[i];
    if (!expected || expected.length === 0) continue;
    const put = (next: number, thread: Thread<Row>) => {
      at[next] ??= [];
      at[next].push(...expectations(thread));
    };
    const keywords = keywordsFor(line, i, expected);
    if (keywords === "ambiguous") fail(i, "ambiguous", startingWith(wordAt(line, i).text, expected));
    else if (keywords.length > 0)
      for (const { word, after } of keywords)
        put(i + 1, {
          ...after,
          match: { ...after.match, words: [...after.match.words, word] },
          said: [...after.said, word],
        });
    else if (!readParameters(line, i, expected, put, fail)) fail(i, surplus(expected), texts(expected));
  }
  const end = at[count];
  if (end && end.length > 0) return { ok: true, expected: end };
  return { ok: false, error: error?.error ?? lineError(line, 0, "unrecognized", texts(rows.first)) };
}

/** No key, so a message may quote it where another parameter belongs. */
const SHORT_NUMBER = /^\d{1,5}$/;

/**
 * A key may stand here, or would if the words before it were not left out: no message may quote the word, nor what comes
 * after. Without a word: the line's first, in whose place only one keyword may be missing.
 */
function mayBeSecret<Row extends Syntax>(expectation: Expectation<Row>, word: string | undefined): boolean {
  if (expectation.kind === "end") return false;
  if (expectation.kind === "keyword")
    return word === undefined
      ? expectations(expectation.after).some(isSecret)
      : leadsToSecret(expectations(expectation.after));
  if (isSecret(expectation)) return true;
  return word !== undefined && !SHORT_NUMBER.test(word) && leadsToSecret(expectations(expectation.after));
}

const isSecret = <Row extends Syntax>(expectation: Expectation<Row>): boolean =>
  expectation.kind === "parameter" && expectation.parameter.type.isSecret === true;

/** By keywords alone. */
const leadsToSecret = <Row extends Syntax>(expected: readonly Expectation<Row>[]): boolean =>
  expected.some((each) => isSecret(each) || (each.kind === "keyword" && leadsToSecret(expectations(each.after))));

/** Tries each parameter that may stand at word `i`; false when none may. */
function readParameters<Row extends Syntax>(
  line: Line,
  i: number,
  expected: readonly Expectation<Row>[],
  put: (next: number, thread: Thread<Row>) => void,
  fail: (word: number, kind: LineError["kind"], expected: readonly string[]) => void,
): boolean {
  let possible = false;
  let read = false;
  let wrongAt = i;
  const wrong: string[] = [];
  for (const each of expected) {
    if (each.kind !== "parameter") continue;
    possible = true;
    const reading = each.parameter.type.read(line, i);
    if ("wrongAt" in reading) {
      wrongAt = Math.max(wrongAt, reading.wrongAt);
      const text = reading.expected ?? each.parameter.type.text;
      if (!wrong.includes(text)) wrong.push(text);
      continue;
    }
    read = true;
    const { match, said } = each.after;
    const { value } = reading;
    put(reading.next, {
      ...each.after,
      match: { ...match, values: { ...match.values, [each.name]: value } },
      said: [...said, { parameter: each.parameter, value }],
    });
  }
  if (possible && !read) fail(wrongAt, wrongAt < line.words.length ? "wrong" : "incomplete", wrong);
  return possible;
}

/** The keywords a word stands for: itself, or all that it begins if they are one and the same. */
function keywordsFor<Row extends Syntax>(
  line: Line,
  at: number,
  expected: readonly Expectation<Row>[],
): "ambiguous" | (Expectation<Row> & { kind: "keyword" })[] {
  const word = wordAt(line, at);
  if (word.quoted) return [];
  const typed = word.text.toLowerCase();
  const begun = expected.filter((each) => each.kind === "keyword" && each.word.startsWith(typed));
  const keywords = begun as (Expectation<Row> & { kind: "keyword" })[];
  const exact = keywords.filter((each) => each.word === typed);
  if (exact.length > 0) return exact;
  return keywords.some((each) => each.word !== keywords[0]?.word) ? "ambiguous" : keywords;
}

/** A word with which nothing fits: surplus where the line could only be over, else unrecognized. */
const surplus = (expected: readonly { kind: string }[]): LineError["kind"] =>
  expected.every((each) => each.kind === "end") ? "too-many" : "unrecognized";

/** The items that may come next, in the words of help. */
function texts<Row extends Syntax>(expected: readonly Expectation<Row>[]): string[] {
  const all = expected.flatMap((each) =>
    each.kind === "keyword" ? [each.word] : each.kind === "parameter" ? [each.parameter.type.text] : [],
  );
  return [...new Set(all)].sort();
}

const startingWith = <Row extends Syntax>(typed: string, expected: readonly Expectation<Row>[]): string[] =>
  texts(expected.filter((each) => each.kind === "keyword" && each.word.startsWith(typed.toLowerCase())));

function lineError(line: Line, at: number, kind: LineError["kind"], expected: readonly string[]): LineError {
  const word = line.words[at];
  if (!word) return { kind, column: line.text.length, word: "", expected };
  // The caret stands under the last character of an ambiguous word, under the first of any other.
  return { kind, column: kind === "ambiguous" ? word.end - 1 : word.start, word: word.text, expected };
}

export type Outcome<Row extends Syntax> =
  | { readonly ok: true; readonly row: Row; readonly match: Match; readonly said: readonly Said[] }
  | { readonly ok: false; readonly error: LineError };

/** Finds the row a line is, or says at which word it stops being one. */
export function matchLine<Row extends Syntax>(rows: Rows<Row>, line: Line): Outcome<Row> {
  const walked = walk(rows, line, line.words.length);
  if (!walked.ok) return walked;
  const end = walked.expected.find((each) => each.kind === "end");
  if (end) return { ok: true, row: end.row, match: end.after.match, said: end.after.said };
  return { ok: false, error: lineError(line, line.words.length, "incomplete", texts(walked.expected)) };
}
