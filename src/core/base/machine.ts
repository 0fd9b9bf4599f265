import { assert } from "./assert.js";

/** An arrow of a state diagram. Guards are pure; only `enter` of a box writes. @internal */
export interface Arrow<State extends string, Subject> {
  readonly when: (subject: Subject) => boolean;
  readonly to: State;
}

interface Box<State extends string, Subject> {
  readonly enter?: (subject: Subject) => void;
  readonly exits: readonly Arrow<State, Subject>[];
}

/** A diagram of boxes and arrows. Row order is the order of evaluation. */
export interface Machine<State extends string, Subject> {
  readonly clause: string;
  readonly initial: State;
  /** Arrows from anywhere. While the guard of one holds, the machine stays in its target. */
  readonly open: readonly Arrow<State, Subject>[];
  readonly boxes: { readonly [S in State]: Box<State, Subject> };
}

/** The unconditional transition of the standard's diagrams. */
export const UCT = (): boolean => true;

/** One machine in one of its states, working on one subject. */
export class Running<State extends string, Subject> {
  readonly machine: Machine<State, Subject>;
  readonly subject: Subject;
  state: State;
  #begun = false;

  constructor(machine: Machine<State, Subject>, subject: Subject) {
    this.machine = machine;
    this.subject = subject;
    this.state = machine.initial;
  }

  /** Takes at most one arrow, first of all the one into the initial box; true when it took one (also back into the same box). */
  step(): boolean {
    const { open, boxes, initial } = this.machine;
    if (!this.#begun) {
      this.#begun = true;
      this.#enter(initial);
      return true;
    }
    for (const arrow of open) {
      if (!arrow.when(this.subject)) continue;
      // The machine stays in the target while the guard holds; otherwise BEGIN and the box's own exits would chase each
      // other.
      if (arrow.to === this.state) return false;
      this.#enter(arrow.to);
      return true;
    }
    for (const arrow of boxes[this.state].exits) {
      if (!arrow.when(this.subject)) continue;
      this.#enter(arrow.to);
      return true;
    }
    return false;
  }

  #enter(state: State): void {
    this.state = state;
    this.machine.boxes[state].enter?.(this.subject);
  }
}

/** Bound for one input: no set of machines here moves more than some dozen times. */
const MOST_MOVES = 100;

/** Steps each machine in the given order until none moves. */
export function runToRest(machines: readonly { step(): boolean }[]): void {
  for (let round = 0; round < MOST_MOVES; round++) {
    let moved = false;
    for (const machine of machines) moved = machine.step() || moved;
    if (!moved) return;
  }
  assert(false, "the machines do not come to rest");
}
