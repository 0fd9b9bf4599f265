import { type Effect, type How, type Position, refuse } from "./action.js";
import { type Line, type LineError, splitLine } from "./line.js";
import { type Match, matchLine } from "./match.js";
import type { Model, Path } from "./model.js";
import { type ConfigurationRow, INTERFACE_VIEWS, pathAt, recordAt, VIEWS } from "./views.js";

/** Told once for each line that is kept without effect. */
export const KEPT = "Kept in the configuration; etrunkd does not act on it.";

export type Applied =
  | { readonly ok: true; readonly position: Position; readonly wrote: readonly Path[]; readonly kept: boolean }
  /** The line is no command of this view. */
  | { readonly ok: false; readonly error: LineError }
  /** The line is one, but is refused. */
  | { readonly ok: false; readonly refusal: string };

/** Applies one line of a view to the model, in place. A line that fails leaves it as it was. */
export function applyLine(model: Model, position: Position, text: string, how: How): Applied {
  const line = splitLine(text);
  const view = VIEWS[position.view];
  const outcome = matchLine(view.rows, line);
  if (!outcome.ok) {
    const refusal = refusalOf(position, line);
    return refusal === undefined ? outcome : { ok: false, refusal };
  }
  const { row, match } = outcome;
  const effect = run(model, position, row, match, how);
  if (!effect.ok) return effect;
  return { ...effect, kept: row.does === "set" && row.setting.kept };
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

function run(model: Model, position: Position, row: ConfigurationRow, match: Match, how: How): Effect {
  switch (row.does) {
    case "nothing":
      return refuse(row.refusal);
    case "act":
      return row.action.run({ model, position, match, how });
    case "set":
    case "undo":
      return setAttribute(model, position, row, match, how);
  }
}

function setAttribute(
  model: Model,
  position: Position,
  row: ConfigurationRow & { readonly does: "set" | "undo" },
  match: Match,
  how: How,
): Effect {
  const { attribute, setting } = row;
  const record = recordAt(model, position);
  const old = Object.hasOwn(record, attribute) ? record[attribute] : undefined;
  const value = row.does === "set" ? setting.read(match, old) : setting.remove(match, old);
  const refusal =
    (value === undefined ? undefined : setting.refuses(value, old, position.name)) ??
    (how === "typed"
      ? VIEWS[position.view].transition(model, position.name, attribute, value ?? setting.default)
      : undefined);
  if (refusal !== undefined) return refuse(refusal);
  if (value === undefined) delete record[attribute];
  else record[attribute] = value;
  return { ok: true, position, wrote: [[...pathAt(position), attribute]] };
}
