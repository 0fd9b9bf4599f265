import { isEqual } from "../base/equal.js";
import { Retries } from "../base/retries.js";
import type { Micros } from "../base/time.js";
import type { PacerReport, SteadySession } from "../contract/pacing.js";
import type { BfdSession } from "./session.js";

export type PacerRequest =
  | { readonly kind: "pace"; readonly steady: SteadySession; readonly session: BfdSession }
  | { readonly kind: "release"; readonly session: BfdSession };

/** The pacer refuses a session, or no longer. This process keeps a session that is refused. */
export interface UnpacedEvent {
  readonly kind: "bfd-unpaced";
  readonly name: string;
}

/** Which sessions the pacer keeps (decision 0014): a steady one is handed over, one that is not is taken back. */
export class HandOvers {
  readonly #hasPacer: boolean;
  readonly #requests: PacerRequest[] = [];
  readonly #events: UnpacedEvent[] = [];
  /** What was handed over of sessions that the pacer refused. */
  readonly #refused = new Map<BfdSession, SteadySession>();
  readonly #retries = new Retries<BfdSession>();
  #newest = 0;

  constructor(hasPacer: boolean) {
    this.#hasPacer = hasPacer;
  }

  /** Hands a session over when it is steady, again when it is steady with something else, and takes it back otherwise. */
  follow(session: BfdSession, now: Micros): void {
    const before = session.paced ?? this.#refused.get(session);
    const steady = this.#hasPacer ? session.steady(before?.handover ?? 0) : undefined;
    if (steady === undefined) {
      this.release(session, now);
      return;
    }
    if (isEqual(steady, before)) return;
    session.paced = { ...steady, handover: ++this.#newest };
    this.#requests.push({ kind: "pace", steady: session.paced, session });
  }

  /** Takes a session back, and does not try to hand it over again. */
  release(session: BfdSession, now: Micros): void {
    this.granted(session);
    this.#retake(session, now);
  }

  #retake(session: BfdSession, now: Micros): void {
    if (session.paced === undefined) return;
    session.retake(now);
    this.#requests.push({ kind: "release", session });
  }

  /** The pacer does not keep a session. A report on an older hand-over says nothing. */
  refused(session: BfdSession, { handover }: PacerReport, text: string, now: Micros): void {
    if (session.paced?.handover !== handover) return;
    this.#refused.set(session, session.paced);
    this.#retries.refused(session, text, now);
    this.#events.push({ kind: "bfd-unpaced", name: session.desired.name });
    this.#retake(session, now);
  }

  /** The pacer keeps a session that it refused before, or need not keep it. */
  granted(session: BfdSession): void {
    if (!this.#retries.has(session)) return;
    this.#retries.over(session);
    this.#refused.delete(session);
    this.#events.push({ kind: "bfd-unpaced", name: session.desired.name });
  }

  /** Sessions that the pacer refuses, and why. */
  unpaced(): [session: string, text: string][] {
    return this.#retries.standing().map(([{ desired }, text]) => [desired.name, text]);
  }

  expire(now: Micros): void {
    for (const session of this.#retries.due(now)) {
      this.#refused.delete(session);
      this.follow(session, now);
    }
  }

  nextDeadline(): Micros {
    return this.#retries.nextDeadline();
  }

  nextRequest(): PacerRequest | undefined {
    return this.#requests.shift();
  }

  nextEvent(): UnpacedEvent | undefined {
    return this.#events.shift();
  }
}
