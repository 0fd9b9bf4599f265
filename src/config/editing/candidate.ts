import { type Position, SYSTEM } from "../feature.js";
import type { Model } from "../model.js";
import { type Target, wholeTarget } from "../reading/target.js";
import type { Ties } from "../reading/ties.js";
import { Draft, refusalText, type Typed } from "../reading/type-line.js";
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
  readonly #ties: Ties;
  #base: Model;
  #draft: Draft;
  #lines: TakenLine[] = [];

  /** Sessions on one target share `ties`. */
  constructor(running: Model, target: Target, ties: Ties) {
    this.#target = target;
    this.#ties = ties;
    this.#base = running;
    this.#draft = new Draft(running, target, ties);
  }

  get model(): Model {
    return this.#draft.model;
  }

  /** The same in no order, at no cost, until the next line. */
  get present(): Model {
    return this.#draft.present;
  }

  /** The running configuration from which it started. */
  get base(): Model {
    return this.#base;
  }

  /** It differs from the configuration from which it started. */
  get isChanged(): boolean {
    return this.#draft.isChanged;
  }

  /** Lines since the last commit; empty when nothing differs. */
  get lines(): readonly TakenLine[] {
    return this.isChanged ? this.#lines : [];
  }

  /** Types a line into the view. */
  type(text: string): Typed {
    const typed = this.#draft.type(this.position, text);
    if (!typed.ok) return typed;
    this.position = typed.position;
    if (!this.isChanged) this.#lines = [];
    else if (typed.changed) this.#lines.push({ ...typed.at, line: typed.stored });
    return typed;
  }

  /** Goes to a view, or to system view when its object is not there. */
  go(position: Position): void {
    const { view, name } = position;
    const isThere = wholeTarget(this.#target).grammar.hasObject(this.present, position);
    this.position = isThere ? { view, name } : SYSTEM;
  }

  /** Begins anew from the running configuration, in the same view where it is there. */
  restart(running: Model): void {
    this.#base = running;
    this.#draft = new Draft(running, this.#target, this.#ties);
    this.#lines = [];
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
