import { createInterface, emitKeypressEvents, type Interface } from "node:readline";
import { PassThrough } from "node:stream";
import type { Known } from "../config/language/help.js";
import { type Daemon, Stopped } from "./client.js";
import { refusalLines } from "./command-line.js";
import { EXIT, type ExitCode, type Output } from "./output.js";
import { type Key, Pager, type Screen } from "./pager.js";
import { report } from "./run.js";
import { RefusedLine, type Shell } from "./shell.js";
import { TabCompletion } from "./tab.js";

/** Where keys come from: a terminal, or a stream that stands for one. */
type Keys = NodeJS.ReadableStream & { setRawMode?(raw: boolean): unknown };

export interface InteractiveOptions {
  readonly shell: Shell;
  readonly daemon: Daemon;
  readonly keys: Keys;
  readonly screen: NodeJS.WritableStream & { readonly columns?: number };
  /** What commands print goes here; on the same terminal. */
  readonly output: Output;
}

/** Lines remembered for the arrow keys. */
const HISTORY_SIZE = 500;

/** Keys of the shell that readline knows under another name. */
const RENAMED: { readonly [name: string]: string } = { x: "a", y: "e" };

/** Milliseconds that Tab waits for the names of existing objects. */
const KNOWN_TIMEOUT = 1_000;

/**
 * The shell on a terminal. It gets keys one by one. While a line is edited they go to readline, except keys with a
 * meaning of the shell (`?`, Tab, Ctrl+C ...); while a text is paged they go to the pager; while a command runs they
 * wait, and Ctrl+C ends it.
 */
export class Interactive {
  readonly #options: InteractiveOptions;
  readonly #editor: Interface;
  readonly #screen: Screen;
  readonly #tab: TabCompletion;
  readonly #waiting: [string | undefined, Key][] = [];
  /** The prompt of the line that is edited. */
  #prompt = "";
  /** Takes the answer to a question, while one is open. */
  #answer: ((answer: string) => void) | undefined;
  #running: AbortController | undefined;
  #pager: Pager | undefined;
  #isOver = false;
  #end: (code: ExitCode) => void = () => {};

