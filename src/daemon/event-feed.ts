import type { Micros } from "../core/base/time.js";
import type { DaemonEvent } from "./daemon-events.js";

export type Listener = (event: DaemonEvent, now: Micros) => void;

/** Hands every event to its listeners: log and monitors. */
export class EventFeed {
  readonly #listeners = new Set<Listener>();

  /** Adds a listener; returns the function that removes it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(event: DaemonEvent, now: Micros): void {
    for (const listener of this.#listeners) listener(event, now);
  }
}
