import { ANY_KERNEL } from "../facts.js";
import type { Finding, Path, Position } from "../feature.js";
import { errorText } from "../language/line.js";
import { type Model, pathText } from "../model.js";
import { type Applied, applyLine } from "./apply.js";
import { checkModel, warningsOf } from "./check.js";
import { normalised } from "./normalise.js";
import { type Target, type WholeTarget, wholeTarget } from "./target.js";

/** A model that lines are typed into, with what is already known of it, so that a line answers for what it brings. */
export interface Draft {
  readonly model: Model;
  /** Problems and warnings by place and text. */
  readonly problems: ReadonlySet<string>;
  readonly warnings: ReadonlySet<string>;
}

export function draftOf(model: Model, target: Target = {}): Draft {
  const whole = typingTarget(target);
  const problems = new Set(checkModel(model, whole).map(keyOf));
  return { model, problems, warnings: new Set(warningsOf(model, whole).map(keyOf)) };
}

export type Typed =
  | {
      readonly ok: true;
      readonly draft: Draft;
      readonly position: Position;
      readonly kept: boolean;
      readonly warnings: readonly string[];
      /** The line as it is stored, full keywords and keys as ciphertext, and the view whose command it is. */
      readonly stored: string;
      readonly at: Position;
    }
  | (Applied & { readonly ok: false });

/**
 * Applies one line as a person types it in a view. Returns a new draft and leaves the old one as it was. A line that
 * adds a problem to the model is refused too.
 */
export function typeLine(draft: Draft, position: Position, text: string, target: Target = {}): Typed {
  const whole = typingTarget(target);
  const next = forked(draft.model);
  const applied = applyLine(next, position, text, "typed", whole);
  if (!applied.ok) return applied;
  const { stored, kept, at } = applied;
  // Only a view was entered.
  if (applied.wrote.length === 0)
    return { ok: true, draft, position: applied.position, kept, warnings: applied.warnings, stored, at };
  const problems = checkModel(next, whole);
  const brought = problems.find((finding) => !draft.problems.has(keyOf(finding)));
  if (brought) return { ok: false, refusal: refusalOf(brought, applied.wrote) };
  const warnings = warningsOf(next, whole);
  const told = warnings.filter((warning) => !draft.warnings.has(keyOf(warning))).map(({ text }) => text);
  return {
    ok: true,
    draft: {
      model: normalised(next, whole.grammar),
      problems: new Set(problems.map(keyOf)),
      warnings: new Set(warnings.map(keyOf)),
    },
    position: applied.position,
    kept,
    warnings: [...applied.warnings, ...told],
    stored,
    at,
  };
}

/** Between two lines a configuration may ask for what this kernel cannot do: its abilities are judged when it is to run. */
const typingTarget = (target: Target): WholeTarget => ({ ...wholeTarget(target), kernel: ANY_KERNEL });

/** A copy to write into: lines replace the attributes of an object, and leave the values as they are. */
function forked(model: Model): Model {
  const copy: { [key: string]: unknown } = { ...model };
  for (const [key, value] of Object.entries(copy))
    if (isPlain(value))
      copy[key] = Object.fromEntries(
        Object.entries(value).map(([name, inside]) => [name, isPlain(inside) ? { ...inside } : inside]),
      );
  return copy as Model;
}

const isPlain = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The text of a refusal. A problem elsewhere in the model is named with its place, a problem of the line itself is not.
 */
function refusalOf({ path, text }: Finding, wrote: readonly Path[]): string {
  const own = wrote.some((written) => pathText(written) === pathText(path));
  return own ? text : `${pathText(path)}: ${text}`;
}

const keyOf = ({ path, text }: { readonly path: readonly string[]; readonly text: string }): string =>
  [...path, text].join("\0");

/** Why a line failed, in one line. */
export const refusalText = (typed: Typed & { readonly ok: false }): string =>
  "error" in typed ? errorText(typed.error) : typed.refusal;
