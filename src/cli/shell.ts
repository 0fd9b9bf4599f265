import { KEPT } from "../config/editing/texts.js";
import { holdsKey, storedLine, withoutKeys } from "../config/language/stored-line.js";
import { type Daemon, Refused } from "./client.js";
import { CommandLine, furthest, type LineRefusal, type ParsedLine, refusalText } from "./command-line.js";
import type { Output } from "./output.js";
import { PAGE_LINES } from "./pager.js";
import { run } from "./run.js";
import { Configuring } from "./session/configuring.js";

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
  /** Asks whoever types; resolves to undefined where nobody can be asked. */
  readonly ask?: (question: string) => Promise<string | undefined>;
}

/** One session of typed lines, on a terminal, from a file or as the words of a command line. */
export class Shell {
  /** Lines of a page; 0 is no paging. */
  pageLines = PAGE_LINES;
  readonly configuring: Configuring;
  readonly #options: ShellOptions;
  readonly #user: CommandLine;
  readonly #views = new Map<string, CommandLine>();
  readonly #history: string[] = [];

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#user = options.commands ?? new CommandLine();
    this.configuring = new Configuring(options.daemon);
  }

  /** What may be typed in the present view. */
  get commands(): CommandLine {
    const { position, grammar } = this.configuring;
    if (position === undefined || grammar === undefined) return this.#user;
    const known = this.#views.get(position.view);
    if (known !== undefined) return known;
    const commands = this.#user.inView(grammar.viewCalled(position.view));
    this.#views.set(position.view, commands);
    return commands;
  }

  /**
   * Executes a line; "quit" when it ends the session. A line that ends with `?` asks for help. Throws RefusedLine,
   * Refused, Unreachable or Stopped.
   */
  async line(text: string, options: LineOptions = {}): Promise<"done" | "quit"> {
    const { output } = this.#options;
    const trimmed = text.trim();
    if (trimmed === "" || trimmed.startsWith("#") || trimmed.startsWith("!")) return "done";
    if (trimmed.endsWith("?")) {
      output.print(`${this.commands.help(text.slice(0, text.lastIndexOf("?"))).join("\n")}\n`);
      return "done";
    }
    const parsed = this.commands.parse(text);
    this.#history.push(remembered(trimmed, parsed));
    if (this.#history.length > HISTORY_LINES) this.#history.shift();
    try {
      return await this.#execute(text, parsed, options);
    } catch (error) {
      if (!this.configuring.isLost(error)) throw error;
      await this.#restore(options);
      return await this.#execute(text, parsed, options);
    }
  }

  /** The line as a history may show it: without keys. */
  withoutKeys(text: string): string {
    return remembered(text, this.commands.parse(text));
  }

  async #execute(text: string, parsed: ParsedLine, options: LineOptions): Promise<"done" | "quit"> {
    const { signal, page, mayRefresh = true, ask = async () => undefined } = options;
    const { json } = this.#options;
    if (!parsed.ok || parsed.row.kind === "configuration") return await this.#type(text, parsed, signal);
    const { row, match, filters } = parsed;
    if (row.kind === "shell") {
      const session = { ...this.#options, json: json || filters.json, filters, signal, ask, history: this.#history };
      const { configuring } = this;
      const setPageLines = (lines: number) => {
        this.pageLines = lines;
        // Scripts turn paging off, and wait for the name that they know.
        configuring.showsRunningName = lines === 0;
      };
      return (await row.run(match, { ...session, configuring, setPageLines })) ?? "done";
    }
    if (filters.refreshSeconds !== undefined && !mayRefresh) throw new Refused("Nothing would end | refresh here");
    await run(row, match, filters, { ...this.#options, signal, ...(page && this.pageLines > 0 ? { page } : {}) });
    return "done";
  }

  /** A line of configuration, or one that may be one of the view above: the daemon knows. */
  async #type(text: string, parsed: ParsedLine, signal: AbortSignal | undefined): Promise<"done"> {
    const { position } = this.configuring;
    if (
      !parsed.ok &&
      (position === undefined || typeof parsed.refusal === "string" || parsed.refusal.kind === "ambiguous")
    )
      throw new RefusedLine(parsed.refusal);
    const typed = await this.configuring.type(text.trimEnd(), { signal });
    if (typed.outcome === "refused") throw new Refused(typed.text);
    if (typed.outcome === "no-command")
      throw new RefusedLine(furthest(parsed.ok ? undefined : parsed.refusal, typed.error));
    const { output } = this.#options;
    if (typed.kept) output.print(`Info: ${KEPT}\n`);
    for (const warning of typed.warnings) output.print(`Warning: ${warning}\n`);
    return "done";
  }

  async #restore({ signal }: LineOptions): Promise<void> {
    const { output } = this.#options;
    const { typed, refused } = await this.configuring.restore({ signal });
    output.print(`Info: The daemon was restarted: ${typed} lines typed again, ${refused.length} refused.\n`);
    if (refused.length > 0) throw new Refused(`These lines are refused now:\n${refused.join("\n")}`);
  }
}

function remembered(text: string, parsed: ParsedLine): string {
  if (!parsed.ok) return withoutKeys(text);
  return holdsKey(parsed.said) ? storedLine(parsed.said, () => "***") : text;
}
