import { Daemon } from "./client.js";
import { CommandLine, lineOf } from "./command-line.js";
import { decode } from "./decode/decode.js";
import { type Flags, readFlags } from "./flags.js";
import { Interactive } from "./interactive.js";
import { runMonitor } from "./monitor.js";
import { EXIT, type ExitCode, type Output, printJson } from "./output.js";
import { runReplace } from "./replace.js";
import { report } from "./run.js";
import { reportLine, runPiped, runScript } from "./script.js";
import { RefusedLine, Shell } from "./shell.js";
import { parseValueTest, type ValueTest } from "./value-test.js";
import { waitFor } from "./wait.js";

const standardOutput: Output = {
  print: (text) => void process.stdout.write(text),
  complain: (line) => void process.stderr.write(`${line}\n`),
};

/** Runs etrunkctl with the words of its command line; resolves to its exit code. */
export async function main(words: readonly string[], commands = new CommandLine()): Promise<ExitCode> {
  endQuietlyWithTheReader();
  const flags = readFlags(words, process.env);
  if ("code" in flags) {
    if (flags.code === EXIT.done) standardOutput.print(flags.text);
    else standardOutput.complain(flags.text);
    return flags.code;
  }
  if (flags.decode !== undefined) return decode(flags.decode, flags.json, process.env.ETRUNK_KEY, standardOutput);
  const daemon = new Daemon(flags.socket);
  try {
    return await converse(flags, daemon, commands, standardOutput);
  } catch (error) {
    return report(error, standardOutput);
  } finally {
    daemon.close();
  }
}

/** `etrunkctl ... | head`: the program ends quietly when its reader has gone. */
function endQuietlyWithTheReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(EXIT.done);
    });
  }
}

async function converse(flags: Flags, daemon: Daemon, commands: CommandLine, output: Output): Promise<ExitCode> {
  const { json, words } = flags;
  if (flags.reload) return reload(daemon, json, output);
  const { replace, check } = flags;
  if (replace !== undefined) return runReplace({ daemon, file: replace, check, json, output, signal: signalOfCtrlC() });
  const shell = new Shell({ daemon, output, json, commands });
  if (!flags.monitor && flags.wait === undefined && words.length === 0 && flags.file === undefined) {
    if (process.stdin.isTTY && process.stdout.isTTY) {
      return new Interactive({ shell, daemon, keys: process.stdin, screen: process.stdout, output }).run();
    }
    return runPiped(shell, output, signalOfCtrlC());
  }
  const signal = signalOfCtrlC();
  if (flags.monitor) return runMonitor(daemon, words, output, signal);
  if (flags.wait !== undefined) return wait(flags, flags.wait, { daemon, commands, output, signal });
  if (flags.file !== undefined) return runScript(flags.file, shell, output, signal);
  const line = lineOf(words);
  try {
    await shell.line(line, { signal });
    return EXIT.done;
  } catch (error) {
    return reportLine(error, line, output);
  }
}

/** Longest wait for the outcome of a reload: of a large configuration it takes seconds. */
const RELOAD_PATIENCE = 60_000;

/** Has the configuration file read again, and says what came of it. */
async function reload(daemon: Daemon, json: boolean, output: Output): Promise<ExitCode> {
  const result = await daemon.ask<"reload">({ ask: "reload" }, { signal: signalOfCtrlC(), timeoutMs: RELOAD_PATIENCE });
  if (json) output.print(printJson(result));
  for (const problem of result.problems) output.complain(problem);
  return result.outcome === "refused" ? EXIT.refused : EXIT.done;
}

/** Ctrl+C, and a supervisor's SIGTERM, end what runs; a second one ends the program at once. */
function signalOfCtrlC(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

interface Waiting {
  readonly daemon: Daemon;
  readonly commands: CommandLine;
  readonly output: Output;
  readonly signal: AbortSignal;
}

async function wait(
  { words, json }: Flags,
  seconds: number,
  { daemon, commands, output, signal }: Waiting,
): Promise<ExitCode> {
  const pipe = words.indexOf("|");
  const isTest = (word: string, n: number) => (pipe < 0 || n < pipe) && parseValueTest(word) !== undefined;
  const tests = words.filter(isTest).map((word) => parseValueTest(word) as ValueTest);
  const line = lineOf(words.filter((word, n) => !isTest(word, n)));
  const parsed = commands.parse(line);
  if (!parsed.ok) return reportLine(new RefusedLine(parsed.refusal), line, output);
  const { row, match, filters } = parsed;
  if (row.kind !== "asking" || !row.isDisplay || filters.refreshSeconds !== undefined) {
    output.complain("etrunkctl: --wait repeats a display, nothing else; see --help");
    return EXIT.badFlags;
  }
  const outcome = await waitFor({ row, match }, tests, seconds, daemon, signal);
  const { answer } = outcome;
  if (answer) output.print(json || filters.json ? printJson(answer.document) : filters.apply(answer.text()));
  if (outcome.held) return EXIT.done;
  output.complain(`etrunkctl: time is up after ${seconds} s`);
  for (const reason of outcome.reasons) output.complain(reason);
  return EXIT.timeIsUp;
}
