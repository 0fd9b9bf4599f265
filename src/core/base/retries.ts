import { earliest, later, type Micros, NEVER, seconds } from "./time.js";

/** The first pause before something is asked again, and the longest. */
export const FIRST_WAIT = seconds(1);
export const LONGEST_WAIT = seconds(60);

interface Standing {
  text: string;
  wait: Micros;
  /** When it was refused or asked last. */
  askedAt: Micros;
  at: Micros;
}

/**
 * Refused requests: why each is refused, and when it is made again: after a second, and then after twice the time before, up to a
 * minute.
 */
export class Retries<Key> {
  readonly #standing = new Map<Key, Standing>();

  /** Refused, for a reason. A request that was refused already keeps its time. */
  refused(key: Key, text: string, now: Micros): void {
    const standing = this.#standing.get(key);
    if (standing !== undefined) standing.text = text;
    else this.#standing.set(key, { text, wait: FIRST_WAIT, askedAt: now, at: later(now, FIRST_WAIT) });
  }

  /** Granted, or wanted no more. */
  over(key: Key): void {
    this.#standing.delete(key);
  }

  has(key: Key): boolean {
    return this.#standing.has(key);
  }

  /** What is refused, and why. */
  standing(): [key: Key, text: string][] {
    return Array.from(this.#standing, ([key, { text }]) => [key, text]);
  }

  /** The requests to be made now. Each counts as refused again until its answer comes. */
  due(now: Micros): Key[] {
    const due: Key[] = [];
    for (const [key, standing] of this.#standing) {
      if (now < standing.at) continue;
      standing.wait = Math.min(2 * standing.wait, LONGEST_WAIT) as Micros;
      standing.askedAt = now;
      standing.at = later(now, standing.wait);
      due.push(key);
    }
    return due;
  }

  /** What a refusal rests on is another now, so it is asked soon: at once, or a second after the last time. */
  hasten(key: Key): void {
    const standing = this.#standing.get(key);
    if (standing !== undefined) standing.at = earliest(standing.at, later(standing.askedAt, FIRST_WAIT));
  }

  nextDeadline(): Micros {
    let next = NEVER;
    for (const { at } of this.#standing.values()) next = earliest(next, at);
    return next;
  }
}
