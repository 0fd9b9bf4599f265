import { FIRST_WAIT, LONGEST_WAIT } from "./retries.js";
import { earliest, later, type Micros, NEVER, seconds } from "./time.js";

/**
 * Changes of one thing that are put back at once before somebody is said to keep making them: a script or a service that starts
 * anew may make a dozen.
 */
const AT_ONCE = 24;
/** What has stood so long is not remembered. */
const QUIET = seconds(60);

interface Repair {
  changes: number;
  wait: Micros;
  /** NEVER: it is repaired. */
  repairAt: Micros;
  /** When it will have stood long enough; NEVER while it waits for its repair. */
  standsAt: Micros;
  isOut: boolean;
}

/**
 * When what somebody else changed is put back: 24 times in a minute at once; after that it is out, is put back after a second,
 * two, four, up to a minute, and is in again when it has stood for as long as the next pause would be.
 */
export class Repairs<Key> {
  readonly #repairs = new Map<Key, Repair>();

  /** Somebody changed it. A change while its repair is awaited is the same one. */
  changed(key: Key, now: Micros): void {
    const repair = this.#repairs.get(key) ?? {
      changes: 0,
      wait: FIRST_WAIT,
      repairAt: NEVER,
      standsAt: NEVER,
      isOut: false,
    };
    this.#repairs.set(key, repair);
    if (repair.repairAt !== NEVER) return;
    repair.changes++;
    repair.standsAt = NEVER;
    if (repair.changes <= AT_ONCE) {
      repair.repairAt = now;
      return;
    }
    repair.isOut = true;
    repair.repairAt = later(now, repair.wait);
    repair.wait = Math.min(2 * repair.wait, LONGEST_WAIT) as Micros;
  }

  /** It is gone for good, or nobody wants it any more. */
  forget(key: Key): void {
    this.#repairs.delete(key);
  }

  /** Its repair is yet to come. */
  isAwaited(key: Key): boolean {
    return (this.#repairs.get(key)?.repairAt ?? NEVER) !== NEVER;
  }

  /** Somebody keeps changing it. */
  isOut(key: Key): boolean {
    return this.#repairs.get(key)?.isOut === true;
  }

  keys(): Key[] {
    return [...this.#repairs.keys()];
  }

  /** What is to be repaired now. */
  due(now: Micros): Key[] {
    const due: Key[] = [];
    for (const [key, repair] of this.#repairs) {
      if (now < repair.repairAt) continue;
      repair.repairAt = NEVER;
      repair.standsAt = later(now, repair.isOut ? repair.wait : QUIET);
      due.push(key);
    }
    return due;
  }

  /** What was out and is in again, since its repair has stood. */
  restored(now: Micros): Key[] {
    const restored: Key[] = [];
    for (const [key, repair] of [...this.#repairs]) {
      if (now < repair.standsAt) continue;
      if (!repair.isOut) {
        this.#repairs.delete(key);
        continue;
      }
      repair.isOut = false;
      repair.standsAt = later(now, QUIET);
      restored.push(key);
    }
    return restored;
  }

  nextDeadline(): Micros {
    let next = NEVER;
    for (const { repairAt, standsAt } of this.#repairs.values()) next = earliest(next, earliest(repairAt, standsAt));
    return next;
  }
}
