import type { Match } from "../config/language/match.js";
import { type Daemon, Refused, Unreachable } from "./client.js";
import type { Answer, AskingRow } from "./commands/row.js";
import { pause } from "./pause.js";
import { answerTo, refusedText } from "./run.js";
import { holds, namesBefore, printValue, type ValueTest, valueAt } from "./value-test.js";

const POLL_MS = 50;

/** Names that are suggested for a test whose path leads nowhere. */
const MOST_NAMES = 6;

/** Milliseconds for an answer to the last question, so that a short wait on a busy machine still gets one. */
const LEAST_PATIENCE_MS = 500;

export type WaitOutcome =
  | { readonly held: true; readonly answer: Answer }
  /**
   * Time is up: the last answer, if there was one, and a line for each test that does not hold, or for another failure.
   */
  | { readonly held: false; readonly answer: Answer | undefined; readonly reasons: readonly string[] };

/** Asks again and again until every test holds. A daemon or an object that is not there yet is waited for too. */
export async function waitFor(
  display: { readonly row: AskingRow; readonly match: Match },
  tests: readonly ValueTest[],
  seconds: number,
  daemon: Daemon,
  signal?: AbortSignal,
): Promise<WaitOutcome> {
  const deadline = performance.now() + seconds * 1_000;
  let last: Answer | undefined;
  for (;;) {
    let reasons: readonly string[];
    try {
      const timeoutMs = Math.max(deadline - performance.now(), LEAST_PATIENCE_MS);
      const answer = await answerTo(display.row, display.match, daemon, { signal, timeoutMs });
      last = answer;
      if (tests.every((test) => holds(test, answer.document))) return { held: true, answer };
      reasons = failing(tests, answer.document);
    } catch (error) {
      if (error instanceof Unreachable) reasons = [error.message];
      else if (error instanceof Refused) reasons = [refusedText(error)];
      else throw error;
    }
    const left = deadline - performance.now();
    if (left <= 0) return { held: false, answer: last, reasons };
    await pause(Math.min(POLL_MS, left), signal);
  }
}

const failing = (tests: readonly ValueTest[], document: unknown): string[] =>
  tests
    .filter((test) => !holds(test, document))
    .map(({ text, path }) => `${text} does not hold: ${path.join(".")} is ${foundText(document, path)}`);

/** Text for a value; for a path that leads nowhere it names the fields at its end. */
function foundText(document: unknown, path: readonly string[]): string {
  const found = valueAt(document, path);
  const names = found === undefined ? namesBefore(document, path) : [];
  if (names.length === 0) return printValue(found);
  const [shown, more] = [names.slice(0, MOST_NAMES), names.length > MOST_NAMES ? ", ..." : ""];
  return `${printValue(found)}; there is ${shown.join(", ")}${more}`;
}
