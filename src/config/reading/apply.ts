import { type Effect, type How, type Position, refuse, SYSTEM } from "../action.js";
import { type Line, type LineError, splitLine } from "../language/line.js";
import { type Match, matchLine, type Outcome } from "../language/match.js";
import { type Cipher, NO_CIPHER, sealed } from "../language/secrets.js";
import type { Model, Path } from "../model.js";
import { type ConfigurationRow, INTERFACE_VIEWS, ownRecordAt, pathAt, recordAt, VIEWS } from "../views.js";

/** Told once for each line that is kept without effect. */
export const KEPT = "Kept in the configuration; etrunkd does not act on it.";

export type Applied =
  | {
      readonly ok: true;
      readonly position: Position;
      readonly wrote: readonly Path[];
      readonly kept: boolean;
      /** What the operator is warned of. */
      readonly warnings: readonly string[];
      /** The line as messages may quote it: without keys. */
      readonly quotable: string;
    }
  /** The line is no command of this view. */
  | { readonly ok: false; readonly error: LineError }
  /** The line is one, but is refused. */
  | { readonly ok: false; readonly refusal: string };

/** Applies one line of a view to the model, in place. A line that fails leaves it as it was. */
export function applyLine(
  model: Model,
  position: Position,
  text: string,
  how: How,
  cipher: Cipher = NO_CIPHER,
): Applied {
  const line = splitLine(text);
  const own = matchLine(VIEWS[position.view].rows, line);
  if (own.ok) return run({ model, position, text, how, cipher }, own);
  const upper = upwards(position, line, own.error, how);
  if (upper?.ok) return run({ model, position: SYSTEM, text, how, cipher }, upper);
  const refusal = refusalOf(position, line);
  return refusal === undefined ? own : { ok: false, refusal };
}

/**
 * A typed line that no command of the view matches is tried in the view above; not `undo`, not after an ambiguity. In a
 * file indentation says where a line belongs; but guides type the sessions in BFD view, and files are made of guides.
 */
function upwards({ view }: Position, line: Line, error: LineError, how: How): Outcome<ConfigurationRow> | undefined {
  if (view === "system" || error.kind === "ambiguous" || (how === "file" && view !== "bfd")) return undefined;
  if ("undo".startsWith(line.words[0]?.text.toLowerCase() ?? "")) return undefined;
  return matchLine(VIEWS.system.rows, line);
}

/** Why a line that no command of the view matches is refused by name: it is not available, or not here. */
function refusalOf(position: Position, line: Line): string | undefined {
  const view = VIEWS[position.view];
  const known = matchLine(view.unavailable, line);
  if (known.ok && known.row.does === "nothing") return known.row.refusal;
  if (!INTERFACE_VIEWS.includes(position.view)) return undefined;
  const elsewhere = INTERFACE_VIEWS.some((other) => other !== position.view && matchLine(VIEWS[other].rows, line).ok);
  return elsewhere ? `The command is not available on ${view.kind}.` : undefined;
}

interface Work {
  readonly model: Model;
  readonly position: Position;
  readonly text: string;
  readonly how: How;
  readonly cipher: Cipher;
}

function run(work: Work, { row, match }: { readonly row: ConfigurationRow; readonly match: Match }): Applied {
  const effect = effectOf(work, row, match);
  if (!effect.ok) return effect;
  const hasKeys = (row.does === "set" || row.does === "undo") && row.setting.hasKeys;
  const quotable = hasKeys ? row.setting.command : work.text;
  if (row.does !== "set") return { ...effect, kept: effect.kept ?? false, warnings: [], quotable };
  const { setting, attribute } = row;
  const value = recordAt(work.model, work.position)[attribute];
  const warning = value === undefined ? undefined : setting.warns(value, match);
  return {
    ...effect,
    kept: setting.kept,
    warnings: warning === undefined ? [] : [warning],
    quotable,
  };
}

function effectOf(work: Work, row: ConfigurationRow, match: Match): Effect {
  switch (row.does) {
    case "nothing":
      return refuse(row.refusal);
    case "act":
      return row.action.run({ ...work, match });
    case "set":
    case "undo":
      return setAttribute(work, row, match);
  }
}

function setAttribute(
  { model, position, how, cipher }: Work,
  row: ConfigurationRow & { readonly does: "set" | "undo" },
  match: Match,
): Effect {
  const { attribute, setting } = row;
  const record = ownRecordAt(model, position);
  const old = Object.hasOwn(record, attribute) ? record[attribute] : undefined;
  const read = row.does === "set" ? setting.read(match, old) : setting.remove(match, old);
  const value = read === undefined ? undefined : setting.seal(read, (key) => sealed(key, cipher));
  const refusal =
    (value === undefined ? undefined : setting.refuses(value, old, position.name)) ??
    (how === "typed"
      ? VIEWS[position.view].transition(model, position.name, attribute, value ?? setting.default)
      : undefined);
  if (refusal !== undefined) return refuse(refusal);
  if (value !== undefined) record[attribute] = value;
  else for (const gone of [attribute, ...setting.clears]) delete record[gone];
  return { ok: true, position, wrote: [[...pathAt(position), attribute]] };
}
