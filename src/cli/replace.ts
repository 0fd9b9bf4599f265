import type { Daemon } from "./client.js";
import { textOf } from "./commands/commit-points.js";
import { EXIT, type ExitCode, type Output, printJson } from "./output.js";
import { Configuring } from "./session/configuring.js";

interface Replacing {
  readonly daemon: Daemon;
  readonly file: string;
  /** Only says what would change. */
  readonly check: boolean;
  readonly json: boolean;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** `etrunkctl --replace FILE`: lets the file run, and prints what that changes. */
export async function runReplace({ daemon, file, check, json, output, signal }: Replacing): Promise<ExitCode> {
  const outcome = await new Configuring(daemon).replace(textOf(file), check, { signal });
  const { commit, changed, problems, lines } = outcome;
  if (json) output.print(printJson({ commit, changed, problems, lines }));
  else output.print(lines.map((line) => `${line}\n`).join(""));
  for (const problem of problems) output.complain(`${file}:${problem}`);
  return problems.length > 0 ? EXIT.refused : EXIT.done;
}
