import type { Micros } from "../base/time.js";
import type { AlarmKind } from "../parts/alarm.js";
import type { NewsRow } from "../parts/news.js";
import type { PartEvent } from "../parts/part.js";
import type { Alarm, Alarms } from "./alarms.js";
import type { NEWS } from "./parts.js";
import type { Protocols } from "./protocols.js";

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

/** The fields of monitor lines and log lines: one event for each change, never repeated. */
export type EngineEvent = ToldBy<(typeof NEWS)[keyof typeof NEWS]> | AlarmEvent;

/** Tells the world of events and of alarms. */
export class News {
  readonly #rows: { readonly [kind: string]: NewsRow<PartEvent> };
  readonly #alarms: Alarms;
  readonly #observe: (event: EngineEvent, now: Micros) => void;

  constructor(rows: Protocols["news"], alarms: Alarms, observe: (event: EngineEvent, now: Micros) => void) {
    // Each row is given events of its own kind alone.
    this.#rows = rows as { readonly [kind: string]: NewsRow<PartEvent> };
    this.#alarms = alarms;
    this.#observe = observe;
  }

  tell(event: PartEvent, now: Micros): void {
    const row = this.#rows[event.kind];
    if (row !== undefined && "event" in row)
      this.#observe({ event: row.event, ...row.fields(event) } as EngineEvent, now);
    this.#alarms.touch();
  }

  /** Judges the alarms, and tells which ended and which began. */
  tellAlarms(now: Micros): void {
    const { ended, begun } = this.#alarms.judge(now);
    const tell = (event: AlarmEvent["event"], { id, name, level: severity, text }: Alarm): void =>
      this.#observe({ event, id, name, severity, text }, now);
    for (const alarm of ended) tell("alarm-cleared", alarm);
    for (const alarm of begun) tell("alarm", alarm);
  }
}