  constructor(options: InteractiveOptions) {
    this.#options = options;
    this.#tab = new TabCompletion();
    const { screen } = options;
    this.#screen = {
      write: (text) => void screen.write(text),
      get columns() {
        // A terminal without a known size reports 0.
        return screen.columns || Number.POSITIVE_INFINITY;
      },
    };
    // readline gets its keys only through write(), so that this class sees each key first; its own input stays silent.
    this.#editor = createInterface({
      input: new PassThrough(),
      output: screen,
      terminal: true,
      historySize: HISTORY_SIZE,
      removeHistoryDuplicates: false,
    });
    this.#editor.on("line", (line) => void (this.#answer ?? ((text) => this.#entered(text)))(line));
    this.#editor.on("history", (history) => this.#forgetKeys(history));
    this.#editor.on("close", () => this.#endOfInput());
  }

  /** Runs until the session ends. Throws Unreachable when there is no daemon to begin with. */
  async run(): Promise<ExitCode> {
    const { shell, keys, output } = this.#options;
    const { version } = await shell.configuring.meet({});
    output.print(`etrunkctl ${version}: ? helps, Tab completes, quit ends.\n`);
    const over = new Promise<ExitCode>((resolve) => {
      this.#end = resolve;
    });
    emitKeypressEvents(keys);
    const listener = (character: string | undefined, key: Key) => this.#key(character, key);
    keys.on("keypress", listener);
    keys.once("end", () => this.#endOfInput());
    keys.setRawMode?.(true);
    keys.resume();
    this.#promptAgain();
    try {
      return await over;
    } finally {
      keys.setRawMode?.(false);
      keys.removeListener("keypress", listener);
      keys.pause();
      this.#editor.close();
    }
  }

  #endOfInput(): void {
    if (!this.#isOver) this.#screen.write("\n");
    this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#running?.abort();
    this.#pager?.stop();
    this.#end(EXIT.done);
  }

  #promptAgain(): void {
    if (this.#isOver) return;
    this.#prompt = this.#options.shell.configuring.prompt;
    this.#editor.setPrompt(this.#prompt);
    this.#editor.prompt();
  }

  /** No key is remembered, nor an answer to a question. */
  #forgetKeys(history: string[]): void {
    const [last] = history;
    if (last === undefined) return;
    if (this.#answer === undefined) history[0] = this.#options.shell.withoutKeys(last);
    else history.shift();
  }

  /** Asks whoever sits there. Throws Stopped. */
  #ask(question: string, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#answer = undefined;
        signal.removeEventListener("abort", stop);
      };
      const stop = (): void => {
        done();
        reject(new Stopped());
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#answer = (answer) => {
        done();
        resolve(answer);
      };
      this.#editor.setPrompt(question);
      this.#editor.prompt();
      this.#flush();
    });
  }

  #key(character: string | undefined, key: Key): void {
    if (this.#isOver) return;
    if (this.#pager) this.#pager.key(character, key);
    else if (!this.#running) this.#edit(character, key);
    else if (this.#answer && !key.ctrl) this.#editor.write(character, key);
    else if (key.ctrl && key.name === "c") {
      this.#waiting.length = 0;
      this.#running.abort();
    } else this.#waiting.push([character, key]);
  }

  #edit(character: string | undefined, key: Key): void {
    if (character === "?") this.#help();
    else if (key.name === "tab") void this.#complete();
    else if (!key.ctrl) this.#editor.write(character, key);
    else if (key.name === "c") {
      this.#takeLine();
      this.#screen.write("^C\n");
      this.#promptAgain();
    } else if (key.name === "g") {
      this.#takeLine();
      this.#editor.write("display current-configuration\n");
    } else if (key.name === "r") this.#redraw("");
    else if (key.name === "z") this.#leaveViews();
    else if (key.name === "d" && this.#editor.line === "" && this.#isConfiguring) this.#leaveViews();
    else this.#editor.write(character, { ...key, name: RENAMED[key.name ?? ""] ?? key.name });
  }

  get #isConfiguring(): boolean {
    return this.#options.shell.configuring.position !== undefined;
  }

  /** Ctrl+Z: to user view, where nothing happens. */
  #leaveViews(): void {
    if (!this.#isConfiguring) return;
    this.#takeLine();
    this.#editor.write("return\n");
  }

  /** Empties the line on the screen and in the editor; returns its text left and right of the cursor. */
  #takeLine(): { left: string; right: string } {
    const { line, cursor } = this.#editor;
    this.#editor.write(null, { ctrl: true, name: "e" });
    this.#editor.write(null, { ctrl: true, name: "u" });
    return { left: line.slice(0, cursor), right: line.slice(cursor) };
  }

  /** Shows prompt and line again below the present line, with `shown` between them. */
  #redraw(shown: string): void {
    const { left, right } = this.#takeLine();
    this.#screen.write(`${left}${shown || right}\n`);
    this.#promptAgain();
    this.#putLine(left, right);
  }

  #putLine(left: string, right: string): void {
    this.#editor.write(left + right);
    for (const _ of right) this.#editor.write(null, { name: "left" });
  }

  #help(): void {
    const { line, cursor } = this.#editor;
    const [first = "", ...others] = this.#options.shell.commands.help(line.slice(0, cursor));
    // The caret must stand under the line on the screen, so it is moved by the prompt's length.
    const shown = /^ *\^$/.test(first) ? " ".repeat(this.#prompt.length) + first : first;
    this.#redraw(`?\n${[shown, ...others].join("\n")}`);
  }

  async #complete(): Promise<void> {
    const stop = this.#startRunning();
    const known = await this.#known(stop.signal);
    this.#running = undefined;
    if (this.#isOver) return;
    const { line, cursor } = this.#editor;
    const next = this.#tab.next(line.slice(0, cursor), known, this.#options.shell.commands);
    if (next === undefined) this.#redraw("");
    else this.#putLine(next, this.#takeLine().right);
    this.#flush();
  }

  #startRunning(): AbortController {
    this.#running = new AbortController();
    return this.#running;
  }

  /** Names of existing objects, for completion; none when the daemon does not answer at once. */
  async #known(signal: AbortSignal): Promise<Known> {
    try {
      const { daemon } = this.#options;
      const asking = { signal, timeoutMs: KNOWN_TIMEOUT };
      if (this.#isConfiguring) return await daemon.ask<"candidate-names">({ ask: "candidate-names" }, asking);
      return await daemon.ask<"names">({ ask: "names" }, asking);
    } catch {
      return {};
    }
  }

  async #entered(line: string): Promise<void> {
    const { shell, output } = this.#options;
    const { signal } = this.#startRunning();
    try {
      const page = (text: string) => this.#page(text, signal);
      const ask = (question: string) => this.#ask(question, signal);
      if ((await shell.line(line, { signal, page, ask })) === "quit") {
        this.#finish();
        return;
      }
    } catch (error) {
      this.#report(error, output);
    }
    this.#running = undefined;
    this.#promptAgain();
    this.#flush();
  }

  #report(error: unknown, output: Output): void {
    if (error instanceof RefusedLine) {
      for (const text of refusalLines(error.refusal, this.#prompt.length)) output.complain(text);
    } else if (error instanceof Stopped) this.#screen.write("^C\n");
    else report(error, output);
  }

  #page(text: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      let isShown = false;
      const finish = () => {
        isShown = true;
        this.#pager = undefined;
        resolve();
      };
      const pager = new Pager(text, this.#options.shell.pageLines, this.#screen, finish);
      if (!isShown) this.#pager = pager;
    });
  }

  /** Handles the keys that were typed while a command ran. */
  #flush(): void {
    while (this.#waiting.length > 0 && (!this.#running || this.#answer) && !this.#isOver)
      this.#key(...this.#waiting.shift()!);
  }
}
