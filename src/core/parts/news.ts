/**
 * News: the events of a part as monitor lines, log lines and alarms. Each part has a table of news in its news.ts, with a row for
 * each kind of event that is told or that changes an alarm. Rows are data and pure functions; the engine tells the news and keeps
 * the alarms (engine/news.ts).
 */

/** An alarm: our own constant, the vendor's name where the vendor has one (src/behaviour.md), its level. */
export interface AlarmKind {
  readonly id: string;
  readonly name: string;
  readonly level: "Critical" | "Major" | "Minor" | "Warning";
  /** The vendor's notification that tells the end of the alarm. */
  readonly resumed?: string;
}

/** An alarm of a subject begins, with a text, or ends, without one. `every`: all alarms of a removed subject end. */
export type AlarmChange =
  | { readonly alarm: AlarmKind; readonly subject: string; readonly text: string | undefined }
  | { readonly alarm: "every"; readonly subject: string };

/** How the log tells an event. */
export interface Telling {
  /** The constant text of the log line. */
  readonly text: string;
  /** The level of the log line; undefined: `info`. */
  readonly level?: "warn" | "debug";
  /** The vendor's notification that the event stands for. */
  readonly trap?: string;
}

/** One row: an event that the world is told. */
interface Told<Event, Name extends string, Fields extends object> extends Telling {
  /** The name in monitor lines and log lines. */
  readonly event: Name;
  /** The fields beside it, as JSON has them. */
  fields(event: Event): Fields;
  alarms?(event: Event): readonly AlarmChange[];
}

/** One row: an event that is no news by itself, but changes alarms. */
interface Alarming<Event> {
  alarms(event: Event): readonly AlarmChange[];
}

export type NewsRow<Event> = Told<Event, string, object> | Alarming<Event>;

/** A table of news: rows for some of the kinds of a part's events. */
export type NewsOf<Event extends { readonly kind: string }> = {
  readonly [Kind in Event["kind"]]?: NewsRow<Extract<Event, { readonly kind: Kind }>>;
};
