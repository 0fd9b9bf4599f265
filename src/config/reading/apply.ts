import type { Effect, How, Path, Position } from "../feature.js";
import { refuse, SYSTEM } from "../feature.js";
import type { ConfigurationRow, Grammar } from "../grammar.js";
import { type Line, type LineError, splitLine } from "../language/line.js";
import { type Match, matchLine, type Outcome } from "../language/match.js";
import { type Cipher, sealed } from "../language/secrets.js";
import { attributeOf } from "../language/setting.js";
import { storedLine } from "../language/stored-line.js";
import type { Model } from "../model.js";
import { type Target, wholeTarget } from "./target.js";

export type Applied =
  | {
      readonly ok: true;
      readonly position: Position;
      /** The view whose command the line is: that in which it was typed, or system view. */
      readonly at: Position;
      readonly wrote: readonly Path[];
      /** The line is kept without effect. */
      readonly kept: boolean;
      /** Warnings for the operator. */
      readonly warnings: readonly string[];
      /** The line without keys, for messages. */
      readonly quotable: string;
      /** The line as it is stored: full keywords, and keys as ciphertext. */
      readonly stored: string;
    }
  /** The line is no command of this view. */
  | { readonly ok: false; readonly error: LineError }
  /** The line is a command, and is refused. */
  | { readonly ok: false; readonly refusal: string };

/** Applies one line of a view to the model, in place. A line that fails leaves the model as it was. */
export function applyLine(model: Model, position: Position, text: string, how: How, target: Target = {}): Applied {
  const { cipher, grammar } = wholeTarget(target);
  const line = splitLine(text);
  const work = { model, text, how, cipher, grammar };
  const own = matchLine(grammar.viewCalled(position.view).rows, line);
  if (own.ok) return run({ ...work, position }, own);
  const upper = upwards(grammar, position, line, own.error, how);
  if (upper?.ok) return run({ ...work, position: SYSTEM }, upper);
  const refusal = refusalOf(grammar, position, line);
  if (refusal !== undefined) return { ok: false, refusal };
  return upper !== undefined && upper.error.column > own.error.column ? upper : own;
}

/**
 * Tries a typed line in the view above when no command of the view matches; not `undo`, not after an ambiguity. In a
 * file the indentation decides where a line belongs.
 */
function upwards(
  grammar: Grammar,
  { view }: Position,
  line: Line,
  error: LineError,
  how: How,
): Outcome<ConfigurationRow> | undefined {
  if (view === SYSTEM.view || error.kind === "ambiguous") return undefined;
  if (how === "file" && !grammar.viewCalled(view).takesSystemLines) return undefined;
  if ("undo".startsWith(line.words[0]?.text.toLowerCase() ?? "")) return undefined;
  return matchLine(grammar.viewCalled(SYSTEM.view).rows, line);
}

/** Reason by name for a line that matches no command of the view: the command is not available, or not in this view. */
function refusalOf(grammar: Grammar, position: Position, line: Line): string | undefined {
  const view = grammar.viewCalled(position.view);
  const known = matchLine(view.unavailable, line);
  if (known.ok && known.row.does === "nothing") return known.row.refusal;
  const siblings = grammar.viewsOf(view.collection?.attribute ?? "");
  // A command of one view of interfaces that is typed in another is refused by name, not as unrecognized.
  const elsewhere = siblings.some((other) => other !== view && matchLine(other.rows, line).ok);
  return elsewhere ? `The command is not available on ${view.kind}.` : undefined;
}

interface Work {
  readonly model: Model;
  readonly position: Position;
  readonly text: string;
  readonly how: How;
  readonly cipher: Cipher;
  readonly grammar: Grammar;
}

function run(work: Work, { row, match, said }: Outcome<ConfigurationRow> & { readonly ok: true }): Applied {
  const effect = effectOf(work, row, match);
  if (!effect.ok) return effect;
  const { grammar, model, position } = work;
  const hasKeys = (row.does === "set" || row.does === "undo") && row.setting.hasKeys;
  const quotable = hasKeys ? row.setting.command : work.text;
  const stored = storedLine(said, (key) => sealed(key, work.cipher));
  if (row.does !== "set") {
    const opened = effect.position === position ? undefined : grammar.viewCalled(effect.position.view);
    return { ...effect, kept: opened?.collection?.kept ?? false, warnings: [], quotable, stored, at: position };
  }
  const { setting, attribute } = row;
  const value = attributeOf(grammar.recordAt(model, position), attribute);
  const warning = value === undefined ? undefined : setting.warns(value, match);
  return {
    ...effect,
    kept: setting.kept,
    warnings: warning === undefined ? [] : [warning],
    quotable,
    stored,
    at: position,
  };
}

function effectOf(work: Work, row: ConfigurationRow, match: Match): Effect {
  const { model, position, how, grammar } = work;
  switch (row.does) {
    case "nothing":
      return refuse(row.refusal);
    case "act": {
      const userOf = (path: Path) => (how === "file" ? undefined : grammar.userOf(model, path));
      return row.action.run({ model: model as never, position, match, how, userOf });
    }
    case "set":
    case "undo":
      return setAttribute(work, row, match);
  }
}

function setAttribute(
  { model, position, how, cipher, grammar }: Work,
  row: ConfigurationRow & { readonly does: "set" | "undo" },
  match: Match,
): Effect {
  const { attribute, setting } = row;
  const old = attributeOf(grammar.recordAt(model, position), attribute);
  const read = row.does === "set" ? setting.read(match, old) : setting.remove(match, old);
  const value = read === undefined ? undefined : setting.seal(read, (key) => sealed(key, cipher));
  const changed = value ?? setting.default;
  const refusal =
    (value === undefined ? undefined : setting.refuses(value, old, position.name)) ??
    (how === "typed" ? grammar.refusalOf(model, position, attribute, changed) : undefined);
  if (refusal !== undefined) return refuse(refusal);
  const record = grammar.ownRecordAt(model, position);
  if (value !== undefined) record[attribute] = value;
  else for (const gone of [attribute, ...setting.clears]) delete record[gone];
  return { ok: true, position, wrote: [[...grammar.pathAt(position), attribute]] };
}
