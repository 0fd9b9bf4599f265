import type { Match } from "../config/language/match.js";
import { type Asking, type Daemon, Refused, Stopped, Unreachable } from "./client.js";
import { RefusedCommit } from "./commands/commit-points.js";
import type { Answer, AskingRow } from "./commands/row.js";
import { EXIT, type ExitCode, type Output, printJson } from "./output.js";
import type { FilterChain } from "./output-filters.js";
import { pause } from "./pause.js";

/** Surroundings of a command. */
export interface Surroundings {
  readonly daemon: Daemon;
  readonly output: Output;
  /** Shows every display as JSON. */
  readonly json: boolean;
  /** Ends the command: Ctrl+C. */
  readonly signal?: AbortSignal | undefined;
  /** Shows a long text page by page; without it the text is printed as a whole. */
  readonly page?: (text: string) => Promise<void>;
}

/** Sends the question of a line to the daemon. Throws as Daemon.request does. */
export async function answerTo(row: AskingRow, match: Match, daemon: Daemon, asking: Asking): Promise<Answer> {
  return row.answer(await daemon.request(row.request(match), asking), match);
}

/** Sends the question of a line and prints its answer. Throws Refused, Unreachable or Stopped. */
export async function run(row: AskingRow, match: Match, filters: FilterChain, around: Surroundings): Promise<void> {
  const json = around.json || filters.json;
  if (json && !filters.isEmpty) throw new Refused("JSON cannot be filtered by lines");
  const once = async () => {
    const answer = await answerTo(row, match, around.daemon, { signal: around.signal });
    if (json) return printJson(answer.document);
    return filters.apply(answer.text());
  };
  const { refreshSeconds } = filters;
  if (refreshSeconds === undefined) return show(await once(), filters, around);
  for (;;) {
    around.output.print(await once());
    await pause(refreshSeconds * 1_000, around.signal);
  }
}

async function show(text: string, filters: FilterChain, { output, page }: Surroundings): Promise<void> {
  if (page && filters.paging) await page(text);
  else output.print(text);
}

/** The daemon's refusal as displays print it: `Error: Eth-Trunk9 does not exist.` Of a commit each problem is a line. */
export function refusedText(refused: Refused): string {
  if (refused instanceof RefusedCommit) return refused.problems.map((problem) => `Error: ${problem}`).join("\n");
  const { message } = refused;
  const text = message.startsWith("Error: ") ? message : `Error: ${message}`;
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

/** Prints an error of etrunkctl and returns the exit code; other errors are thrown on. */
export function report(error: unknown, output: Output): ExitCode {
  if (error instanceof Stopped) return EXIT.done;
  if (error instanceof Refused) {
    output.complain(refusedText(error));
    return EXIT.refused;
  }
  if (error instanceof Unreachable) {
    output.complain(`etrunkctl: ${error.message}`);
    return EXIT.unreachable;
  }
  throw error;
}
