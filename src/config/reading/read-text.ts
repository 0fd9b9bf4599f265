import type { Steps } from "../../core/base/steps.js";
import { KEPT } from "../editing/texts.js";
import { type Finding, type Position, SYSTEM } from "../feature.js";
import { errorText, excerpt, type LineError, splitLine } from "../language/line.js";
import { matchLine } from "../language/match.js";
import type { Model } from "../model.js";
import { applyLine } from "./apply.js";
import { checking, warningsOf } from "./check.js";
import {
  type Configuration,
  keyOf,
  LONGEST_LINE,
  lineOf,
  MOST_PROBLEMS,
  type Notice,
  type Problem,
} from "./configuration.js";
import { normalised } from "./normalise.js";
import type { WholeTarget } from "./target.js";

/** Reads the VRP form, a line in each step. */
export function* readText(text: string, target: WholeTarget): Steps<Configuration> {
  const reader = new TextReader(target);
  let number = 0;
  for (const line of text.split("\n")) {
    if (!reader.take(++number, line)) break;
    yield;
  }
  const { model, problems, notices, lines } = reader;
  // With so many problems the file is no configuration, and the rest is not checked.
  if (problems.length > MOST_PROBLEMS) return { model, problems, notices };
  const placed = ({ path, text }: Finding) => ({ line: lineOf(lines, path), text });
  const findings = yield* checking(model, target);
  yield;
  const warnings = warningsOf(model, target);
  yield;
  return {
    model: normalised(model, target.grammar),
    problems: [...problems, ...findings.map(placed)],
    notices: [...notices, ...warnings.map(placed)],
  };
}

/** The object that the lines indented under a line belong to. */
type Inside =
  | { readonly kind: "view"; readonly position: Position }
  /** The interface line was refused: the lines under it are checked, not applied. */
  | { readonly kind: "unknown-interface" }
  /** The line is no view line. */
  | { readonly kind: "none"; readonly text: string }
  /** The line was refused, so the lines under it are not judged. */
  | { readonly kind: "refused" };

/** Words of the shell that people paste along with a configuration. */
const SHELL_WORDS: ReadonlySet<string> = new Set([
  ...["commit", "display", "quit", "reset", "rollback", "run", "save", "startup", "system-view", "terminal"],
]);

/** Reads the VRP form line by line. */
class TextReader {
  readonly model: Model = {};
  readonly problems: Problem[] = [];
  readonly notices: Notice[] = [];
  /** Line that last wrote each attribute or object. */
  readonly lines = new Map<string, number>();
  readonly #target: WholeTarget;
  /** The view lines above, outermost first. */
  #open: { readonly indent: number; readonly inside: Inside }[] = [];

  constructor(target: WholeTarget) {
    this.#target = target;
  }

  /** Takes a line; false when the text is over, or too full of problems. */
  take(number: number, raw: string): boolean {
    if (this.problems.length > MOST_PROBLEMS) return false;
    if (raw.length > LONGEST_LINE) {
      this.#problem(number, `The line has ${raw.length} characters, ${LONGEST_LINE} is the maximum.`);
      return true;
    }
    const text = raw.slice(0, endOf(raw));
    const content = text.replace(/^[ \t]+/, "");
    const indent = text.length - content.length;
    if (content.startsWith("#") && indent === 0) this.#open = [];
    if (content === "" || content.startsWith("#") || content.startsWith("!")) return true;
    if (content.toLowerCase() === "return") return false;
    // A line belongs to the nearest line above that is indented less.
    this.#open = this.#open.filter((above) => above.indent < indent);
    const inside: Inside = this.#open.at(-1)?.inside ?? { kind: "view", position: SYSTEM };
    this.#open.push({ indent, inside: this.#line(number, text, inside) });
    return true;
  }

  #problem(line: number, text: string): void {
    this.problems.push({ line, text });
  }

  /** Takes a line of the open object; returns the object that lines under it belong to. */
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
    const applied = applyLine(this.model, position, text, "file", this.#target);
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
    const opensInterface = position.view === SYSTEM.view && /^[ \t]*int[a-z]*([ \t]|$)/i.test(text);
    return opensInterface ? { kind: "unknown-interface" } : { kind: "refused" };
  }

  /** Checks a line under a refused interface line: a command of no interface view is a problem of its own. */
  #look(number: number, text: string): void {
    const line = splitLine(text);
    let furthest: LineError | undefined;
    for (const view of this.#target.grammar.viewsOf("interfaces")) {
      const outcome = matchLine(view.rows, line);
      if (outcome.ok) return;
      if (!furthest || outcome.error.column > furthest.column) furthest = outcome.error;
    }
    if (furthest !== undefined) this.#problem(number, wordOfShell(text) ?? errorText(furthest));
  }
}

/** Column after the last character that is no blank. */
function endOf(line: string): number {
  let end = line.length;
  while (end > 0 && " \t\r".includes(line.charAt(end - 1))) end--;
  return end;
}

function wordOfShell(text: string): string | undefined {
  const first = splitLine(text).words[0]?.text.toLowerCase() ?? "";
  return SHELL_WORDS.has(first) ? `${first} is a command of the shell, not of a configuration.` : undefined;
}
