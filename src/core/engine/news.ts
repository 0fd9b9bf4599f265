import type { Micros } from "../base/time.js";
import type { AlarmChange, NewsRow } from "../parts/news.js";
import type { PartEvent } from "../parts/part.js";
import type { Alarm, Alarms } from "./alarms.js";
import type { NEWS } from "./parts.js";
import type { Protocols } from "./protocols.js";

type ToldBy<Row> = Row extends { readonly event: infer Name; fields(event: never): infer Fields }
  ? { readonly event: Name } & Readonly<Fields>
  : never;

/** The fields of monitor lines and log lines: one event for each change, never repeated. */
export type EngineEvent =
  | ToldBy<(typeof NEWS)[keyof typeof NEWS]>
  | { readonly event: "alarm" | "alarm-cleared"; readonly id: string; readonly name: string; readonly text: string };

/** Tells the world of events, and keeps the alarms that events raise and clear. */
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
    if (row === undefined) return;
    if ("event" in row) this.#observe({ event: row.event, ...row.fields(event) } as EngineEvent, now);
    for (const change of row.alarms?.(event) ?? []) this.#change(change, now);
  }

  #change(change: AlarmChange, now: Micros): void {
    const { alarm, subject } = change;
    if (alarm === "every") for (const each of this.#alarms.of(subject)) this.#clear(each, subject, now);
    else if (change.text === undefined) this.#clear(alarm, subject, now);
    else if (this.#alarms.raise(alarm, subject, change.text, now))
      this.#observe({ event: "alarm", id: alarm.id, name: alarm.name, text: change.text }, now);
  }

  #clear({ id }: Pick<Alarm, "id">, subject: string, now: Micros): void {
    const cleared = this.#alarms.clear({ id }, subject);
    if (cleared === undefined) return;
    this.#observe({ event: "alarm-cleared", id, name: cleared.name, text: cleared.text }, now);
  }
}
