import type { Mac } from "../base/address.js";

/** Seconds in which so many changes of one address are followed; the others are not. */
const PERIOD = 10;
const MOST_CHANGES = 4;
/** Addresses that changed lately, of which a record is kept. */
const MOST_RECORDS = 1_024;

/** An address that several hosts claim. */
export interface Conflict {
  /** Name of the interface. */
  readonly interface: string;
  readonly octets: Uint8Array;
  readonly macs: readonly [Mac, Mac];
}

interface Changes {
  since: number;
  count: number;
  /** The last two MAC addresses. */
  conflict: Conflict;
}

/**
 * Finds addresses that several hosts claim: one whose MAC address changes more often than four times in ten seconds. Its further
 * changes are not followed until ten seconds pass, so two hosts with one address cause no storm between the PEs.
 */
export class Conflicts {
  readonly #changes = new Map<string, Changes>();

  /** The MAC address of a host is another; false where the change is not to be followed. */
  admits(conflict: Conflict, now: number): boolean {
    const key = `${conflict.interface} ${conflict.octets.join(".")}`;
    const known = this.#changes.get(key);
    if (known === undefined || now - known.since >= PERIOD) {
      this.#changes.delete(key);
      if (this.#changes.size >= MOST_RECORDS) this.#changes.delete(this.#changes.keys().next().value as string);
      this.#changes.set(key, { since: now, count: 1, conflict });
      return true;
    }
    known.conflict = conflict;
    return ++known.count <= MOST_CHANGES;
  }

  /** Those that stand at this time. */
  standing(now: number): Conflict[] {
    return [...this.#changes.values()].flatMap(({ since, count, conflict }) =>
      count > MOST_CHANGES && now - since < PERIOD ? [conflict] : [],
    );
  }

  /** Forgets what is over; true where a conflict ended. */
  expire(now: number): boolean {
    let ended = false;
    for (const [key, { since, count }] of this.#changes)
      if (now - since >= PERIOD) {
        this.#changes.delete(key);
        ended ||= count > MOST_CHANGES;
      }
    return ended;
  }

  /** When something is over next, in seconds; undefined while there is nothing. */
  nextEnd(): number | undefined {
    let next: number | undefined;
    for (const { since } of this.#changes.values()) next = Math.min(next ?? Number.POSITIVE_INFINITY, since + PERIOD);
    return next;
  }
}
