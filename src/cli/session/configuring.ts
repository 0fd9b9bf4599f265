import type { TakenLine } from "../../config/editing/candidate.js";
import { NO_CANDIDATE } from "../../config/editing/texts.js";
import type { Grammar } from "../../config/grammar.js";
import type {
  AnswerTo,
  CommitNote,
  CommitView,
  RollbackTarget,
  SessionView,
  TypedView,
} from "../../daemon/questions.js";
import { type Asking, type Daemon, Refused } from "../client.js";

/** Longest wait for a commit in milliseconds: it may wait for another, and a large one takes seconds. */
const COMMIT_PATIENCE = 60_000;

/**
 * The client's side of a session that edits the configuration: where it is, and the lines to type again should the daemon
 * lose its candidate. Every method throws as Daemon.request does.
 */
export class Configuring {
  readonly #daemon: Daemon;
  #session: SessionView | undefined;
  /** Name of the host in user view, as far as it is known. */
  #host = "";
  #lines: TakenLine[] = [];
  #grammar: Grammar | undefined;
  /** The prompt shows the name of the host that runs, not the one that was typed: scripts wait for it. */
  showsRunningName = false;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  /** The present view and its object; undefined in user view. */
  get position(): { readonly view: string; readonly name: string } | undefined {
    const { view, name = "" } = this.#session ?? {};
    return view === undefined || view === null ? undefined : { view, name };
  }

  get isChanged(): boolean {
    return this.#session?.changed ?? false;
  }

  /** The language of the views; there is one as soon as a view was entered. */
  get grammar(): Grammar | undefined {
    return this.#grammar;
  }

  /** `<DeviceA>`, `[~DeviceA]`, `[*DeviceA-e-trunk-1]`. No blank follows: clients of routers expect none. */
  get prompt(): string {
    if (this.#session === undefined || this.position === undefined) return `<${this.#host}>`;
    const { sysname, runningSysname, suffix, changed } = this.#session;
    const host = this.showsRunningName ? runningSysname : sysname;
    return `[${changed ? "*" : "~"}${host}${suffix === "" ? "" : `-${suffix}`}]`;
  }

  /** Asks for the name of the host. */
  async meet(asking: Asking): Promise<AnswerTo<"version">> {
    const version = await this.#daemon.ask<"version">({ ask: "version" }, asking);
    this.#host = version.sysname;
    return version;
  }

  async enter(asking: Asking): Promise<void> {
    this.#grammar ??= (await import("../../config/features.js")).PRODUCT;
    this.#keep(await this.#daemon.ask<"enter-configuration">({ ask: "enter-configuration" }, asking));
  }

  async type(line: string, asking: Asking): Promise<TypedView> {
    const typed = await this.#daemon.ask<"type">({ ask: "type", line }, asking);
    if (typed.outcome !== "taken") return typed;
    if (typed.line !== null) this.#lines.push(typed.line);
    this.#keep(typed.session);
    return typed;
  }

  async leave(to: "upper" | "system" | "user", drop: boolean, asking: Asking): Promise<void> {
    this.#keep(await this.#daemon.ask<"leave">({ ask: "leave", to, drop }, asking));
  }

  async commit(note: CommitNote, asking: Asking): Promise<CommitView> {
    return this.#committed(
      await this.#daemon.ask<"commit">({ ask: "commit", ...note }, { ...asking, timeoutMs: COMMIT_PATIENCE }),
    );
  }

  async rollback(to: RollbackTarget, asking: Asking): Promise<CommitView> {
    return this.#committed(
      await this.#daemon.ask<"rollback">({ ask: "rollback", to }, { ...asking, timeoutMs: COMMIT_PATIENCE }),
    );
  }

  /** Lets a whole configuration run, or with `check` only says what it would change. */
  async replace(text: string, check: boolean, asking: Asking): Promise<AnswerTo<"replace">> {
    return this.#committed(
      await this.#daemon.ask<"replace">({ ask: "replace", text, check }, { ...asking, timeoutMs: COMMIT_PATIENCE }),
    );
  }

  #committed<View extends CommitView>(outcome: View): View {
    this.#keep(outcome.session);
    return outcome;
  }

  async clear(asking: Asking): Promise<void> {
    this.#keep(await this.#daemon.ask<"clear-candidate">({ ask: "clear-candidate" }, asking));
  }

  async refresh(asking: Asking): Promise<AnswerTo<"refresh-candidate">["dropped"]> {
    const { session, dropped } = await this.#daemon.ask<"refresh-candidate">({ ask: "refresh-candidate" }, asking);
    const gone = new Set(dropped.map(({ view, name, line }) => [view, name, line].join("\0")));
    this.#lines = this.#lines.filter(({ view, name, line }) => !gone.has([view, name, line].join("\0")));
    this.#keep(session);
    return dropped;
  }

  /** The error says that the daemon has no candidate of this session any more: it was restarted, or its editor was. */
  isLost(error: unknown): boolean {
    return error instanceof Refused && error.message === NO_CANDIDATE && this.position !== undefined;
  }

  /** Types the lines again that the daemon lost. Resolves to those that it refuses now, each with the reason. */
  async restore(asking: Asking): Promise<{ readonly typed: number; readonly refused: readonly string[] }> {
    const { position } = this;
    const lines = this.#lines;
    this.#lines = [];
    const refused: string[] = [];
    await this.enter(asking);
    for (const { line, view, name } of lines) {
      const typed = await this.#daemon.ask<"type">({ ask: "type", line, at: { view, name } }, asking);
      if (typed.outcome !== "taken") {
        refused.push(`${line}: ${typed.outcome === "refused" ? typed.text : "It is no command."}`);
        continue;
      }
      if (typed.line !== null) this.#lines.push(typed.line);
      this.#keep(typed.session);
    }
    this.#keep(
      await this.#daemon.ask<"enter-configuration">(
        { ask: "enter-configuration", ...(position === undefined ? {} : { at: position }) },
        asking,
      ),
    );
    return { typed: lines.length, refused };
  }

  #keep(session: SessionView): void {
    this.#session = session;
    this.#host = session.view === null ? session.runningSysname : this.#host;
    if (!session.changed) this.#lines = [];
  }
}
