import type { Position } from "../../src/config/feature.js";
import { errorLines } from "../../src/config/language/line.js";
import type { Model } from "../../src/config/model.js";
import type { Target } from "../../src/config/reading/target.js";
import { Draft, type Typed } from "../../src/config/reading/type-line.js";

/** The shell's answer to a line that failed: with a caret when it is no command, without one when it is refused. */
export const answerLines = (typed: Typed & { readonly ok: false }): string[] =>
  "error" in typed ? errorLines(typed.error) : [`Error: ${typed.refusal}`];

/** One line typed into a model: the new model, or why it is refused. */
export function typeLine(model: Model, position: Position, line: string, target: Target = {}) {
  const draft = new Draft(model, target);
  const typed = draft.type(position, line);
  return typed.ok ? { ...typed, model: draft.model } : typed;
}
