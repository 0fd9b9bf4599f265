import { type Position, SYSTEM } from "../action.js";
import { checkModel } from "../checks.js";
import type { Bindings } from "../devices.js";
import type { Finding } from "../finding.js";
import { type JsonLines, scanJson } from "../language/json-lines.js";
import { errorText, excerpt, type LineError, splitLine } from "../language/line.js";
import { matchLine } from "../language/match.js";
import { type Cipher, NO_CIPHER, sealed } from "../language/secrets.js";
import { type Model, modelSchema, type Path, pathText } from "../model.js";
import { ANY_KERNEL, type Kernel } from "../network-checks.js";
import { COLLECTIONS, INTERFACE_VIEWS, namesIn, pathAt, placesIn, VIEWS } from "../views.js";
import { warningsOf } from "../warnings.js";
import { applyLine, KEPT } from "./apply.js";
import { normalised } from "./normalise.js";

/** Something wrong; `line` counts from 1. The text stands behind `FILE:LINE: `. */
interface Problem {
  readonly line: number;
  readonly text: string;
}

/** Something the operator is told that is no error. */
interface Notice {
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
const LONGEST_LINE = 3100;
/** A file that is no configuration at all need not be quoted whole. */
const MOST_PROBLEMS = 10_000;

/**
 * Reads a configuration, in VRP form, or as JSON where its first character is `{`. Never throws and never stops at the
 * first problem; the order of lines does not matter. `bindings` are those of the command line; `kernel` is what it is going to run on. Keys are in the model as
 * ciphertext only.
 */
export function readConfiguration(
  text: string,
  bindings?: Bindings,
  cipher: Cipher = NO_CIPHER,
  kernel: Kernel = ANY_KERNEL,
): Configuration {
  const whole = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const check = (model: Model) => checkModel(model, bindings, kernel);
  const read = /^\s*\{/.test(whole.slice(0, LONGEST_LINE))
    ? readJson(whole, check, cipher)
    : readText(whole, check, cipher);
  const problems = [...read.problems].sort((a, b) => a.line - b.line);
  if (problems.length <= MOST_PROBLEMS) return { ...read, problems };
  const last = { line: problems[MOST_PROBLEMS]!.line, text: `${MOST_PROBLEMS} problems; the rest is not listed.` };
  return { ...read, problems: [...problems.slice(0, MOST_PROBLEMS), last] };
}

const keyOf = (path: Path): string => path.join("\0");

/** The line of a finding: of the attribute, else of the object. */
function lineOf(lines: ReadonlyMap<string, number>, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(keyOf(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}

type Check = (model: Model) => Finding[];

function readText(text: string, check: Check, cipher: Cipher): Configuration {
  const reader = new TextReader(cipher);
  let number = 0;
  for (const line of text.split("\n")) if (!reader.take(++number, line)) break;
  const { model, problems, notices, lines } = reader;
  // A file that is no configuration is not worth a check of the little that was read.
  if (problems.length > MOST_PROBLEMS) return { model, problems, notices };
  const placed = ({ path, text }: Finding) => ({ line: lineOf(lines, path), text });
  return {
    model: normalised(model),
    problems: [...problems, ...check(model).map(placed)],
    notices: [...notices, ...warningsOf(model, cipher).map(placed)],
  };
}

/** What the lines indented under a line belong to. */
type Inside =
  | { readonly kind: "view"; readonly position: Position }
  /** The interface line was refused: its lines are looked at, not applied. */
  | { readonly kind: "unknown-interface" }
  /** The line is no view line. */
  | { readonly kind: "none"; readonly text: string }
  /** The line was refused, so nothing can be said about those under it. */
  | { readonly kind: "refused" };

/** Words of the shell that people paste along with a configuration. */
const SHELL_WORDS = new Set([
  "commit",
  "display",
  "quit",
  "reset",
  "rollback",
  "run",
  "save",
  "startup",
  "system-view",
  "terminal",
]);

/** Reads the VRP form line by line. */
class TextReader {
  readonly model: Model = {};
  readonly problems: Problem[] = [];
  readonly notices: Notice[] = [];
  /** Line that last wrote each attribute or object. */
  readonly lines = new Map<string, number>();
  readonly #cipher: Cipher;
  /** The view lines above, outermost first. */
  #open: { readonly indent: number; readonly inside: Inside }[] = [];

  constructor(cipher: Cipher) {
    this.#cipher = cipher;
  }

  /** False when the text is over, or not worth reading on. */
  take(number: number, raw: string): boolean {
    if (this.problems.length > MOST_PROBLEMS) return false;
    if (raw.length > LONGEST_LINE) {
      this.#problem(number, `The line has ${raw.length} characters, ${LONGEST_LINE} is the maximum.`);
      return true;
    }
    const text = raw.slice(0, endOf(raw));
    const indent = /^[ \t]*/.exec(text)![0].length;
    const content = text.slice(indent);
    if (content.startsWith("#") && indent === 0) this.#open = [];
    if (content === "" || content.startsWith("#") || content.startsWith("!")) return true;
    if (content.toLowerCase() === "return") return false;
    // A line belongs to the nearest line above that is indented less.
    while (this.#open.length > 0 && this.#open.at(-1)!.indent >= indent) this.#open.pop();
    const inside: Inside = this.#open.at(-1)?.inside ?? { kind: "view", position: SYSTEM };
    this.#open.push({ indent, inside: this.#line(number, text, inside) });
    return true;
  }

  #problem(line: number, text: string): void {
    this.problems.push({ line, text });
  }

  /** Takes one line of what is open there; returns what lines under it belong to. */
  #line(number: number, text: string, inside: Inside): Inside {
    switch (inside.kind) {
      case "refused":
        return inside;
      case "none":
        this.#problem(number, `The line is indented under ${excerpt(inside.text.trim())}, which opens no view.`);
        return { kind: "refused" };
      case "unknown-interface":
        this.#look(number, text);
        return { kind: "none", text };
      case "view":
        return this.#apply(number, text, inside.position);
    }
  }

  #apply(number: number, text: string, position: Position): Inside {
    const applied = applyLine(this.model, position, text, "file", this.#cipher);
    if (applied.ok) {
      for (const path of applied.wrote) this.lines.set(keyOf(path), number);
      for (const told of [...(applied.kept ? [KEPT] : []), ...applied.warnings])
        this.notices.push({ line: number, text: told });
      const moved = applied.position.view !== position.view || applied.position.name !== position.name;
      return moved ? { kind: "view", position: applied.position } : { kind: "none", text: applied.quotable };
    }
    if ("refusal" in applied) {
      this.#problem(number, applied.refusal);
      return { kind: "refused" };
    }
    this.#problem(number, wordOfShell(text) ?? errorText(applied.error));
    const opensInterface = position.view === "system" && /^[ \t]*int[a-z]*([ \t]|$)/i.test(text);
    return opensInterface ? { kind: "unknown-interface" } : { kind: "refused" };
  }

  /** A line under an interface line that was refused: a command of no interface view is a problem of its own. */
  #look(number: number, text: string): void {
    const line = splitLine(text);
    let furthest: LineError | undefined;
    for (const view of INTERFACE_VIEWS) {
      const outcome = matchLine(VIEWS[view].rows, line);
      if (outcome.ok) return;
      if (!furthest || outcome.error.column > furthest.column) furthest = outcome.error;
    }
    this.#problem(number, wordOfShell(text) ?? errorText(furthest!));
  }
}

/** Column after the last character that is no blank. */
function endOf(line: string): number {
  let end = line.length;
  while (end > 0 && " \t\r".includes(line[end - 1]!)) end--;
  return end;
}

function wordOfShell(text: string): string | undefined {
  const first = splitLine(text).words[0]!.text.toLowerCase();
  return SHELL_WORDS.has(first) ? `${first} is a command of the shell, not of a configuration.` : undefined;
}

function readJson(text: string, check: Check, cipher: Cipher): Configuration {
  const places = scanJson(text);
  if (places.tooDeep)
    return {
      model: {},
      problems: [{ line: places.brokenAt ?? 1, text: "Too many brackets inside each other." }],
      notices: [],
    };
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? withoutExcerpt(error.message) : String(error);
    return { model: {}, problems: [{ line: places.brokenAt ?? 1, text: `Not JSON: ${reason}.` }], notices: [] };
  }
  const problems: Problem[] = places.badKeys.map(({ line, path, text }) => ({
    line,
    text: `${pathText(path)} ${text}.`,
  }));
  const model = fitToSchema(document, places, problems);
  if (model === undefined) return { model: {}, problems, notices: [] };
  sealAll(model, cipher);
  const placed = ({ path, text }: Finding) => ({
    line: lineOf(places.lineOf, path),
    text: `${pathText(path)}: ${text}`,
  });
  return {
    model: normalised(model),
    problems: [...problems, ...check(model).map(placed)],
    notices: [...noticesOf(model, places), ...warningsOf(model, cipher).map(placed)],
  };
}

/** Node's message quotes what stands around the place, where there may be a key. */
const withoutExcerpt = (message: string): string => message.replace(/, (\.\.\.)?".*$/s, "");

function sealAll(model: Model, cipher: Cipher): void {
  for (const { view, record } of placesIn(model))
    for (const attribute of Object.keys(record)) {
      const setting = view.settings[attribute];
      if (setting?.hasKeys) record[attribute] = setting.seal(record[attribute], (key) => sealed(key, cipher));
    }
}

/** Fits a document to the schema. What does not fit is told and left out, so that the rest is checked too. */
function fitToSchema(document: unknown, places: JsonLines, problems: Problem[]): Model | undefined {
  const result = modelSchema.safeParse(document);
  if (result.success) return result.data as Model;
  const rest = structuredClone(document);
  for (const issue of result.error.issues) {
    const path = issue.path.map(String);
    const wrong = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
    for (const at of wrong) {
      problems.push({ line: lineOf(places.lineOf, at), text: misfit(document, at, issue) });
      const parent = valueAt(rest, at.slice(0, -1));
      if (at.length > 0 && typeof parent === "object" && parent !== null) Reflect.deleteProperty(parent, at.at(-1)!);
    }
  }
  const second = modelSchema.safeParse(rest);
  return second.success ? (second.data as Model) : undefined;
}

function misfit(document: unknown, path: Path, issue: { readonly code: string; readonly message: string }): string {
  const where = path.length === 0 ? "The document" : pathText(path);
  if (issue.code === "unrecognized_keys") return `${where}: unknown attribute.`;
  // What is wrong about an interface may be its name.
  if (issue.code === "custom" && path.length === 2) return `${where}: ${excerpt(path[1]!)} is not ${issue.message}.`;
  const value = path.some((key) => KEY_ATTRIBUTES.has(key)) ? "***" : (shown(valueAt(document, path)) ?? "nothing");
  return `${where}: ${excerpt(value)} is not ${issue.message}.`;
}

/** Attributes whose values no message may quote. */
const KEY_ATTRIBUTES: ReadonlySet<string> = new Set(
  Object.values(VIEWS).flatMap(({ settings }) =>
    Object.entries(settings).flatMap(([attribute, { hasKeys }]) => (hasKeys ? [attribute] : [])),
  ),
);

const shown = (value: unknown): string | undefined =>
  JSON.stringify(value, (key, inside: unknown) => (KEY_ATTRIBUTES.has(key) ? "***" : inside));

function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as { [key: string]: unknown })[key];
  }
  return value;
}

/** What is told of objects and single attributes, as the text form tells it of their lines. */
function noticesOf(model: Model, places: JsonLines): Notice[] {
  const told = (path: Path, texts: readonly (string | undefined)[]): Notice[] => {
    const line = lineOf(places.lineOf, path);
    return texts.flatMap((text) => (text === undefined ? [] : [{ line, text }]));
  };
  const objects = COLLECTIONS.filter(({ kept }) => kept).flatMap((collection) =>
    namesIn(model, collection).flatMap((name) => told(pathAt(collection.positionOf(name)), [KEPT])),
  );
  const attributes = [...placesIn(model)].flatMap(({ view, record, path }) =>
    Object.keys(record).flatMap((attribute) => {
      const setting = view.settings[attribute];
      const value = record[attribute];
      if (setting === undefined || value === false || value === setting.default) return [];
      const lines = setting.kept ? setting.print(value).filter((line) => line !== "#") : [];
      return told([...path, attribute], [...lines.map(() => KEPT), setting.warns(value, undefined)]);
    }),
  );
  return [...objects, ...attributes];
}
