import { assert } from "../base/assert.js";
import type { Micros } from "../base/time.js";
import type { PartEvent } from "../parts/part.js";
import type { Calls } from "./calls.js";
import type { News } from "./news.js";
import type { Protocols } from "./protocols.js";

/** Bounded: an event raises at most a few others, and PDUs are limited per port. */
const MOST_ROUNDS = 1_000;

type Influence = (event: PartEvent, parts: object, now: Micros) => void;

interface Surroundings {
  /** The parts by name, as influences know them. */
  readonly parts: object;
  readonly influences: Protocols["influences"];
  readonly news: News;
}

/** The steps of a turn (parts/part.ts), repeated until nothing happens and nothing is due. */
export class Turns {
  readonly #calls: Calls;
  readonly #parts: object;
  readonly #influences: { readonly [kind: string]: Influence };
  readonly #news: News;
  #hasSent = false;

  constructor(calls: Calls, { parts, influences, news }: Surroundings) {
    this.#calls = calls;
    this.#parts = parts;
    // Each row is given events of its own kind alone, and the parts that it was written for (protocols.ts).
    this.#influences = influences as unknown as { readonly [kind: string]: Influence };
    this.#news = news;
  }

  /** PDUs were sent, and `left` has not been called. */
  get hasSent(): boolean {
    return this.#hasSent;
  }

  settle(now: Micros): void {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      for (const part of this.#calls.settle) part.settle(now);
      // An event may change any decision, so everything is decided anew before anything is sent.
      if (this.#drainEvents(now)) continue;
      for (const part of this.#calls.yield) part.yield(now);
      for (const part of this.#calls.commit) part.commit(now);
      if (this.#send(now)) continue;
      for (const part of this.#calls.rest) part.rest(now);
      this.#news.tellAlarms(now);
      return;
    }
    assert(false, "the engine does not settle");
  }

  /** Hands each event to the world and to other parts. Returns false when there was none. */
  #drainEvents(now: Micros): boolean {
    let any = false;
    for (const part of this.#calls.nextEvent)
      for (let event = part.nextEvent(); event !== undefined; event = part.nextEvent()) {
        this.#news.tell(event, now);
        this.#influences[event.kind]?.(event, this.#parts, now);
        any = true;
      }
    return any;
  }

  /** Returns false when nothing was due. */
  #send(now: Micros): boolean {
    let any = false;
    for (const part of this.#calls.send) if (part.send(now)) any = true;
    this.#hasSent ||= any;
    return any;
  }

  left(now: Micros): void {
    this.#hasSent = false;
    for (const part of this.#calls.left) part.left(now);
  }
}
