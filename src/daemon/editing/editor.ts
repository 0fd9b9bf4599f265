import { hostname } from "node:os";
import { Candidate } from "../../config/editing/candidate.js";
import { touching } from "../../config/editing/merge.js";
import { lineAt, linesUnderViews, problemText } from "../../config/editing/places.js";
import { NO_CANDIDATE, UNCOMMITTED } from "../../config/editing/texts.js";
import { SYSTEM } from "../../config/feature.js";
import { etrunksOf } from "../../config/features/etrunk/slice.js";
import { attributeOf } from "../../config/language/setting.js";
import type { Model } from "../../config/model.js";
import { checkModel } from "../../config/reading/check.js";
import { type Difference, differencesBetween, printDifferences } from "../../config/reading/differences.js";
import { normalised } from "../../config/reading/normalise.js";
import { configurationLines, linesOfView } from "../../config/reading/print.js";
import { type Target, wholeTarget } from "../../config/reading/target.js";
import { Ties } from "../../config/reading/ties.js";
import { assert } from "../../core/base/assert.js";
import { trunkOfName } from "../../core/base/trunk-names.js";
import { Refusal } from "../../core/contract/questions.js";
import type { CommitPoints } from "../state/commit-points.js";
import { type Entry, History, type ReadWhole } from "./history.js";
import { LOCK_TIMEOUT, Lock } from "./lock.js";
import type {
  CommitNote,
  EditingQuestions,
  RollbackTarget,
  SessionsView,
  SessionView,
  TypedView,
  ViewName,
} from "./questions.js";

/** Further sessions are told who edits. */
const MOST_CANDIDATES = 16;

/** What is to run. */
export type Source =
  | { readonly from: "candidate" }
  | { readonly from: "point"; readonly to: RollbackTarget }
  | { readonly from: "text"; readonly text: string };

/** What is to run, found right, or why it is not. */
export type Prepared =
  | {
      readonly model: Model;
      readonly changed: readonly string[];
      /** The changes as they are printed. */
      readonly lines: readonly string[];
    }
  | { readonly problems: readonly string[] };

/** Questions that the editor answers by itself. */
export type EditorQuestions = Omit<EditingQuestions, "commit" | "rollback" | "replace">;

const TYPES = { candidate: "CLI", point: "ROLLBACK", text: "FILE" } as const;

/** A change of the running configuration, kept while a candidate began before it. */
interface Change {
  /** Undefined: the configuration file. */
  readonly session: number | undefined;
  readonly at: number;
  readonly differences: readonly Difference[];
}

interface Session {
  readonly since: number;
  candidate: Candidate | undefined;
}

/** Holds the running configuration and the candidates of all sessions, and answers what they ask. */
export class Editor {
  readonly #target: Target;
  readonly #ties: Ties;
  readonly #now: () => number;
  readonly #sessions = new Map<number, Session>();
  readonly #lock = new Lock();
  readonly #history: History;
  #running: Model;
  #changes: Change[] = [];
  /** What was prepared last, until it runs. */
  #prepared: Omit<Entry, "note"> | undefined;

  /** `now` in milliseconds since 1970. */
  constructor(running: Model, target: Target, points: CommitPoints, now: () => number) {
    this.#running = running;
    this.#history = new History(points, target);
    this.#target = target;
    const { grammar, bindings } = wholeTarget(target);
    this.#ties = new Ties(grammar, bindings);
    this.#now = now;
  }

  /** Answers a question of a session. */
  answer<Name extends keyof EditorQuestions>(
    session: number,
    name: Name,
    asks: EditorQuestions[Name]["asks"],
  ): EditorQuestions[Name]["answer"] | Refusal {
    this.#lock.used(session, this.#now());
    return this.#answers[name](session, asks as never) as EditorQuestions[Name]["answer"] | Refusal;
  }

  /** The session is over. */
  closed(session: number): void {
    this.#sessions.delete(session);
    this.#lock.free(session);
    this.#forget();
  }

