import type { EngineEvent } from "../core/engine/news.js";
import { PROTOCOLS, type Protocols } from "../core/engine/protocols.js";
import type { Telling } from "../core/parts/news.js";

/** What the monitor and the log tell: the engine's events and the daemon's own. */
export type DaemonEvent =
  | EngineEvent
  /** The running configuration changed; `commit` is null when it was read from the file. */
  | { readonly event: "configuration"; readonly commit: string | null };

const ALARM: Telling = { text: "alarm raised", level: "warn" };
const ALARM_CLEARED: Telling = { text: "alarm cleared" };
const CONFIGURATION: Telling = { text: "configuration applied" };

/** How the log tells each event of these protocols, and of the daemon, by the event's name. */
const tellingsOf = ({ news }: Protocols): { readonly [event: string]: Telling } => ({
  ...Object.fromEntries(Object.values(news).flatMap((row) => ("event" in row ? [[row.event, row]] : []))),
  alarm: ALARM,
  "alarm-cleared": ALARM_CLEARED,
  configuration: CONFIGURATION,
});

/** The names of all events that are told. */
export const eventNames = (protocols: Protocols = PROTOCOLS): string[] => Object.keys(tellingsOf(protocols));

/** How the log tells an event. The trap is the vendor's notification for it (behaviour.md 1.9, 3.11). */
export function teller(protocols: Protocols = PROTOCOLS): (event: DaemonEvent) => Telling {
  const tellings = tellingsOf(protocols);
  const begun = protocols.alarms.filter(({ name }) => name.startsWith("hw"));
  const traps = {
    alarm: new Map(begun.map(({ name }) => [name, { ...ALARM, trap: name }])),
    "alarm-cleared": new Map(
      protocols.alarms.flatMap(({ name, resumed }) =>
        resumed === undefined ? [] : [[name, { ...ALARM_CLEARED, trap: resumed }]],
      ),
    ),
  };
  return (event) => {
    const trap =
      event.event === "alarm" || event.event === "alarm-cleared" ? traps[event.event].get(event.name) : undefined;
    return trap ?? tellings[event.event] ?? { text: event.event };
  };
}
