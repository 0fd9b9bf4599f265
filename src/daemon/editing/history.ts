import type { Model } from "../../config/model.js";
import type { Difference } from "../../config/reading/differences.js";
import { configurationLines } from "../../config/reading/print.js";
import { readConfiguration } from "../../config/reading/read.js";
import type { Target } from "../../config/reading/target.js";
import { Refusal } from "../../core/contract/questions.js";
import { endOf } from "../configuration/configuration-file.js";
import { systemReason } from "../start-failure.js";
import { type CommitPoint, type CommitPoints, modelBefore, type Skipped } from "../state/commit-points.js";
import type { CommitNote, CommitPointView, EditingQuestions, RollbackTarget } from "./questions.js";

/** A whole configuration, or each of its problems. */
export type ReadWhole = { readonly model: Model } | { readonly problems: readonly string[] };

/** What is written down of a commit, besides its ID. */
export interface Entry {
  readonly time: number;
  readonly type: CommitPointView["type"];
  readonly note: CommitNote;
  readonly session: number | null;
  readonly model: Model;
  readonly lines: readonly string[];
  readonly differences: readonly Difference[];
}

/** The commit points of the running configuration, and configurations that come as a whole. */
export class History {
  readonly #points: CommitPoints;
  readonly #target: Target;

  constructor(points: CommitPoints, target: Target) {
    this.#points = points;
    this.#target = target;
  }

  list(): EditingQuestions["commit-list"]["answer"] {
    const { points, skipped } = this.#points.list();
    return { commits: points.map(({ format: _, ...point }) => point), skipped };
  }

  /** What ran after a commit. */
  configuration(commit: string): EditingQuestions["commit-configuration"]["answer"] | Refusal {
    const point = this.#load(commit);
    if (point instanceof Refusal) return point;
    const read = this.#whole(point.model, commit);
    if (read instanceof Refusal) return read;
    return { lines: [...configurationLines(read, { grammar: this.#target.grammar })], model: read };
  }

  changes({
    commit,
    since,
    last,
  }: EditingQuestions["commit-changes"]["asks"]): EditingQuestions["commit-changes"]["answer"] | Refusal {
    const all = this.#points.list().points.map((point) => point.commit);
    for (const wanted of [commit, since]) {
      const point = wanted === undefined ? undefined : this.#load(wanted);
      if (point instanceof Refusal) return point;
    }
    const chosen = all
      .filter((each) => (commit === undefined || each === commit) && (since === undefined || each >= since))
      .slice(0, last);
    return {
      commits: chosen.flatMap((each) => {
        const point = this.#points.load(each);
        return "reason" in point ? [] : [{ commit: each, time: point.time, lines: point.lines }];
      }),
    };
  }

  /** The configuration to go back to. */
  target(to: RollbackTarget): Model | Refusal {
    if ("commit" in to) return this.#modelOf(to.commit);
    const { points } = this.#points.list();
    if ("label" in to) {
      const point = points.find(({ label }) => label === to.label);
      return point === undefined ? new Refusal(`The label ${to.label} does not exist.`) : this.#modelOf(point.commit);
    }
    const first = points[to.last - 1];
    if (first === undefined) return new Refusal(`${points.length} commits can be rolled back.`);
    const point = this.#load(first.commit);
    return point instanceof Refusal ? point : this.#whole(modelBefore(point), first.commit);
  }

  /** A configuration that was given as text. */
  read(text: string): ReadWhole {
    if (endOf(text) === "empty")
      return {
        problems: ["1: The file is empty; a configuration without anything in it is the line return."],
      };
    if (text.includes("\0")) return { problems: ["1: This is no text, so no configuration."] };
    const { model, problems } = readConfiguration(text, this.#target);
    return problems.length === 0 ? { model } : { problems: problems.map(({ line, text }) => `${line}: ${text}`) };
  }

  /** Writes a commit down; a Refusal says why it cannot be. */
  keep(commit: string, { note, time, differences, ...entry }: Entry): Refusal | undefined {
    const { label = null, description = null } = note;
    if (label !== null && this.#points.list().points.some((point) => point.label === label))
      return new Refusal(`The label ${label} exists already.`);
    try {
      this.#points.keep({
        commit,
        label,
        description,
        time: new Date(time).toISOString(),
        ...entry,
        lines: [...entry.lines],
        before: differences.map(({ path, from }) => ({ path: [...path], from })),
      });
      return undefined;
    } catch (error) {
      return new Refusal(`The commit cannot be written to the state directory: ${systemReason(error)}.`);
    }
  }

  /** The commit did not come to pass. */
  drop(commit: string): void {
    this.#points.drop(commit);
  }

  #modelOf(commit: string): Model | Refusal {
    const point = this.#load(commit);
    return point instanceof Refusal ? point : this.#whole(point.model, commit);
  }

  #load(commit: string): CommitPoint | Refusal {
    const point = this.#points.load(commit);
    return "reason" in point ? missing(commit, point) : point;
  }

  /** The model of a point as this program reads it: another version may have written it. */
  #whole(model: Model, commit: string): Model | Refusal {
    const { model: read, problems } = readConfiguration(JSON.stringify(model), this.#target);
    const [first] = problems;
    return first === undefined ? read : new Refusal(`The configuration of commit ${commit} is refused: ${first.text}`);
  }
}

const missing = (commit: string, { file, reason, isThere }: Skipped): Refusal =>
  new Refusal(isThere ? `${file}: ${reason}.` : `The commit ${commit} does not exist.`);
