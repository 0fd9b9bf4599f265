import type { Facts } from "../../config/facts.js";
import type { Model } from "../../config/model.js";
import { Refusal } from "../../core/contract/questions.js";
import type { Log } from "../log/log.js";
import type { EditorQuestions, Prepared, Source } from "./editor.js";
import type { EditorPort, Order, PreparedCommit, StartEditor } from "./port.js";
import type { CommitNote, CommitView, EditingQuestions, SessionView } from "./questions.js";

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
    commit: (note, session) => this.#inPatience(() => this.#commit(session, { from: "candidate" }, note)),
    rollback: ({ to }, session) => this.#inPatience(() => this.#commit(session, { from: "point", to }, {})),
    replace: (asks, session) => this.#inPatience(() => this.#replace(session, asks)),
    "clear-candidate": (asks, session) => this.#ask("clear-candidate", asks, session),
    "refresh-candidate": (asks, session) => this.#ask("refresh-candidate", asks, session),
    candidate: (asks, session) => this.#ask("candidate", asks, session),
    "candidate-merge": (asks, session) => this.#ask("candidate-merge", asks, session),
    "candidate-changes": (asks, session) => this.#ask("candidate-changes", asks, session),
    this: (asks, session) => this.#ask("this", asks, session),
    "configuration-lock": (asks, session) => this.#ask("configuration-lock", asks, session),
    "configuration-sessions": (asks, session) => this.#ask("configuration-sessions", asks, session),
    "commit-list": (asks, session) => this.#ask("commit-list", asks, session),
    "commit-configuration": (asks, session) => this.#ask("commit-configuration", asks, session),
    "commit-changes": (asks, session) => this.#ask("commit-changes", asks, session),
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

  /** A change that waited too long for another is refused, and does nothing when its turn comes. */
  async #inPatience<Value>(change: () => Promise<Value | Refusal>): Promise<Value | Refusal> {
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
      return isLate ? new Refusal("") : await change();
    });
    return await Promise.race([turn, late]);
  }

  async #prepared(session: number, source: Source) {
    return (await this.#order({ do: "prepare", session, source })) as PreparedCommit | Problems | Refusal;
  }

  async #commit(session: number, source: Source, note: CommitNote): Promise<CommitView | Refusal> {
    const prepared = await this.#prepared(session, source);
    const outcome = prepared instanceof Refusal ? prepared : await this.#run(session, prepared, note);
    return outcome instanceof Refusal ? outcome : this.#told(session, outcome);
  }

  async #replace(session: number, { text, check = false }: EditingQuestions["replace"]["asks"]) {
    const prepared = await this.#prepared(session, { from: "text", text });
    if (prepared instanceof Refusal) return prepared;
    const isChecked = check && !("problems" in prepared);
    const outcome = isChecked ? { ...NOTHING, changed: prepared.changed } : await this.#run(session, prepared, {});
    const told = outcome instanceof Refusal ? outcome : await this.#told(session, outcome);
    return told instanceof Refusal ? told : { ...told, lines: "lines" in prepared ? prepared.lines : [] };
  }

  /** Lets run what was prepared: it is on disk before it is applied. */
  async #run(session: number, prepared: PreparedCommit | Problems, note: CommitNote): Promise<Outcome | Refusal> {
    if ("problems" in prepared) return { ...NOTHING, problems: prepared.problems };
    const { changed, model } = prepared;
    if (changed.length === 0) {
      await this.#order({ do: "runs", model, session });
      return NOTHING;
    }
    const commit = this.#options.nextCommit();
    const refusal = await this.#order({ do: "keep", commit, note });
    if (refusal instanceof Refusal) return refusal;
    if (!(await this.#options.apply(prepared, commit))) {
      await this.#order({ do: "drop", commit });
      return new Refusal("The daemon is stopping.");
    }
    await this.#order({ do: "runs", model, session });
    return { commit, changed, problems: [] };
  }

  async #told(session: number, outcome: Outcome): Promise<CommitView | Refusal> {
    const view = await this.#order({ do: "answer", session, name: "session", asks: {} });
    return view instanceof Refusal ? view : { ...outcome, session: view as SessionView };
  }
}

type Problems = Extract<Prepared, { readonly problems: unknown }>;
type Outcome = Omit<CommitView, "session">;

const NOTHING: Outcome = { commit: null, changed: [], problems: [] };
