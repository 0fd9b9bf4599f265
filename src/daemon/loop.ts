import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { earliest, type Micros, millis, NEVER, seconds } from "../core/base/time.js";

/** Something that has inputs waiting. */
export interface Source {
  /** Hands over a bounded batch of waiting inputs and returns their number; 0 when none waits. */
  drain(now: Micros): number;
}

/** Something that wants to be woken at a time. */
export interface Timed {
  nextDeadline(): Micros;
  expire(now: Micros): void;
}

/** Longest time one turn takes inputs, so that control clients and metrics get their turn. */
const LONGEST_DRAIN = millis(5);

/** Longest time a flood of inputs may hold back due deadlines. */
const LONGEST_POSTPONEMENT = millis(100);

/** A turn that is so late is told: the shortest timeout of a partner is over. */
const STOOD_STILL = seconds(3);

/** Node's longest timer, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

export interface LoopOptions {
  now(): Micros;
  /** Drained in this order: news of links comes before their frames. */
  readonly sources: readonly Source[];
  readonly timed: readonly Timed[];
  /** The process stood still: a turn that was due came so much later. Told before the turn takes its inputs. */
  late(by: Micros, now: Micros): void;
  /** Once per turn, after all inputs. */
  settle(now: Micros): void;
  /** A turn threw, so an invariant is broken. No further turn follows. */
  broken(error: unknown): void;
}

/** Turns inputs and time into calls: the one place where the engine is driven. */
export class Loop {
  /** Delays of the turns that a deadline asked for, in microseconds. */
  readonly lateness: RecordableHistogram = createHistogram();
  readonly #options: LoopOptions;
  #timer: NodeJS.Timeout | undefined;
  #armedFor: Micros = NEVER;
  /** The latest time of the next turn. */
  #expected: Micros = NEVER;
  /** Since when inputs hold back due deadlines. */
  #postponedSince: Micros | undefined;
  #soon: NodeJS.Immediate | undefined;
  #inTurn = false;
  #stopped = false;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** Takes waiting inputs and serves due deadlines. Call it whenever an input waits. */
  turn = (): void => {
    if (this.#stopped || this.#inTurn) return;
    this.#inTurn = true;
    try {
      const start = this.#options.now();
      this.#rearm(this.#work(start), start);
    } catch (error) {
      this.#break(error);
    } finally {
      this.#inTurn = false;
    }
  };

  /** Makes a change and takes a turn at once, so that its consequences leave with it. Never called within a turn. */
  apply<T>(change: (now: Micros) => T): T {
    try {
      return change(this.#options.now());
    } catch (error) {
      this.#break(error);
      throw error;
    } finally {
      this.turn();
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
  }

  #break(error: unknown): void {
    this.stop();
    this.#options.broken(error);
  }

  /** Returns whether inputs are left. */
  #work(start: Micros): boolean {
    const { timed, settle } = this.#options;
    if (this.#expected <= start) this.#noteLateness((start - this.#expected) as Micros, start);
    const more = this.#drain(start);
    // libuv runs timers before sockets. After a pause of this process waiting PDUs are heard before any deadline expires, or our
    // own pause would look like the partner's silence.
    if (!more || this.#isPostponedTooLong(start)) {
      for (const one of timed) if (one.nextDeadline() <= start) one.expire(start);
      this.#postponedSince = undefined;
    }
    settle(start);
    return more;
  }

  #noteLateness(by: Micros, now: Micros): void {
    this.lateness.record(Math.max(1, Math.round(by)));
    if (by >= STOOD_STILL) this.#options.late(by, now);
  }

  #drain(start: Micros): boolean {
    const { now, sources } = this.#options;
    let taken: number;
    do {
      taken = 0;
      for (const source of sources) taken += source.drain(start);
    } while (taken > 0 && now() - start < LONGEST_DRAIN);
    return taken > 0;
  }

  /** Inputs go first, but a flood of them must not stop time. */
  #isPostponedTooLong(now: Micros): boolean {
    this.#postponedSince ??= now;
    return now - this.#postponedSince >= LONGEST_POSTPONEMENT;
  }

  #rearm(more: boolean, start: Micros): void {
    const deadline = this.#options.timed.reduce((first, one) => earliest(first, one.nextDeadline()), NEVER);
    const now = this.#options.now();
    const wait = deadline - now;
    // A deadline may be set for the past: then it is late from the beginning of the turn that kept it waiting.
    this.#expected = Math.max(deadline, start) as Micros;
    if (more || wait <= 0) {
      this.#soon ??= setImmediate(() => {
        this.#soon = undefined;
        this.turn();
      });
      return;
    }
    if (deadline === this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = deadline;
    if (deadline === NEVER) return;
    // A timer may fire up to a millisecond early; the turn then finds nothing due and arms it anew.
    this.#timer = setTimeout(
      () => {
        this.#armedFor = NEVER;
        this.turn();
      },
      Math.min(Math.ceil(wait / 1_000), LONGEST_TIMER),
    );
  }
}
