/** What a session that edits the configuration may ask. Each is about the candidate of the connection it comes over. */
import type { DroppedLine, TakenLine } from "../../config/editing/candidate.js";
import type { LineError } from "../../config/language/line.js";
import type { Difference } from "../../config/reading/differences.js";
import type { Nothing } from "../../core/contract/questions.js";

export interface EditingQuestions {
  /** Opens a candidate where the session has none, and goes to system view, or to another that is there. */
  readonly "enter-configuration": { readonly asks: { readonly at?: ViewName }; readonly answer: SessionView };
  /** Where the session is; it needs no candidate. */
  readonly session: { readonly asks: Nothing; readonly answer: SessionView };
  /** A line of configuration, typed in the present view, or in the named one. */
  readonly type: {
    readonly asks: { readonly line: string; readonly at?: ViewName };
    readonly answer: TypedView;
  };
  /** One view up, to system view, or out of the configuration, which ends the candidate; lines are left behind by `drop`. */
  readonly leave: {
    readonly asks: { readonly to: "upper" | "system" | "user"; readonly drop?: boolean };
    readonly answer: SessionView;
  };
  /** Lets the candidate run. */
  readonly commit: { readonly asks: CommitNote; readonly answer: CommitView };
  /** Lets run what ran after an earlier commit, or before the last ones. */
  readonly rollback: { readonly asks: { readonly to: RollbackTarget }; readonly answer: CommitView };
  /** Lets a whole configuration run, VRP text or JSON; with `check` it only says what that would change. */
  readonly replace: {
    readonly asks: { readonly text: string; readonly check?: boolean };
    readonly answer: CommitView & { readonly lines: readonly string[] };
  };
  /** The commit points, the newest first, and the files of others that cannot be used. */
  readonly "commit-list": {
    readonly asks: Nothing;
    readonly answer: { readonly commits: readonly CommitPointView[]; readonly skipped: readonly string[] };
  };
  /** What ran after a commit. */
  readonly "commit-configuration": {
    readonly asks: { readonly commit: string };
    readonly answer: { readonly lines: readonly string[]; readonly model: unknown };
  };
  /** What commits changed, the newest first: one, all since one, the last ones, or every one that is kept. */
  readonly "commit-changes": {
    readonly asks: { readonly commit?: string; readonly since?: string; readonly last?: number };
    readonly answer: {
      readonly commits: readonly {
        readonly commit: string;
        readonly time: string;
        readonly lines: readonly string[];
      }[];
    };
  };
  readonly "clear-candidate": { readonly asks: Nothing; readonly answer: SessionView };
  /** Types the lines of the candidate again on the configuration that runs now. */
  readonly "refresh-candidate": {
    readonly asks: Nothing;
    readonly answer: { readonly session: SessionView; readonly dropped: readonly DroppedLine[] };
  };
  /** The lines of the candidate, each below its view. */
  readonly candidate: { readonly asks: Nothing; readonly answer: { readonly lines: readonly string[] } };
  /** The running configuration with the candidate in it. */
  readonly "candidate-merge": {
    readonly asks: Nothing;
    readonly answer: { readonly lines: readonly string[]; readonly model: unknown };
  };
  readonly "candidate-changes": {
    readonly asks: Nothing;
    readonly answer: { readonly lines: readonly string[]; readonly changes: readonly Difference[] };
  };
  /** What runs of the present view. */
  readonly this: { readonly asks: Nothing; readonly answer: { readonly lines: readonly string[] } };
  /** Takes or gives up the right to commit. */
  readonly "configuration-lock": { readonly asks: { readonly lock: boolean }; readonly answer: null };
  readonly "configuration-sessions": { readonly asks: Nothing; readonly answer: SessionsView };
  /** Names and numbers that exist in the candidate, by sort of object. */
  readonly "candidate-names": {
    readonly asks: Nothing;
    readonly answer: { readonly [sort: string]: readonly (string | number)[] };
  };
}

/** What an operator wrote to a commit. */
export interface CommitNote {
  readonly label?: string;
  readonly description?: string;
}

/** To the state after a commit, or to that before the last ones. */
export type RollbackTarget =
  | { readonly commit: string }
  | { readonly label: string }
  /** 1 to 80. */
  | { readonly last: number };

export interface CommitPointView {
  /** ID of the commit. */
  readonly commit: string;
  readonly time: string;
  readonly type: "CLI" | "FILE" | "ROLLBACK";
  readonly label: string | null;
  readonly description: string | null;
  /** Number of the session that committed. */
  readonly session: number | null;
}

/** A view and the name of its object. */
export interface ViewName {
  readonly view: string;
  readonly name: string;
}

/** Where a session is. */
export interface SessionView {
  /** Number of its connection. */
  readonly session: number;
  /** Null in user view. */
  readonly view: string | null;
  readonly name: string;
  /** What follows the name of the host in the prompt. */
  readonly suffix: string;
  /** The candidate differs from the configuration it began with. */
  readonly changed: boolean;
  /** Name of the host by the candidate, and by the running configuration; that of the Linux host where none is set. */
  readonly sysname: string;
  readonly runningSysname: string;
}

export type TypedView =
  | {
      readonly outcome: "taken";
      readonly session: SessionView;
      readonly kept: boolean;
      readonly warnings: readonly string[];
      /** The line to type again should the candidate be lost, its keys as ciphertext; null where it changed nothing. */
      readonly line: TakenLine | null;
    }
  /** The line is no command. */
  | { readonly outcome: "no-command"; readonly error: LineError }
  | { readonly outcome: "refused"; readonly text: string };

export interface CommitView {
  /** ID of the commit; null when there was nothing to commit. */
  readonly commit: string | null;
  readonly session: SessionView;
  /** Attributes that changed, `a.b.c`. */
  readonly changed: readonly string[];
  /** Why nothing was applied, each behind the line that opens its view; of a text behind the number of its line. */
  readonly problems: readonly string[];
}

export interface SessionsView {
  readonly sessions: readonly {
    readonly session: number;
    /** ISO 8601 UTC. */
    readonly since: string;
    readonly own: boolean;
    readonly changed: boolean;
    readonly locked: boolean;
  }[];
  /** Who alone may commit; null: nobody holds the right. */
  readonly holder: {
    readonly session: number;
    readonly since: string;
    readonly last: string;
    /** Seconds. */
    readonly timeout: number;
  } | null;
}
