import type { Micros } from "../base/time.js";

/** A change of a state. */
export interface Move<State, Cause> {
  readonly time: Micros;
  readonly from: State;
  readonly to: State;
  readonly causation: Cause;
}

const KEPT_MOVES = 10;

/** The last moves, oldest first. */
export class History<State, Cause> {
  readonly #moves: Move<State, Cause>[] = [];

  add(move: Move<State, Cause>): void {
    this.#moves.push(move);
    if (this.#moves.length > KEPT_MOVES) this.#moves.shift();
  }

  get moves(): readonly Move<State, Cause>[] {
    return [...this.#moves];
  }
}
