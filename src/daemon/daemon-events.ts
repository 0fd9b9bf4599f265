import type { AlarmEvent, EngineEvent } from "../core/engine/news.js";
import { PROTOCOLS, type Protocols } from "../core/engine/protocols.js";
import type { Telling } from "../core/parts/news.js";

/** What the monitor and the log tell: the engine's events and the daemon's own. */
export type DaemonEvent =
  | EngineEvent
  /** The running configuration changed; `commit` is null when it was read from the file. */
  | { readonly event: "configuration"; readonly commit: string | null };

/** Of an alarm that begins, by its severity. */
const ALARM_LEVELS = { Critical: "error", Major: "warn", Minor: "warn", Warning: "warn" } as const satisfies {
  readonly [severity in AlarmEvent["severity"]]: Telling["level"];
};
const CONFIGURATION: Telling = { text: "configuration applied" };

/** How the log tells each event of these protocols, and of the daemon, by the event's name. */
const tellingsOf = ({ news }: Protocols): { readonly [event: string]: Telling } => ({
  ...Object.fromEntries(Object.values(news).flatMap((row) => ("event" in row ? [[row.event, row]] : []))),
  alarm: { text: "alarm raised" },
  "alarm-cleared": { text: "alarm cleared" },
  configuration: CONFIGURATION,
});

/** The names of all events that are told. */
export const eventNames = (protocols: Protocols = PROTOCOLS): string[] => Object.keys(tellingsOf(protocols));

/** How the log tells an event. The trap is the vendor's notification for it (behaviour.md 1.9, 3.11). */
export function teller(protocols: Protocols = PROTOCOLS): (event: DaemonEvent) => Telling {
  const tellings = tellingsOf(protocols);
  const kinds = new Map(protocols.alarms.map((kind) => [kind.name, kind]));
  const isAlarm = (event: DaemonEvent): event is AlarmEvent =>
    event.event === "alarm" || event.event === "alarm-cleared";
  return (event) => {
    const telling = tellings[event.event] ?? { text: event.event };
    if (!isAlarm(event)) return telling;
    const { name, resumed } = kinds.get(event.name) ?? { name: event.name };
    const begins = event.event === "alarm";
    const trap = begins ? (name.startsWith("hw") ? name : undefined) : resumed;
    return { ...telling, ...(begins && { level: ALARM_LEVELS[event.severity] }), ...(trap !== undefined && { trap }) };
  };
}
