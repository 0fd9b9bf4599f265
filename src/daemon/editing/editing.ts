import type { Facts } from "../../config/facts.js";
import type { Model } from "../../config/model.js";
import { Refusal } from "../../core/contract/questions.js";
import type { Log } from "../log/log.js";
import type { EditorQuestions, Prepared } from "./editor.js";
import type { EditorPort, Order, PreparedCommit, StartEditor } from "./port.js";
import type { CommitView, EditingQuestions, SessionView } from "./questions.js";

/** Longest wait of a commit for another, in milliseconds. */
const PATIENCE = 30_000;

const ENDED = "The editor of the configuration ended: what was not committed is lost, and what runs is not concerned.";

export interface EditingOptions {
  readonly start: StartEditor;
  readonly facts: Facts;
  readonly log: Log;
  running(): Model;
  /** Makes it run; resolves to false when the daemon is stopping. */
  apply(commit: PreparedCommit, id: string): Promise<boolean>;
  /** The ID of a new commit, on disk before it is told. */
  nextCommit(): string;
}

/** The configuration sessions of a daemon, as its main thread sees them. The editor is started by the first of them. */
export class Editing {
  readonly #options: EditingOptions;
  #editor: EditorPort | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: EditingOptions) {
    this.#options = options;
  }

  /** What answers each question, given the session that asks. */
  readonly answers: {
    readonly [Name in keyof EditingQuestions]: (
      asks: EditingQuestions[Name]["asks"],
      session: number,
    ) => Promise<EditingQuestions[Name]["answer"] | Refusal>;
  } = {
    "enter-configuration": (asks, session) => this.#ask("enter-configuration", asks, session),
    session: (asks, session) => this.#ask("session", asks, session),
    type: (asks, session) => this.#ask("type", asks, session),
    leave: (asks, session) => this.#ask("leave", asks, session),
    commit: (_, session) => this.#commit(session),
    "clear-candidate": (asks, session) => this.#ask("clear-candidate", asks, session),
    "refresh-candidate": (asks, session) => this.#ask("refresh-candidate", asks, session),
    candidate: (asks, session) => this.#ask("candidate", asks, session),
    "candidate-merge": (asks, session) => this.#ask("candidate-merge", asks, session),
    "candidate-changes": (asks, session) => this.#ask("candidate-changes", asks, session),
    this: (asks, session) => this.#ask("this", asks, session),
    "configuration-lock": (asks, session) => this.#ask("configuration-lock", asks, session),
    "configuration-sessions": (asks, session) => this.#ask("configuration-sessions", asks, session),
    "candidate-names": (asks, session) => this.#ask("candidate-names", asks, session),
  };

  /** The connection of a session is gone. */
  closed(session: number): void {
    this.#tell({ do: "closed", session });
  }

  /** The running configuration was changed, by no session. */
  runs(model: Model): void {
    this.#tell({ do: "runs", model, session: undefined });
  }

  /** Changes of the running configuration, one after the other. */
  inTurn<Value>(change: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => {});
    return done;
  }

  stop(): void {
    this.#editor?.stop();
    this.#editor = undefined;
  }

  #started(): EditorPort {
    const { start, facts, running, log } = this.#options;
    this.#editor ??= start(running(), facts, ({ message, stack }) => {
      this.#editor = undefined;
      log.error("editor of the configuration ended", { reason: message, stack });
    });
    return this.#editor;
  }

  /** Nothing is to be told to an editor that nobody asked yet. */
  #tell(order: Order): void {
    this.#editor?.order(order).catch(() => {});
  }

  async #order(order: Order): Promise<unknown> {
    try {
      return await this.#started().order(order);
    } catch {
      return new Refusal(ENDED);
    }
  }

  #ask<Name extends keyof EditorQuestions>(name: Name, asks: EditorQuestions[Name]["asks"], session: number) {
    return this.#order({ do: "answer", session, name, asks }) as Promise<EditorQuestions[Name]["answer"] | Refusal>;
  }

  /** A commit that waited too long for another is refused, and does nothing when its turn comes. */
  async #commit(session: number): Promise<CommitView | Refusal> {
    let isLate = false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Refusal>((resolve) => {
      timer = setTimeout(() => {
        isLate = true;
        resolve(new Refusal("Another configuration is being committed. Try again."));
      }, PATIENCE);
    });
    const turn = this.inTurn(async () => {
      clearTimeout(timer);
      return isLate ? new Refusal("") : await this.#commitNow(session);
    });
    return await Promise.race([turn, late]);
  }

  async #commitNow(session: number): Promise<CommitView | Refusal> {
    const prepared = (await this.#order({ do: "prepare", session })) as PreparedCommit | Prepared | Refusal;
    if (prepared instanceof Refusal) return prepared;
    const nothing = { commit: null, changed: [], problems: [] };
    if ("problems" in prepared) return this.#told(session, { ...nothing, problems: prepared.problems });
    const { changed, model } = prepared;
    if (changed.length === 0) {
      await this.#order({ do: "runs", model, session });
      return this.#told(session, nothing);
    }
    const commit = this.#options.nextCommit();
    if (!(await this.#options.apply(prepared as PreparedCommit, commit))) return new Refusal("The daemon is stopping.");
    await this.#order({ do: "runs", model, session });
    return this.#told(session, { commit, changed, problems: [] });
  }

  async #told(session: number, outcome: Omit<CommitView, "session">): Promise<CommitView | Refusal> {
    const view = await this.#order({ do: "answer", session, name: "session", asks: {} });
    return view instanceof Refusal ? view : { ...outcome, session: view as SessionView };
  }
}
