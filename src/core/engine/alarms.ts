import type { Micros } from "../base/time.js";
import type { AlarmKind } from "../parts/news.js";

/** An active alarm. */
export interface Alarm extends Pick<AlarmKind, "id" | "name" | "level"> {
  readonly sequence: number;
  readonly subject: string;
  readonly raisedAt: Micros;
  readonly text: string;
}

/** The active alarms: at most one of a kind for each subject. */
export class Alarms {
  readonly #standing = new Map<string, Alarm>();
  #sequence = 0;

  /** Returns false when the alarm is active already. */
  raise({ id, name, level }: AlarmKind, subject: string, text: string, now: Micros): boolean {
    const key = `${id} ${subject}`;
    if (this.#standing.has(key)) return false;
    this.#sequence++;
    this.#standing.set(key, { sequence: this.#sequence, id, name, level, subject, raisedAt: now, text });
    return true;
  }

  /** Returns the alarm that was active; undefined when there was none. */
  clear({ id }: Pick<AlarmKind, "id">, subject: string): Alarm | undefined {
    const key = `${id} ${subject}`;
    const standing = this.#standing.get(key);
    this.#standing.delete(key);
    return standing;
  }

  /** The alarms of a subject, in the order of their constants. */
  of(subject: string): readonly Alarm[] {
    const alarms = [...this.#standing.values()].filter((alarm) => alarm.subject === subject);
    return alarms.sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  standing(): readonly Alarm[] {
    return [...this.#standing.values()];
  }
}
