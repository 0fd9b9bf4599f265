import { type Position, SYSTEM } from "../../src/config/feature.js";
import type { Model } from "../../src/config/model.js";
import { answerLines, typeLine } from "../support/type-line.js";

export const lines = (text: string) => text.split("; ").flatMap((each) => each.split("\n"));
export const KEY = "%^%#VQE;E!Dl&Rr]if$F>}w9uk5C>y-4|MS$unQ!#Mb#%^%#";

/** Types lines one after another, as a script does; the model, or the answer to the first that is refused. */
export function typed(
  script: readonly string[],
  model: Model = {},
): { model: Model; refused?: string; warnings: string[] } {
  let position: Position = SYSTEM;
  const warnings: string[] = [];
  for (const line of script) {
    if (line === "quit") {
      position = SYSTEM;
      continue;
    }
    const outcome = typeLine(model, position, line);
    if (!outcome.ok) return { model, refused: `${line}: ${answerLines(outcome).at(-1)}`, warnings };
    ({ model, position } = outcome);
    warnings.push(...outcome.warnings);
  }
  return { model, warnings };
}

export const trunk = (id: number, ...more: string[]) => [`interface Eth-Trunk${id}`, ...more.map((line) => ` ${line}`)];
export const etrunk = (id: number, ...more: string[]) => [`e-trunk ${id}`, ...more.map((line) => ` ${line}`)];
export const session = (name: string, bind: string, ...more: string[]) => [
  `bfd ${name} bind ${bind}`,
  ...more.map((line) => ` ${line}`),
];
