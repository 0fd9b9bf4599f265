import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { DEFAULT_SOCKET } from "./client.js";

/** The flags and words of the command line. */
export interface Flags {
  readonly socket: string;
  readonly json: boolean;
  readonly words: readonly string[];
  readonly file: string | undefined;
  readonly decode: string | undefined;
  readonly monitor: boolean;
  readonly reload: boolean;
  /** A file that is to be the configuration; with `check` only what it would change is asked. */
  readonly replace: string | undefined;
  readonly check: boolean;
  /** Seconds. */
  readonly wait: number | undefined;
}

/** The end of a program that runs no command: text for stdout (help, version), or one line for stderr. */
export interface Ending {
  readonly code: 0 | 2;
  readonly text: string;
}

interface Typed {
  socket?: string;
  json?: boolean;
  file?: string;
  decode?: string;
  monitor?: boolean;
  reload?: boolean;
  replace?: string;
  check?: boolean;
  wait?: string;
}

/** The version of the package; two folders up both from `src/cli` and from `dist/cli`. */
function programVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

const EXAMPLES = `
Words are a command as the shell takes it, and may be cut short: "dis eth 1" is "display eth-trunk 1".
Without words a shell opens: ? shows what may follow, Tab completes, quit ends.

Examples:
  etrunkctl display eth-trunk 1                    state of a trunk and its ports
  etrunkctl --json display eth-trunk               all trunks as JSON, for scripts
  etrunkctl display eth-trunk 1 '|' include Selected
  etrunkctl marker eth-trunk 1 5                   round trips to the partner
  etrunkctl --wait 10 operState=up 'upPorts>=2' display eth-trunk 1
  etrunkctl --monitor trunk-state port-state       one JSON line per change
  etrunkctl --decode capture.pcap                  LACP, Flush, hellos and BFD of a capture, and what is wrong with them
  etrunkctl --reload                               reads the configuration file again; 1 when it is refused
  etrunkctl --replace FILE                         makes FILE the configuration that runs, and prints what changed
  etrunkctl -f commands.txt                        types a file into the shell

A TEST of --wait is a path into the command's JSON, one of = != < > <= >= (quote it for your shell), and a value:
operState=up, ports.0.partner.portState=10111100, ports.length=2, etrunk=null. A path that leads nowhere never holds.

Exit status: 0 done; 1 refused or not found, or a fault in a capture; 2 bad flags; 3 daemon not reachable; 4 time is up.
`;

function command(out: (text: string) => void): Command {
  return new Command("etrunkctl")
    .description("Asks and tells a running etrunkd: displays, counters, markers, events.")
    .usage("[options] [WORD...]")
    .argument(
      "[WORD...]",
      "a command, e.g. display eth-trunk 1; with --monitor the events; with --wait tests before it",
    )
    .option("--socket <path>", `control socket (default: ETRUNKD_SOCKET, else ${DEFAULT_SOCKET})`)
    .option("--json", "print one JSON document instead of text")
    .option("-f, --file <file>", "type the lines of FILE (- is standard input); stops at the first that is refused")
    .option("--wait <seconds>", "repeat a display until every TEST holds; waits for the daemon too")
    .option("--monitor", "print one JSON line per event until Ctrl+C; of the named events, or of all")
    .option("--reload", "have the daemon read its configuration file again, and print why it is refused")
    .option("--replace <file>", "let FILE run in place of the configuration that runs, and print the differences")
    .option("--check", "with --replace: print the differences and change nothing")
    .option(
      "--decode <file>",
      "decode a pcap or pcapng capture (- is standard input); needs no daemon; ETRUNK_KEY checks hellos",
    )
    .version(programVersion(), "--version", "print the version")
    .helpOption("--help", "print this help")
    .addHelpText("after", EXAMPLES)
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: () => {} });
}

const bad = (text: string): Ending => ({ code: 2, text: `etrunkctl: ${text}; see --help` });

/** Reads the command line (without node and script) and the environment. */
export function readFlags(words: readonly string[], environment: NodeJS.ProcessEnv): Flags | Ending {
  let printed = "";
  const parser = command((text) => {
    printed += text;
  });
  try {
    parser.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { code: 0, text: printed };
    return bad(error.message.replace(/^error: /, "").replaceAll("\n", " "));
  }
  const typed = parser.opts<Typed>();
  // An empty environment variable counts as unset, as in the shell.
  return checked(typed, typed.socket ?? (environment.ETRUNKD_SOCKET || DEFAULT_SOCKET), parser.args);
}

function checked(typed: Typed, socket: string, words: readonly string[]): Flags | Ending {
  const { json = false, file, decode, monitor = false, reload = false, replace, check = false, wait } = typed;
  const modes = [
    ["-f", file !== undefined],
    ["--decode", decode !== undefined],
    ["--monitor", monitor],
    ["--reload", reload],
    ["--replace", replace !== undefined],
    ["--wait", wait !== undefined],
  ] as const;
  const chosen = modes.filter(([, isChosen]) => isChosen).map(([name]) => name);
  if (chosen.length > 1) return bad(`${chosen.join(" and ")} exclude each other`);
  if (socket === "") return bad("--socket needs a path");
  if (check && replace === undefined) return bad("--check goes with --replace");
  if (words.length > 0 && [file, decode, replace].some((each) => each !== undefined || reload)) {
    return bad(`${chosen[0]} takes no words, but '${words[0]}' was given`);
  }
  const given = { socket, json, words, file, decode, monitor, reload, replace, check };
  if (wait === undefined) return { ...given, wait: undefined };
  const seconds = /^\d+(\.\d+)?$/.test(wait) ? Number(wait) : Number.NaN;
  if (!(seconds <= MOST_SECONDS)) return bad(`--wait takes 0 to ${MOST_SECONDS} seconds, not '${wait}'`);
  if (words.length === 0) return bad("--wait needs a display to repeat");
  return { ...given, wait: seconds };
}

/** Longest wait in seconds: a day. */
const MOST_SECONDS = 86_400;
