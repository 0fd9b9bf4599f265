import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Refused } from "./client.js";
import { refusalLines } from "./command-line.js";
import { EXIT, type ExitCode, type Output, reasonOf } from "./output.js";
import { refusedText, report } from "./run.js";
import { RefusedLine, type Shell } from "./shell.js";

/** The lines of a file; `-` is standard input. */
function linesOf(file: string): AsyncIterable<string> {
  const input = file === "-" ? process.stdin : createReadStream(file);
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

/** `etrunkctl -f FILE`: types the lines into the shell and stops at the first that is refused, naming FILE:LINE. */
export async function runScript(file: string, shell: Shell, output: Output, signal: AbortSignal): Promise<ExitCode> {
  let number = 0;
  try {
    for await (const line of linesOf(file)) {
      number++;
      if ((await shell.line(line, { signal, mayRefresh: false })) === "quit") break;
      if (signal.aborted) break;
    }
    return EXIT.done;
  } catch (error) {
    if (error instanceof Refused) {
      const reason = error instanceof RefusedLine ? error.message : refusedText(error).replace(/^Error: /, "");
      output.complain(`${file}:${number}: ${reason}`);
      return EXIT.refused;
    }
    if (isSystemError(error)) {
      output.complain(`etrunkctl: ${file}: ${reasonOf(error)}`);
      return EXIT.refused;
    }
    return report(error, output);
  }
}

const isSystemError = (error: unknown): boolean => error instanceof Error && "syscall" in error;

/** Lines piped into a shell without a terminal: each is tried; the worst that happened is how it ends. */
export async function runPiped(shell: Shell, output: Output, signal: AbortSignal): Promise<ExitCode> {
  let worst: ExitCode = EXIT.done;
  for await (const line of linesOf("-")) {
    try {
      if ((await shell.line(line, { signal, mayRefresh: false })) === "quit") break;
    } catch (error) {
      const code = reportLine(error, line, output);
      if (code > worst) worst = code;
    }
    if (signal.aborted) break;
  }
  return worst;
}

/** Without a terminal nobody sees what was typed: the refused line is printed first and the caret counts from its start. */
export function reportLine(error: unknown, line: string, output: Output): ExitCode {
  if (!(error instanceof RefusedLine)) return report(error, output);
  if (typeof error.refusal !== "string") output.complain(line.trimEnd());
  for (const text of refusalLines(error.refusal, 0)) output.complain(text);
  return EXIT.refused;
}
