/**
 * News: the events of a part as monitor lines and log lines. Each part has a table of news in its news.ts, with a row for each kind
 * of event that is told, or that changes what stands. Rows are data and pure functions; the engine tells the news (engine/news.ts).
 */

/** How the log tells an event. */
export interface Telling {
  /** The constant text of the log line. */
  readonly text: string;
  /** The level of the log line; undefined: `info`. */
  readonly level?: "error" | "warn" | "debug";
  /** The vendor's notification that the event stands for. */
  readonly trap?: string;
}

/** One row: an event that the world is told. */
interface Told<Event, Name extends string, Fields extends object> extends Telling {
  /** The name in monitor lines and log lines. */
  readonly event: Name;
  /** The fields beside it, as JSON has them. */
  fields(event: Event): Fields;
  /** The subject of an event that an outsider can bring about at will: a flood of it is not told (engine/repeats.ts). */
  repeats?(event: Event): string;
}

/** The row of an event that is no news by itself: what stands has changed, and alarms with it (parts/alarm.ts). */
export const CHANGES_ALARMS = { changesAlarms: true } as const;

export type NewsRow<Event> = Told<Event, string, object> | typeof CHANGES_ALARMS;

/** A table of news: rows for some of the kinds of a part's events. */
export type NewsOf<Event extends { readonly kind: string }> = {
  readonly [Kind in Event["kind"]]?: NewsRow<Extract<Event, { readonly kind: Kind }>>;
};