  /** Makes the whole configuration of what is to run, and checks it. */
  prepare(session: number, source: Source): Prepared | Refusal {
    this.#prepared = undefined;
    const holder = this.#lock.holder(this.#now());
    if (holder !== undefined && holder.session !== session) return locked(holder.session);
    const whole = this.#whole(session, source);
    if (whole instanceof Refusal || "problems" in whole) return whole;
    const { model } = whole;
    const differences = differencesBetween(this.#running, model);
    const lines = printDifferences(this.#running, model, this.#grammar);
    const type = TYPES[source.from];
    this.#prepared = { time: this.#now(), type, session, model, lines, differences };
    return { model, changed: differences.map(({ path }) => path.join(".")), lines };
  }

  #whole(session: number, source: Source): ReadWhole | Refusal {
    if (source.from === "candidate") return this.#merged(session);
    if (source.from === "text") return this.#history.read(source.text);
    const model = this.#history.target(source.to);
    return model instanceof Refusal ? model : { model };
  }

  #merged(session: number): ReadWhole | Refusal {
    const candidate = this.#candidateOf(session);
    if (candidate instanceof Refusal) return candidate;
    const { grammar, kernel, bindings } = wholeTarget(this.#target);
    const { model, conflicts } = candidate.mergedInto(this.#running);
    if (conflicts.length > 0) return { problems: conflicts.map((path) => this.#conflictText(path)) };
    const whole = normalised(model, grammar);
    const findings = checkModel(whole, { grammar, kernel, bindings });
    if (findings.length === 0) return { model: whole };
    return { problems: findings.map(({ path, text }) => problemText(whole, path, text, grammar)) };
  }

  /** Writes down what was prepared, before it is applied; a Refusal says why it cannot be. */
  keep(commit: string, note: CommitNote): Refusal | undefined {
    assert(this.#prepared !== undefined, "nothing was prepared");
    return this.#history.keep(commit, { ...this.#prepared, note });
  }

  /** What was prepared and written down will not run. */
  drop(commit: string): void {
    this.#history.drop(commit);
  }

  /** This runs now: what a session committed, or what the file holds. A candidate that was committed begins anew. */
  runs(model: Model, session: number | undefined): void {
    const differences = differencesBetween(this.#running, model);
    const isCandidate = this.#prepared?.type === "CLI";
    this.#prepared = undefined;
    this.#running = model;
    if (differences.length > 0) this.#changes.push({ session, at: this.#now(), differences });
    for (const [number, { candidate }] of this.#sessions)
      if (candidate !== undefined && ((number === session && isCandidate) || !candidate.isChanged))
        candidate.restart(model);
    this.#forget();
  }

  /** Changes that every candidate began after are of no use any more. */
  #forget(): void {
    const old = [...this.#sessions.values()].some(({ candidate }) => candidate && candidate.base !== this.#running);
    if (!old) this.#changes = [];
  }

  readonly #answers: {
    readonly [Name in keyof EditorQuestions]: (
      session: number,
      asks: EditorQuestions[Name]["asks"],
    ) => EditorQuestions[Name]["answer"] | Refusal;
  } = {
    "enter-configuration": (session, asks) => this.#enter(session, asks),
    session: (session) => this.#view(session),
    type: (session, asks) => this.#with(session, (candidate) => this.#type(session, candidate, asks)),
    leave: (session, asks) => this.#with(session, (candidate) => this.#leave(session, candidate, asks)),
    "clear-candidate": (session) =>
      this.#with(session, (candidate) => {
        candidate.restart(this.#running);
        candidate.go(SYSTEM);
        return this.#view(session);
      }),
    "refresh-candidate": (session) =>
      this.#with(session, (candidate) => {
        const dropped = candidate.refresh(this.#running);
        return { session: this.#view(session), dropped };
      }),
    candidate: (session) =>
      this.#with(session, ({ lines, present }) => ({ lines: [...linesUnderViews(lines, present, this.#grammar)] })),
    "candidate-merge": (session) =>
      this.#with(session, (candidate) => {
        const model = normalised(candidate.mergedInto(this.#running).model, this.#grammar);
        return { lines: [...configurationLines(model, { grammar: this.#grammar })], model };
      }),
    "candidate-changes": (session) => this.#with(session, (candidate) => this.#changesOf(candidate)),
    this: (session) =>
      this.#with(session, ({ position }) => ({ lines: [...linesOfView(this.#running, position, this.#grammar)] })),
    "configuration-lock": (session, { lock }) => {
      if (!lock) this.#lock.free(session);
      else if (!this.#lock.take(session, this.#now())) return locked(this.#lock.holder(this.#now())?.session ?? 0);
      return null;
    },
    "configuration-sessions": (session) => this.#sessionsView(session),
    "commit-list": () => this.#history.list(),
    "commit-configuration": (_, { commit }) => this.#history.configuration(commit),
    "commit-changes": (_, asks) => this.#history.changes(asks),
    "candidate-names": (session) =>
      this.#with(session, ({ model }) => {
        const interfaces = Object.keys(model.interfaces ?? {});
        const trunks = interfaces.map(trunkOfName).filter((id) => id !== undefined);
        return { interfaces: [...interfaces, "NULL0"], trunks, etrunks: etrunksOf(model).map(([id]) => id) };
      }),
  };

  get #grammar() {
    return wholeTarget(this.#target).grammar;
  }

  #candidateOf(session: number): Candidate | Refusal {
    return this.#sessions.get(session)?.candidate ?? new Refusal(NO_CANDIDATE);
  }

  #with<Value>(session: number, work: (candidate: Candidate) => Value | Refusal): Value | Refusal {
    const candidate = this.#candidateOf(session);
    return candidate instanceof Refusal ? candidate : work(candidate);
  }

  #enter(session: number, { at = SYSTEM }: EditorQuestions["enter-configuration"]["asks"]): SessionView | Refusal {
    const known = this.#sessions.get(session) ?? { since: this.#now(), candidate: undefined };
    if (known.candidate === undefined) {
      const editing = [...this.#sessions].filter(([, { candidate }]) => candidate !== undefined);
      if (editing.length >= MOST_CANDIDATES) {
        const who = editing.map(([number]) => number).join(", ");
        return new Refusal(
          `${MOST_CANDIDATES} sessions edit the configuration, which is the maximum: sessions ${who}.`,
        );
      }
      known.candidate = new Candidate(this.#running, this.#target, this.#ties);
      this.#sessions.set(session, known);
    }
    this.#go(known.candidate, at);
    return this.#view(session);
  }

  #go(candidate: Candidate, at: ViewName): void {
    candidate.go(this.#grammar.views.has(at.view) ? at : SYSTEM);
  }

  #type(session: number, candidate: Candidate, { line, at }: EditorQuestions["type"]["asks"]): TypedView {
    if (at !== undefined) this.#go(candidate, at);
    const before = candidate.lines.length;
    const typed = candidate.type(line);
    const { lines } = candidate;
    if (typed.ok)
      return {
        outcome: "taken",
        session: this.#view(session),
        kept: typed.kept,
        warnings: typed.warnings,
        line: (lines.length > before ? lines.at(-1) : undefined) ?? null,
      };
    if ("error" in typed) return { outcome: "no-command", error: typed.error };
    return { outcome: "refused", text: typed.refusal };
  }

  #leave(
    session: number,
    candidate: Candidate,
    { to, drop = false }: EditorQuestions["leave"]["asks"],
  ): SessionView | Refusal {
    const isOver = to === "user" || (to === "upper" && candidate.position.view === SYSTEM.view);
    if (!isOver) candidate.go(SYSTEM);
    else if (candidate.isChanged && !drop) return new Refusal(UNCOMMITTED);
    else {
      const known = this.#sessions.get(session);
      if (known !== undefined) known.candidate = undefined;
      this.#forget();
    }
    return this.#view(session);
  }

  #changesOf(candidate: Candidate): EditorQuestions["candidate-changes"]["answer"] | Refusal {
    const { base, model } = candidate;
    const [conflict] = candidate.mergedInto(this.#running).conflicts;
    if (conflict !== undefined) return new Refusal(this.#conflictText(conflict));
    return { lines: printDifferences(base, model, this.#grammar), changes: differencesBetween(base, model) };
  }

  #conflictText(path: readonly string[]): string {
    const change = this.#changes.findLast(({ differences }) => touching(differences, path) !== undefined);
    const by = change?.session === undefined ? "the configuration file" : `session ${change.session}`;
    const at = change === undefined ? "" : ` at ${localTime(change.at)}`;
    const line = lineAt(this.#running, path, this.#grammar);
    return `The running configuration was changed by ${by}${at}: ${line}. Run refresh configuration candidate.`;
  }

  #sessionsView(session: number): SessionsView {
    const holder = this.#lock.holder(this.#now());
    const known = new Map(this.#sessions);
    for (const number of [session, holder?.session])
      if (number !== undefined && !known.has(number)) known.set(number, { since: this.#now(), candidate: undefined });
    return {
      sessions: [...known]
        .sort(([a], [b]) => a - b)
        .map(([number, { since, candidate }]) => ({
          session: number,
          since: new Date(since).toISOString(),
          own: number === session,
          changed: candidate?.isChanged ?? false,
          locked: holder?.session === number,
        })),
      holder:
        holder === undefined
          ? null
          : {
              session: holder.session,
              since: new Date(holder.since).toISOString(),
              last: new Date(holder.last).toISOString(),
              timeout: LOCK_TIMEOUT,
            },
    };
  }

  #view(session: number): SessionView {
    const candidate = this.#sessions.get(session)?.candidate;
    const { view, name } = candidate?.position ?? SYSTEM;
    const sysname = (model: Model): string => (attributeOf(model, "sysname") as string | undefined) ?? hostname();
    return {
      session,
      view: candidate === undefined ? null : view,
      name,
      suffix: candidate === undefined ? "" : this.#grammar.viewCalled(view).promptOf(name),
      changed: candidate?.isChanged ?? false,
      sysname: sysname(candidate?.present ?? this.#running),
      runningSysname: sysname(this.#running),
    };
  }
}

const locked = (session: number): Refusal =>
  new Refusal(`The configuration is locked by other user. [Session ID = ${session}]`);

/** `2026-11-30 22:34:16`. */
function localTime(milliseconds: number): string {
  const at = new Date(milliseconds);
  return new Date(milliseconds - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace("T", " ");
}
