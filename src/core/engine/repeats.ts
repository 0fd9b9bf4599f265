import { earliest, later, type Micros, NEVER, seconds } from "../base/time.js";

/** Most events of one kind and subject that are told in a minute. */
const MOST_TOLD = 30;
const PERIOD = seconds(60);

interface Repeated<Event> {
  readonly since: Micros;
  told: number;
  /** The last event that was not told. */
  kept: Event | undefined;
  /** How many were not told. */
  untold: number;
}

/**
 * Keeps what an outsider can bring about at will, such as a partner that flaps a port, from filling log and monitors: of one subject
 * at most thirty events are told in a minute, and when the minute is over the last one, with `untold`: how many were not.
 */
export class Repeats<Event extends object> {
  readonly #subjects = new Map<string, Repeated<Event>>();

  /** True when the event is to be told now. */
  admits(subject: string, event: Event, now: Micros): boolean {
    let repeated = this.#subjects.get(subject);
    if (repeated === undefined || (repeated.untold === 0 && now >= later(repeated.since, PERIOD))) {
      repeated = { since: now, told: 0, kept: undefined, untold: 0 };
      this.#subjects.set(subject, repeated);
    }
    if (repeated.told < MOST_TOLD) {
      repeated.told++;
      return true;
    }
    repeated.kept = event;
    repeated.untold++;
    return false;
  }

  /** The last events of subjects whose minute is over. */
  *due(now: Micros): Generator<Event & { readonly untold: number }> {
    for (const [subject, { since, kept, untold }] of this.#subjects) {
      if (now < later(since, PERIOD)) continue;
      this.#subjects.delete(subject);
      if (kept !== undefined) yield { ...kept, untold: untold - 1 };
    }
  }

  nextDeadline(): Micros {
    let next: Micros = NEVER;
    for (const { since, untold } of this.#subjects.values())
      if (untold > 0) next = earliest(next, later(since, PERIOD));
    return next;
  }
}
