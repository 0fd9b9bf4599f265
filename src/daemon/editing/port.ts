import type { Facts } from "../../config/facts.js";
import type { Model } from "../../config/model.js";
import type { Target } from "../../config/reading/target.js";
import { toDesired } from "../../config/to-desired.js";
import type { Desired } from "../../core/contract/desired/desired.js";
import { Refusal } from "../../core/contract/questions.js";
import type { CommitPoints } from "../state/commit-points.js";
import { Editor, type EditorQuestions, type Prepared, type Source } from "./editor.js";
import type { CommitNote } from "./questions.js";

/** A commit that was merged and checked, and what the device is asked to be then. */
export interface PreparedCommit {
  readonly model: Model;
  readonly changed: readonly string[];
  /** The changes as they are printed. */
  readonly lines: readonly string[];
  readonly desired: Desired;
}

/** What the editor is told and asked. */
export type Order =
  | {
      readonly do: "answer";
      readonly session: number;
      readonly name: keyof EditorQuestions;
      readonly asks: EditorQuestions[keyof EditorQuestions]["asks"];
    }
  | { readonly do: "prepare"; readonly session: number; readonly source: Source }
  /** Writes down what was prepared, under the ID of its commit; before it is applied. */
  | { readonly do: "keep"; readonly commit: string; readonly note: CommitNote }
  /** It was written down and is not applied. */
  | { readonly do: "drop"; readonly commit: string }
  | { readonly do: "runs"; readonly model: Model; readonly session: number | undefined }
  | { readonly do: "closed"; readonly session: number };

/** The editor, wherever it runs. */
export interface EditorPort {
  /** Resolves to the answer or a Refusal; rejects when the editor has ended. */
  order(order: Order): Promise<unknown>;
  /** Ends it. */
  stop(): void;
}

/** Starts an editor; `ended` is called once, should it end by itself. */
export type StartEditor = (running: Model, facts: Facts, ended: (error: Error) => void) => EditorPort;

/** Does what an editor is ordered, and makes of a commit what the device is asked to be. */
export function obeying(editor: Editor, facts: Facts, grammar: Target["grammar"]): (order: Order) => unknown {
  const whole = (prepared: Prepared | Refusal): PreparedCommit | Prepared | Refusal =>
    prepared instanceof Refusal || "problems" in prepared
      ? prepared
      : { ...prepared, desired: toDesired(prepared.model, facts, grammar) };
  return (order) => {
    switch (order.do) {
      case "answer":
        return editor.answer(order.session, order.name, order.asks as never);
      case "prepare":
        return whole(editor.prepare(order.session, order.source));
      case "keep":
        return editor.keep(order.commit, order.note);
      case "drop":
        return editor.drop(order.commit);
      case "runs":
        return editor.runs(order.model, order.session);
      case "closed":
        return editor.closed(order.session);
    }
  };
}

/** An editor on this thread. */
export const editorHere =
  (target: Target, points: CommitPoints): StartEditor =>
  (running, facts) => {
    const obey = obeying(new Editor(running, target, points, Date.now), facts, target.grammar);
    return { order: async (order) => obey(order), stop: () => {} };
  };
