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

/** Lines that are taken one by one, of which the next can be looked at. */
class Lines {
  readonly #lines: AsyncIterator<string>;
  #next: Promise<IteratorResult<string>> | undefined;
  #number = 0;

  constructor(lines: AsyncIterable<string>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** Number of the last line that was taken. */
  get number(): number {
    return this.#number;
  }

  /** The next line, which is taken; undefined at the end. */
  async take(): Promise<string | undefined> {
    const line = await this.look();
    this.#next = undefined;
    if (line !== undefined) this.#number++;
    return line;
  }

  async look(): Promise<string | undefined> {
    this.#next ??= this.#lines.next();
    const { value, done } = await this.#next;
    return done === true ? undefined : value;
  }

  /** The next line where it is nothing but an answer to a question. */
  async answer(): Promise<string | undefined> {
    return /^(y|yes|n|no|c|cancel)$/i.test((await this.look())?.trim() ?? "") ? await this.take() : undefined;
  }
}

/** Types the lines into the shell and stops at the first that is refused; at the end the configuration is left. */
async function typeAll(lines: Lines, shell: Shell, signal: AbortSignal): Promise<void> {
  const options = { signal, mayRefresh: false, ask: () => lines.answer() };
  for (let line = await lines.take(); line !== undefined; line = await lines.take()) {
    if ((await shell.line(line, options)) === "quit" || signal.aborted) return;
  }
  if (shell.configuring.isChanged) await shell.line("return", options);
}

/** `etrunkctl -f FILE`: types the lines of a file, and names FILE:LINE where one is refused. */
export async function runScript(file: string, shell: Shell, output: Output, signal: AbortSignal): Promise<ExitCode> {
  const lines = new Lines(linesOf(file));
  try {
    await typeAll(lines, shell, signal);
    return EXIT.done;
  } catch (error) {
    if (error instanceof Refused) {
      const reason = error instanceof RefusedLine ? error.message : refusedText(error).replaceAll(/^Error: /gm, "");
      for (const text of reason.split("\n")) output.complain(`${file}:${lines.number}: ${text}`);
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

/** Lines piped into a shell without a terminal; the first that is refused ends it, or the lines below run elsewhere. */
export async function runPiped(shell: Shell, output: Output, signal: AbortSignal): Promise<ExitCode> {
  let line = "";
  const remembered = async function* () {
    for await (line of linesOf("-")) yield line;
  };
  try {
    await typeAll(new Lines(remembered()), shell, signal);
    return EXIT.done;
  } catch (error) {
    return reportLine(error, line, output);
  }
}

/** Without a terminal nobody sees what was typed: the refused line is printed first and the caret counts from its start. */
export function reportLine(error: unknown, line: string, output: Output): ExitCode {
  if (!(error instanceof RefusedLine)) return report(error, output);
  if (typeof error.refusal !== "string") output.complain(line.trimEnd());
  for (const text of refusalLines(error.refusal, 0)) output.complain(text);
  return EXIT.refused;
}
