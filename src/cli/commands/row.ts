/**
 * A command is one row: its syntax and help, its question to the daemon, and the text of the answer. Parsing, help and
 * completion are made from the rows; `commands.ts` lists them (decision 0018).
 */
import type { Match, Syntax, Words } from "../../config/language/match.js";
import { compile, type Parameters } from "../../config/language/pattern.js";
import type { QuestionMap } from "../../core/contract/questions.js";
import type { Questions } from "../../daemon/questions.js";
import type { Daemon } from "../client.js";
import type { Output } from "../output.js";
import type { FilterChain } from "../output-filters.js";
import type { Configuring } from "../session/configuring.js";

export type CommandRow = AskingRow | ShellRow;

/** Where a command may be typed: in user view, in the views of the configuration, or in both. */
type Where = "user" | "configuration" | "any";

/** A command with a question or an action for the daemon. */
export interface AskingRow extends Syntax {
  readonly in: Where;
  readonly kind: "asking";
  /** True for a display, which may be asked again and again. */
  readonly isDisplay: boolean;
  request(match: Match): { readonly ask: string };
  /** Makes the answer from the data of the daemon's reply. Throws Refused when the reply holds nothing to show. */
  answer(reply: unknown, match: Match): Answer;
}

/** The result of a command: a JSON document, and the text that shows it. */
export interface Answer {
  readonly document: unknown;
  text(): string;
}

/** A command that the shell does itself. */
export interface ShellRow extends Syntax {
  readonly in: Where;
  readonly kind: "shell";
  /** `quit` when it ends the session. */
  run(match: Match, session: Session): Promise<"quit" | undefined> | Promise<void> | void | "quit";
}

/** State of the shell that its own commands change. */
export interface Session {
  readonly configuring: Configuring;
  readonly daemon: Daemon;
  readonly output: Output;
  readonly json: boolean;
  readonly filters: FilterChain;
  readonly signal: AbortSignal | undefined;
  /** The last lines typed, the latest last. */
  readonly history: readonly string[];
  /** Sets the lines of a page; 0 is no paging. */
  setPageLines(lines: number): void;
  /** Asks whoever types; resolves to undefined where nobody can be asked. */
  ask(question: string): Promise<string | undefined>;
}

interface Texts {
  readonly help: string;
  /** Help of single keywords, where the row's own does not fit them. */
  readonly words?: Words;
  readonly parameters?: Parameters;
  /** Without it a display may be typed in any view, and all else in user view. */
  readonly in?: Where;
}

interface Asking<Map extends QuestionMap<Map>, Name extends keyof Map> extends Texts {
  ask(match: Match): readonly [question: Name, asks: Map[Name]["asks"]];
}

const syntaxOf = (syntax: string, { help, words = {}, parameters = {} }: Texts): Syntax => ({
  pattern: compile(syntax, parameters),
  help,
  words,
});

/** The makers of rows that ask the questions of a map. @internal A test brings a map of its own. */
export function rowsAsking<Map extends QuestionMap<Map>>() {
  const asking = <Name extends keyof Map & string>(
    syntax: string,
    row: Asking<Map, Name>,
    answer: (data: Map[Name]["answer"], match: Match) => Answer,
  ): AskingRow => ({
    ...syntaxOf(syntax, row),
    kind: "asking",
    in: row.in ?? (syntax.startsWith("display ") ? "any" : "user"),
    isDisplay: syntax.startsWith("display "),
    request: (match) => {
      const [question, asks] = row.ask(match);
      return { ask: question, ...asks };
    },
    answer: (reply, match) => answer(reply as Map[Name]["answer"], match),
  });
  return {
    /** Shows the answer. */
    display: <Name extends keyof Map & string>(
      syntax: string,
      row: Asking<Map, Name> & { show(data: Map[Name]["answer"], match: Match): string },
    ) => asking(syntax, row, (data, match) => ({ document: data, text: () => row.show(data, match) })),
    /** Shows a document that is made of the answer. */
    excerpt: <Name extends keyof Map & string, Document>(
      syntax: string,
      row: Asking<Map, Name> & {
        document(data: Map[Name]["answer"], match: Match): Document;
        show(document: Document, match: Match, data: Map[Name]["answer"]): string;
      },
    ) =>
      asking(syntax, row, (data, match) => {
        const document = row.document(data, match);
        return { document, text: () => row.show(document, match, data) };
      }),
    /** Asks for an action and shows nothing. */
    action: <Name extends keyof Map & string>(syntax: string, row: Asking<Map, Name>) =>
      asking(syntax, row, (data) => ({ document: data, text: () => "" })),
  };
}

export const { display, excerpt, action } = rowsAsking<Questions>();

export const shellRow = (syntax: string, row: Texts & Pick<ShellRow, "run">): ShellRow => ({
  ...syntaxOf(syntax, row),
  kind: "shell",
  in: row.in ?? "user",
  run: row.run,
});

/** The number of an object, or nothing for all of them. */
export const numbered = ({ values }: Match): { readonly id?: number } =>
  values.id === undefined ? {} : { id: values.id as number };
