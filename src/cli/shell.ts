import { type Daemon, Refused } from "./client.js";
import { CommandLine, type LineRefusal, refusalText } from "./command-line.js";
import type { Output } from "./output.js";
import { PAGE_LINES } from "./pager.js";
import { run } from "./run.js";

/** A line that is no command, refused before the daemon is asked. */
export class RefusedLine extends Refused {
  readonly refusal: LineRefusal;

  constructor(refusal: LineRefusal) {
    super(refusalText(refusal));
    this.refusal = refusal;
  }
}

/** Number of lines that `display history-command` shows. */
const HISTORY_LINES = 10;

export interface ShellOptions {
  readonly daemon: Daemon;
  readonly output: Output;
  readonly json: boolean;
  readonly commands?: CommandLine;
}

/** Options of a line that the terminal sets. */
export interface LineOptions {
  readonly signal?: AbortSignal | undefined;
  readonly page?: (text: string) => Promise<void>;
  /** False where a display that refreshes itself could not be ended. */
  readonly mayRefresh?: boolean;
}

/** One session of typed lines, on a terminal, from a file or as the words of a command line. */
export class Shell {
  /** Lines of a page; 0 is no paging. */
  pageLines = PAGE_LINES;
  readonly commands: CommandLine;
  readonly #options: ShellOptions;
  readonly #history: string[] = [];

  constructor(options: ShellOptions) {
    this.#options = options;
    this.commands = options.commands ?? new CommandLine();
  }

  /**
   * Executes a line; "quit" when it ends the session. A line that ends with `?` asks for help. Throws RefusedLine,
   * Refused, Unreachable or Stopped.
   */
  async line(text: string, { signal, page, mayRefresh = true }: LineOptions = {}): Promise<"done" | "quit"> {
    const { output, json } = this.#options;
    const trimmed = text.trim();
    if (trimmed === "" || trimmed.startsWith("#") || trimmed.startsWith("!")) return "done";
    if (trimmed.endsWith("?")) {
      output.print(`${this.commands.help(text.slice(0, text.lastIndexOf("?"))).join("\n")}\n`);
      return "done";
    }
    this.#history.push(trimmed);
    if (this.#history.length > HISTORY_LINES) this.#history.shift();
    const parsed = this.commands.parse(text);
    if (!parsed.ok) throw new RefusedLine(parsed.refusal);
    const { row, match, filters } = parsed;
    if (row.kind === "shell") {
      const session = { ...this.#options, json: json || filters.json, filters, signal, history: this.#history };
      const setPageLines = (lines: number) => {
        this.pageLines = lines;
      };
      return (await row.run(match, { ...session, setPageLines })) ?? "done";
    }
    if (filters.refreshSeconds !== undefined && !mayRefresh) throw new Refused("Nothing would end | refresh here");
    await run(row, match, filters, { ...this.#options, signal, ...(page && this.pageLines > 0 ? { page } : {}) });
    return "done";
  }
}
