import { later, type Micros, NEVER } from "../../base/time.js";
import type { Trunk } from "../../ethtrunk/trunk.js";

/** A trunk that holds its links down, or did until a moment ago. */
interface Held {
  /** Time until which released links may come up; NEVER while they are held. */
  readonly until: Micros;
  /** The links were seen down: a link that is up afterwards came up after its release. */
  wasDown: boolean;
  cameUp: boolean;
}

/** Links that a member of an E-Trunk holds down itself: they count as available, and after the release until they are up or late. */
export class HeldLinks {
  readonly #held = new Map<number, Held>();
  readonly #time: Micros;

  constructor(time: Micros) {
    this.#time = time;
  }

  /** Follows a trunk's links; returns true while links that are down count as available. */
  follow(trunk: Trunk, now: Micros): boolean {
    const links = [...trunk.members()].map(({ link }) => link.up);
    const held = this.#take(trunk, now);
    if (held === undefined) return false;
    held.wasDown ||= !links.includes(true);
    if (held.until === NEVER) return true;
    held.cameUp ||= held.wasDown && trunk.isUp;
    // A link that goes down after it came up is lost in earnest.
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

  /** The deadlines of all trunks that hold or held links down. */
  *deadlines(): Generator<readonly [trunk: number, until: Micros]> {
    for (const [trunk, { until }] of this.#held) yield [trunk, until];
  }
}
