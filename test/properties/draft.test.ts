import fc from "fast-check";
import { expect, test } from "vitest";
import type { Position } from "../../src/config/feature.js";
import { PRODUCT } from "../../src/config/features.js";
import type { Model } from "../../src/config/model.js";
import { applyLine } from "../../src/config/reading/apply.js";
import { checkModel } from "../../src/config/reading/check.js";
import { differencesBetween } from "../../src/config/reading/differences.js";
import { normalised } from "../../src/config/reading/normalise.js";
import { wholeTarget } from "../../src/config/reading/target.js";
import { Draft } from "../../src/config/reading/type-line.js";
import { models } from "./config-models.js";

interface Step {
  readonly position: Position;
  readonly line: string;
}

/** Lines that give a model, and lines that take it away, each with its view. */
function* stepsOf(model: Model): Generator<Step> {
  for (const { view, record, path } of PRODUCT.placesIn(model)) {
    const name = path[1] ?? "";
    const position = view.collection?.positionOf(name) ?? { view: "system", name: "" };
    const viewLine = view.collection?.viewLine(name, record);
    if (viewLine !== undefined) yield { position: { view: "system", name: "" }, line: viewLine };
    for (const [attribute, value] of Object.entries(record))
      for (const text of view.settings[attribute]?.print(value) ?? [])
        for (const line of [text, `undo ${text}`]) if (text !== "#") yield { position, line };
    if (viewLine !== undefined) yield { position: { view: "system", name: "" }, line: `undo ${viewLine}` };
  }
}

const keysOf = (model: Model): Set<string> =>
  new Set(checkModel(model, wholeTarget({})).map(({ path, text }) => [...path, text].join("\0")));

/** The line typed into a copy of the whole model, which is checked as a whole; undefined: refused. */
function typedInWhole(model: Model, { position, line }: Step): Model | undefined {
  const next = structuredClone(model);
  const applied = applyLine(next, position, line, "typed");
  if (!applied.ok) return undefined;
  if (applied.wrote.length === 0) return model;
  const before = keysOf(model);
  return [...keysOf(next)].some((key) => !before.has(key)) ? undefined : normalised(next);
}

test("a line checked with what is near to it is taken or refused as by a check of the whole", {
  timeout: 120_000,
}, () => {
  fc.assert(
    fc.property(models, models, fc.infiniteStream(fc.nat(1_000_000)), (base, other, picks) => {
      const draft = new Draft(base);
      const untouched = structuredClone(base);
      let whole = base;
      const steps = [...stepsOf(base), ...stepsOf(other)];
      for (let turn = 0; turn < Math.min(12, steps.length); turn++) {
        const step = steps[(picks.next().value ?? 0) % steps.length] as Step;
        if (!PRODUCT.hasObject(whole, step.position)) continue;
        const wanted = typedInWhole(whole, step);
        const typed = draft.type(step.position, step.line);
        expect([step.line, typed.ok]).toEqual([step.line, wanted !== undefined]);
        whole = wanted ?? whole;
        expect(draft.model).toEqual(whole);
        expect(draft.isChanged).toBe(differencesBetween(base, whole).length > 0);
      }
      expect(base).toEqual(untouched);
    }),
    { numRuns: 60 },
  );
});
