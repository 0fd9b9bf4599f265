import { type Path, type Position, SYSTEM } from "../feature.js";
import type { Grammar } from "../grammar.js";
import { attributeOf } from "../language/setting.js";
import type { Model } from "../model.js";
import type { TakenLine } from "./candidate.js";

/** The view that shows a path of the model, and the attribute of its object; without one the path is the object. */
function placeOf([first = "", second, third]: Path, grammar: Grammar): { position: Position; attribute?: string } {
  const collection = grammar.collections.find(({ attribute }) => attribute === first);
  if (collection === undefined) return { position: SYSTEM, attribute: first };
  if (collection.isSingle) return { position: collection.positionOf(""), ...(second && { attribute: second }) };
  if (second === undefined) return { position: SYSTEM, attribute: first };
  return { position: collection.positionOf(second), ...(third && { attribute: third }) };
}

/** The line that opens a view; empty for system view. */
function viewLineAt(model: Model, position: Position, grammar: Grammar): string {
  const { collection } = grammar.viewCalled(position.view);
  if (collection === undefined) return "";
  return collection.viewLine(position.name, grammar.recordAt(model, position));
}

/** A problem as `commit` tells it: behind the line that opens the view of its object. */
export function problemText(model: Model, path: Path, text: string, grammar: Grammar): string {
  const viewLine = viewLineAt(model, placeOf(path, grammar).position, grammar);
  return viewLine === "" ? text : `${viewLine}: ${text}`;
}

/** The line of a configuration that gives a path its value; without a value the line that takes it away. */
export function lineAt(model: Model, path: Path, grammar: Grammar): string {
  const { position, attribute } = placeOf(path, grammar);
  const viewLine = viewLineAt(model, position, grammar);
  const record = grammar.recordAt(model, position);
  if (attribute === undefined) return grammar.hasObject(model, position) ? viewLine : `undo ${viewLine}`;
  const setting = grammar.settingsOf(position.view)[attribute];
  const value = attributeOf(record, attribute);
  if (setting === undefined) return viewLine;
  return (value === undefined ? undefined : setting.print(value)[0]) ?? `undo ${setting.command}`;
}

/** The lines of a candidate, each below the line that opens its view. */
export function* linesUnderViews(lines: readonly TakenLine[], model: Model, grammar: Grammar): Generator<string> {
  let open = "";
  for (const taken of lines) {
    const viewLine = viewLineAt(model, taken, grammar);
    if (viewLine === "") {
      open = taken.line;
      yield taken.line;
      continue;
    }
    if (viewLine !== open) yield viewLine;
    open = viewLine;
    yield ` ${taken.line}`;
  }
}
