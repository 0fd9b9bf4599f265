import { later, type Micros, NEVER } from "../../base/time.js";
import type { Trunk } from "../../ethtrunk/trunk.js";

/** A trunk whose links are held down, or were until a moment ago. */
interface Held {
  /** Until when they are given time to come up; NEVER while they are held. */
  readonly until: Micros;
  /** News of the hold has come: what is up after that came up by our leave. */
  wasDown: boolean;
  cameUp: boolean;
}

/** Links that a member of an E-Trunk holds down itself count as there, and after that until they came up or their time is over. */
export class HeldLinks {
  readonly #held = new Map<number, Held>();
  readonly #time: Micros;

  constructor(time: Micros) {
    this.#time = time;
  }

  /** Follows a trunk's links: true while those that are down count as there. */
  follow(trunk: Trunk, now: Micros): boolean {
    const links = [...trunk.members()].map(({ link }) => link.up);
    const held = this.#take(trunk, now);
    if (held === undefined) return false;
    held.wasDown ||= !links.includes(true);
    if (held.until === NEVER) return true;
    held.cameUp ||= held.wasDown && trunk.isUp;
    // What is lost after it came up is lost in earnest.
    if (held.cameUp && (!trunk.isUp || !links.includes(false))) this.#held.delete(trunk.id);
    return this.#held.has(trunk.id) && now < held.until;
  }

  #take({ id, holdsDown }: Trunk, now: Micros): Held | undefined {
    const before = this.#held.get(id);
    if (before === undefined ? !holdsDown : holdsDown === (before.until === NEVER)) return before;
    const until = holdsDown ? NEVER : later(now, this.#time);
    const held = { until, wasDown: !holdsDown && before?.wasDown === true, cameUp: false };
    this.#held.set(id, held);
    return held;
  }

  /** When the time of each is over. */
  *deadlines(): Generator<readonly [trunk: number, until: Micros]> {
    for (const [trunk, { until }] of this.#held) yield [trunk, until];
  }
}
