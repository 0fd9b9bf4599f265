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
  readonly commit: {
    readonly asks: Nothing;
    readonly answer: CommitView;
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
  /** Why nothing was applied, each behind the line that opens its view. */
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
