import { earliest, later, type Micros, millis, NEVER } from "../base/time.js";

/** Triggered hellos keep this distance. */
const TRIGGERED_GAP = millis(10);
const LEAVING_GAP = millis(100);
const ANSWER_GAP = millis(100);

/** When the next hello leaves: periodically, at once on every change that matters, and in answer to a new run of the peer. */
export class HelloSchedule {
  #due = false;
  #content = "";
  #lastSent: Micros = -NEVER as Micros;
  /** Epoch of the hello to be answered. */
  #answer: number | undefined;
  #lastAnswer: Micros = -NEVER as Micros;

  trigger(): void {
    this.#due = true;
  }

  /** What a hello would say now; a change of it is sent at once. */
  saying(content: string): void {
    if (content !== this.#content) this.#due = true;
    this.#content = content;
  }

  /** At most once in 100 ms: whoever replays old hellos gets no more out of us. */
  answer(epoch: number, now: Micros): void {
    if (now >= later(this.#lastAnswer, ANSWER_GAP)) this.#answer = epoch;
  }

  sendAt(interval: Micros, leaving: boolean): Micros {
    const periodic = later(this.#lastSent, leaving ? LEAVING_GAP : interval);
    const triggered = this.#due || this.#answer !== undefined;
    return triggered ? earliest(periodic, later(this.#lastSent, TRIGGERED_GAP)) : periodic;
  }

  /** A hello leaves; the epoch it answers, if it answers one. */
  taken(now: Micros): number | undefined {
    const answered = this.#answer;
    if (answered !== undefined) this.#lastAnswer = now;
    this.#answer = undefined;
    this.#due = false;
    this.#lastSent = now;
    return answered;
  }
}
