import type { Model } from "../../config/model.js";
import type { Micros } from "../../core/base/time.js";
import type { Log } from "../log/log.js";
import { StartFailure } from "../start-failure.js";
import type { FileEnd, ReadFile } from "./configuration-file.js";

/** What came of reading the configuration file again. */
export interface Reload {
  readonly at: Micros;
  readonly outcome: "applied" | "unchanged" | "refused";
  /** Attributes that differed, `a.b.c`. */
  readonly changed: readonly string[];
  /** Why nothing was applied, each as `FILE:LINE: problem`. */
  readonly problems: readonly string[];
}

export interface ReloadsOptions {
  /** How the file that runs ends. */
  readonly end: FileEnd;
  /** Reads come after it. */
  readonly started: Promise<void>;
  readonly log: Log;
  now(): Micros;
  /** Throws StartFailure where the file cannot be read. */
  read(): Promise<ReadFile>;
  /** Resolves to the attributes that differed when the host has been asked for all; undefined when the daemon is stopping. */
  apply(model: Model): Promise<string[] | undefined>;
  /** The file is refused; undefined: it is in force. */
  refused(problem: string | undefined): void;
  /** A read begins and ends. */
  reading(is: boolean): void;
}

/** Why a file that is itself right must be half a file, compared with how the last one ended; undefined when it need not. */
function cutOf(
  { end, lines }: ReadFile,
  before: FileEnd,
): { readonly line: number; readonly text: string } | undefined {
  if (end === before) return undefined;
  if (end === "empty")
    return { line: 1, text: "The file is empty; a configuration without anything in it is the line return." };
  if (before === "return" && end === "open")
    return { line: lines, text: "The file ends without return, which ended the last one: it may be cut." };
  return undefined;
}

/** Reads the configuration file again, one time after the other, and keeps what came of the last. */
export class Reloads {
  readonly #options: ReloadsOptions;
  #queue: Promise<unknown>;
  #end: FileEnd;
  #last: Reload | undefined;

  constructor(options: ReloadsOptions) {
    this.#options = options;
    this.#queue = options.started;
    this.#end = options.end;
  }

  get last(): Reload | undefined {
    return this.#last;
  }

  /** A file with a problem changes nothing. */
  again(): Promise<Reload> {
    const read = this.#queue.then(() => this.#read());
    this.#queue = read.catch(() => {});
    return read;
  }

  async #read(): Promise<Reload> {
    this.#options.reading(true);
    try {
      const file = await this.#options.read();
      const cut = cutOf(file, this.#end);
      const problems = [...file.problems, ...(cut === undefined ? [] : [file.place(cut)])];
      for (const notice of file.notices) this.#options.log.info("configuration notice", { notice });
      return problems.length > 0 ? this.#refuse(problems) : await this.#apply(file);
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
      return this.#refuse([error.message]);
    } finally {
      this.#options.reading(false);
    }
  }

  async #apply(file: ReadFile): Promise<Reload> {
    const { log, apply, refused } = this.#options;
    const changed = await apply(file.model);
    if (changed === undefined) return this.#keep("refused", { problems: ["The daemon is stopping."] });
    this.#end = file.end;
    log.info("configuration read again", { changed });
    refused(undefined);
    return this.#keep(changed.length > 0 ? "applied" : "unchanged", { changed });
  }

  #refuse(problems: readonly string[]): Reload {
    const { log, refused } = this.#options;
    for (const problem of problems) log.error("configuration refused", { problem });
    const [first = "", ...more] = problems;
    refused(more.length === 0 ? first : `${first} (and ${more.length} more)`);
    return this.#keep("refused", { problems });
  }

  #keep(outcome: Reload["outcome"], { changed = [], problems = [] }: Partial<Reload>): Reload {
    this.#last = { at: this.#options.now(), outcome, changed, problems };
    return this.#last;
  }
}
