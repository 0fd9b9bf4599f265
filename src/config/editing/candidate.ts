import { type Position, SYSTEM } from "../feature.js";
import type { Model } from "../model.js";
import { differencesBetween } from "../reading/differences.js";
import { type Target, wholeTarget } from "../reading/target.js";
import { type Draft, draftOf, refusalText, type Typed, typeLine } from "../reading/type-line.js";
import { type Merged, merged } from "./merge.js";

/** A line that was taken, as it is stored, and the view in which it was typed. */
export interface TakenLine extends Position {
  readonly line: string;
}

/** A taken line that is refused on another running configuration. */
export interface DroppedLine extends TakenLine {
  readonly text: string;
}

/** A configuration that one session edits, and the view it is in. */
export class Candidate {
  position: Position = SYSTEM;
  readonly #target: Target;
  #base: Model;
  #draft: Draft;
  #lines: TakenLine[] = [];
  #isChanged = false;

  constructor(running: Model, target: Target) {
    this.#target = target;
    this.#base = running;
    this.#draft = draftOf(running, target);
  }

  get model(): Model {
    return this.#draft.model;
  }

  /** The running configuration from which it started. */
  get base(): Model {
    return this.#base;
  }

  /** It differs from the configuration from which it started. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** Lines since the last commit; empty when nothing differs. */
  get lines(): readonly TakenLine[] {
    return this.#isChanged ? this.#lines : [];
  }

  /** Types a line into the view. */
  type(text: string): Typed {
    const { position } = this;
    const typed = typeLine(this.#draft, position, text, this.#target);
    if (!typed.ok) return typed;
    this.position = typed.position;
    if (typed.draft === this.#draft) return typed;
    const before = this.#draft.model;
    this.#draft = typed.draft;
    this.#isChanged = differencesBetween(this.#base, typed.draft.model).length > 0;
    if (!this.#isChanged) this.#lines = [];
    else if (differencesBetween(before, typed.draft.model).length > 0)
      this.#lines.push({ ...typed.at, line: typed.stored });
    return typed;
  }

  /** Goes to a view, or to system view when its object is not there. */
  go(position: Position): void {
    const { view, name } = position;
    const isThere = wholeTarget(this.#target).grammar.hasObject(this.model, position);
    this.position = isThere ? { view, name } : SYSTEM;
  }

  /** Begins anew from the running configuration, in the same view where it is there. */
  restart(running: Model): void {
    this.#base = running;
    this.#draft = draftOf(running, this.#target);
    this.#lines = [];
    this.#isChanged = false;
    this.go(this.position);
  }

  /** Types its lines again on another running configuration; returns those that are refused there. */
  refresh(running: Model): DroppedLine[] {
    const { lines, position } = this;
    this.restart(running);
    const dropped = lines.flatMap((taken): DroppedLine[] => {
      this.go(taken);
      const typed = this.type(taken.line);
      return typed.ok ? [] : [{ ...taken, text: refusalText(typed) }];
    });
    this.go(position);
    return dropped;
  }

  /** Its changes on top of the running configuration. */
  mergedInto(running: Model): Merged {
    return merged(this.#base, running, this.model, wholeTarget(this.#target).grammar);
  }
}
