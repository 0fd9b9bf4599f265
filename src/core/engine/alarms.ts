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

/**
 * The alarms: those conditions of the parts that hold now and whose time has come. They are judged anew at the end of each turn in
 * which something changed. From the moment the process stops nothing is judged: a planned stop is no trouble.
 */
export class Alarms {
  readonly #conditions: (now: Micros) => Iterable<Condition>;
  /** By kind and subject. */
  #active = new Map<string, Alarm>();
  readonly #past: PastAlarm[] = [];
  #sequence = 0;
  #isDue = true;
  #isStopping = false;
  /** Conditions that do not hold long enough yet: since when they hold. */
  #pending = new Map<string, Micros>();
  /** The next time at which one of them becomes an alarm. */
  #next: Micros = NEVER;

  constructor(conditions: (now: Micros) => Iterable<Condition>) {
    this.#conditions = conditions;
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
    const before = this.#active;
    const pending = this.#pending;
    const begun: Alarm[] = [];
    this.#active = new Map();
    this.#pending = new Map();
    for (const condition of this.#conditions(now)) {
      const key = `${condition.alarm.id} ${condition.subject}`;
      const standing = before.get(key);
      if (this.#active.has(key)) continue;
      if (standing !== undefined) this.#active.set(key, { ...standing, text: condition.text });
      else if (this.#isRipe(key, condition, pending.get(key) ?? now, now)) begun.push(this.#raise(key, condition, now));
    }
    const ended = [...before].flatMap(([key, alarm]) => (this.#active.has(key) ? [] : [alarm]));
    for (const alarm of ended) this.#past.push({ ...alarm, clearedAt: now });
    this.#past.splice(0, this.#past.length - LONGEST_HISTORY);
    return { ended, begun };
  }

  /** Whether a condition that holds since a time holds long enough. */
  #isRipe(key: string, { after }: Condition, since: Micros, now: Micros): boolean {
    const from = after === undefined ? now : later(since, after);
    if (now >= from) return true;
    this.#pending.set(key, since);
    this.#next = earliest(this.#next, from);
    return false;
  }

  #raise(key: string, { alarm: { id, name, level }, text }: Condition, now: Micros): Alarm {
    const alarm = { key, sequence: ++this.#sequence, id, name, level, raisedAt: now, text };
    this.#active.set(key, alarm);
    return alarm;
  }

  /** In the order in which they began. */
  active(): readonly Alarm[] {
    return [...this.#active.values()].sort((one, other) => one.sequence - other.sequence);
  }

  /** The latest first. */
  past(): readonly PastAlarm[] {
    return this.#past.toReversed();
  }
}

const NOTHING = { ended: [], begun: [] };
