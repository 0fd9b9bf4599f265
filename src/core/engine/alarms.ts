import { earliest, later, type Micros, NEVER } from "../base/time.js";
import type { AlarmKind, Condition } from "../parts/alarm.js";

/** An active alarm. */
export interface Alarm extends Pick<AlarmKind, "id" | "name" | "level"> {
  /** Kind and subject. */
  readonly key: string;
  readonly sequence: number;
  readonly raisedAt: Micros;
  /** What is true now: the sentence follows the condition. */
  readonly text: string;
}

/** An alarm that is over. */
export interface PastAlarm extends Alarm {
  readonly clearedAt: Micros;
}

/** Alarms that are over are remembered, the latest so many of them. */
const LONGEST_HISTORY = 512;

/** What a part brings. */
interface Judged {
  alarms(now: Micros): Iterable<Condition>;
}

/** A condition that holds; an alarm once it holds long enough. */
interface Standing {
  /** The last judgement in which the condition held. */
  round: number;
  readonly since: Micros;
  alarm: Alarm | undefined;
}

/**
 * The alarms: those conditions of the parts that hold now, and hold long enough. They are judged anew at the end of each turn in
 * which something changed. From the moment the process stops nothing is judged: a planned stop is no trouble.
 */
export class Alarms {
  readonly #parts: readonly Judged[];
  /** By kind and subject. */
  readonly #standing = new Map<string, Standing>();
  readonly #past: PastAlarm[] = [];
  #sequence = 0;
  #round = 0;
  #isDue = true;
  #isStopping = false;
  /** The next time at which a condition that holds becomes an alarm. */
  #next: Micros = NEVER;

  constructor(parts: readonly Judged[]) {
    this.#parts = parts;
  }

  /** Something changed on which a condition may rest. */
  touch(): void {
    this.#isDue = true;
  }

  /** The process stops: what stands stays as it is. */
  stop(): void {
    this.#isStopping = true;
  }

  nextDeadline(): Micros {
    return this.#isStopping ? NEVER : this.#next;
  }

  /** Judges all conditions where something changed; returns the alarms that ended and those that began. */
  judge(now: Micros): { readonly ended: readonly Alarm[]; readonly begun: readonly Alarm[] } {
    if (this.#isStopping || !(this.#isDue || now >= this.#next)) return NOTHING;
    this.#isDue = false;
    this.#next = NEVER;
    this.#round++;
    const begun: Alarm[] = [];
    for (const part of this.#parts)
      for (const condition of part.alarms(now)) {
        const alarm = this.#hold(condition, now);
        if (alarm !== undefined) begun.push(alarm);
      }
    return { ended: this.#end(now), begun };
  }

  /** A condition holds; returns the alarm that it begins to be. */
  #hold(condition: Condition, now: Micros): Alarm | undefined {
    const { alarm: kind, subject, text, after } = condition;
    const key = `${kind.id} ${subject}`;
    let standing = this.#standing.get(key);
    if (standing?.round === this.#round) return undefined;
    if (standing === undefined) {
      standing = { round: this.#round, since: now, alarm: undefined };
      this.#standing.set(key, standing);
    }
    standing.round = this.#round;
    if (standing.alarm !== undefined) {
      if (standing.alarm.text !== text) standing.alarm = { ...standing.alarm, text };
      return undefined;
    }
    const from = after === undefined ? now : later(standing.since, after);
    if (now < from) {
      this.#next = earliest(this.#next, from);
      return undefined;
    }
    const { id, name, level } = kind;
    standing.alarm = { key, sequence: ++this.#sequence, id, name, level, raisedAt: now, text };
    return standing.alarm;
  }

  /** Ends what does not hold any more. */
  #end(now: Micros): readonly Alarm[] {
    const ended: Alarm[] = [];
    for (const [key, { round, alarm }] of this.#standing) {
      if (round === this.#round) continue;
      this.#standing.delete(key);
      if (alarm !== undefined) ended.push(alarm);
    }
    for (const alarm of ended) this.#past.push({ ...alarm, clearedAt: now });
    this.#past.splice(0, this.#past.length - LONGEST_HISTORY);
    return ended;
  }

  /** In the order in which they began. */
  active(): readonly Alarm[] {
    const alarms = [...this.#standing.values()].flatMap(({ alarm }) => (alarm === undefined ? [] : [alarm]));
    return alarms.sort((one, other) => one.sequence - other.sequence);
  }

  /** The latest first. */
  past(): readonly PastAlarm[] {
    return this.#past.toReversed();
  }
}

const NOTHING = { ended: [], begun: [] };
