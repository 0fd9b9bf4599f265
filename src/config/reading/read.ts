import { atOnce, type Steps } from "../../core/base/steps.js";
import { type Configuration, LONGEST_LINE, MOST_PROBLEMS } from "./configuration.js";
import { readJson } from "./read-json.js";
import { readText } from "./read-text.js";
import { type Target, wholeTarget } from "./target.js";

/** `readingConfiguration`, all at once. @internal */
export const readConfiguration = (text: string, target: Target = {}): Configuration =>
  atOnce(readingConfiguration(text, target));

/**
 * Reads a configuration, in VRP form, or as JSON where its first character is `{`; the VRP form in short steps. Never throws and
 * never stops at the first problem; the order of lines does not matter. Keys are in the model as ciphertext only.
 */
export function* readingConfiguration(text: string, target: Target = {}): Steps<Configuration> {
  const whole = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const isJson = /^\s*\{/.test(whole.slice(0, LONGEST_LINE));
  const read = isJson ? readJson(whole, wholeTarget(target)) : yield* readText(whole, wholeTarget(target));
  const problems = [...read.problems].sort((a, b) => a.line - b.line);
  const tooMany = problems[MOST_PROBLEMS];
  if (tooMany === undefined) return { ...read, problems };
  const last = { line: tooMany.line, text: `${MOST_PROBLEMS} problems; the rest is not listed.` };
  return { ...read, problems: [...problems.slice(0, MOST_PROBLEMS), last] };
}
