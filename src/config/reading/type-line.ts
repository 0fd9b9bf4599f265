import type { Finding, Path, Position } from "../feature.js";
import { errorLines } from "../language/line.js";
import { type Model, pathText } from "../model.js";
import { type Applied, applyLine } from "./apply.js";
import { checkModel, warningsOf } from "./check.js";
import { normalised } from "./normalise.js";
import { type Target, wholeTarget } from "./target.js";

export type Typed =
  | {
      readonly ok: true;
      readonly model: Model;
      readonly position: Position;
      readonly kept: boolean;
      readonly warnings: readonly string[];
    }
  | (Applied & { readonly ok: false });

/**
 * Applies one line as a person types it in a view. Returns a new model and leaves the old one as it was. A line that
 * adds a problem to the model is refused too.
 */
export function typeLine(model: Model, position: Position, text: string, target: Target = {}): Typed {
  const whole = wholeTarget(target);
  const next = structuredClone(model);
  const applied = applyLine(next, position, text, "typed", whole);
  if (!applied.ok) return applied;
  const before = new Set(checkModel(model, whole).map(keyOf));
  const brought = checkModel(next, whole).find((finding) => !before.has(keyOf(finding)));
  if (brought) return { ok: false, refusal: refusalOf(brought, applied.wrote) };
  const known = new Set(warningsOf(model, whole).map(keyOf));
  const warnings = warningsOf(next, whole).filter((warning) => !known.has(keyOf(warning)));
  return {
    ok: true,
    model: normalised(next, whole.grammar),
    position: applied.position,
    kept: applied.kept,
    warnings: [...applied.warnings, ...warnings.map((warning) => warning.text)],
  };
}

/**
 * The text of a refusal. A problem elsewhere in the model is named with its place, a problem of the line itself is not.
 */
function refusalOf({ path, text }: Finding, wrote: readonly Path[]): string {
  const own = wrote.some((written) => pathText(written) === pathText(path));
  return own ? text : `${pathText(path)}: ${text}`;
}

const keyOf = ({ path, text }: { readonly path: readonly string[]; readonly text: string }): string =>
  [...path, text].join("\0");

/** The shell's answer to a line that failed: with a caret when it is no command, without one when it is refused. */
export const answerLines = (typed: Typed & { readonly ok: false }): string[] =>
  "error" in typed ? errorLines(typed.error) : [`Error: ${typed.refusal}`];
