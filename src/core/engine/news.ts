import type { Micros } from "../base/time.js";
import type { AlarmKind } from "../parts/alarm.js";
import type { NewsRow } from "../parts/news.js";
import type { PartEvent } from "../parts/part.js";
import type { Alarm, Alarms } from "./alarms.js";
import type { NEWS } from "./parts.js";
import type { Protocols } from "./protocols.js";
import { Repeats } from "./repeats.js";

type ToldBy<Row> = Row extends { readonly event: infer Name; fields(event: never): infer Fields }
  ? { readonly event: Name } & Readonly<Fields>
  : never;

/** An alarm that begins or ends. */
export interface AlarmEvent {
  readonly event: "alarm" | "alarm-cleared";
  readonly id: string;
  readonly name: string;
  readonly severity: AlarmKind["level"];
  readonly text: string;
}

/**
 * The fields of monitor lines and log lines: one event for each change, never repeated. `untold`: so many of the same kind and
 * subject came before this one in a minute, and were not told (repeats.ts).
 */
export type EngineEvent = (ToldBy<(typeof NEWS)[keyof typeof NEWS]> | AlarmEvent) & { readonly untold?: number };

/** Tells the world of events and of alarms. */
export class News {
  readonly #rows: { readonly [kind: string]: NewsRow<PartEvent> };
  readonly #alarms: Alarms;
  readonly #observe: (event: EngineEvent, now: Micros) => void;
  readonly #repeats = new Repeats<EngineEvent>();

  constructor(rows: Protocols["news"], alarms: Alarms, observe: (event: EngineEvent, now: Micros) => void) {
    // Each row is given events of its own kind alone.
    this.#rows = rows as { readonly [kind: string]: NewsRow<PartEvent> };
    this.#alarms = alarms;
    this.#observe = observe;
  }

  tell(event: PartEvent, now: Micros): void {
    const row = this.#rows[event.kind];
    if (row !== undefined && "event" in row) {
      const told = { event: row.event, ...row.fields(event) } as EngineEvent;
      this.#tell(row.repeats === undefined ? undefined : `${row.event} ${row.repeats(event)}`, told, now);
    }
    this.#alarms.touch();
  }

  /** Judges the alarms, and tells which ended and which began. */
  tellAlarms(now: Micros): void {
    const { ended, begun } = this.#alarms.judge(now);
    const tell = (event: AlarmEvent["event"], { key, id, name, level: severity, text }: Alarm): void =>
      this.#tell(key, { event, id, name, severity, text }, now);
    for (const alarm of ended) tell("alarm-cleared", alarm);
    for (const alarm of begun) tell("alarm", alarm);
  }

  /** Tells the last of the events that came too often. */
  expire(now: Micros): void {
    for (const event of this.#repeats.due(now)) this.#observe(event, now);
  }

  nextDeadline(): Micros {
    return this.#repeats.nextDeadline();
  }

  #tell(subject: string | undefined, event: EngineEvent, now: Micros): void {
    if (subject === undefined || this.#repeats.admits(subject, event, now)) this.#observe(event, now);
  }
}
