import { later, type Micros, NEVER, seconds } from "../../base/time.js";
import type { HostChange } from "../../contract/input.js";
import type { Condition } from "../alarm.js";
import type { Part } from "../part.js";
import { processConditions } from "./alarms.js";

/** The alarm of a process that stood still ends when it was in time for so long. */
const IN_TIME = seconds(60);

/** The process stood still, and was in time since. */
export interface ProcessEvent {
  readonly kind: "in-time";
}

/** This process: whether it runs in time, and whether the next one will find what it must know. */
export class ProcessPart implements Part<ProcessEvent> {
  #stall: Micros | undefined;
  #stallUntil: Micros = NEVER;
  readonly #events: ProcessEvent[] = [];
  /** By file of the state directory. */
  readonly #unsaved = new Map<string, string>();

  hostChanged(change: HostChange, now: Micros): void {
    if (change.kind === "late") {
      this.#stall = Math.max(change.by, this.#stall ?? 0) as Micros;
      this.#stallUntil = later(now, IN_TIME);
    } else if (change.kind === "refused" && change.what === "state") {
      if (change.text === undefined) this.#unsaved.delete(change.subject);
      else this.#unsaved.set(change.subject, change.text);
    }
  }

  nextDeadline(): Micros {
    return this.#stallUntil;
  }

  expire(now: Micros): void {
    if (now < this.#stallUntil) return;
    this.#stall = undefined;
    this.#stallUntil = NEVER;
    this.#events.push({ kind: "in-time" });
  }

  nextEvent(): ProcessEvent | undefined {
    return this.#events.shift();
  }

  alarms(): Iterable<Condition> {
    return processConditions({ stall: this.#stall, unsaved: this.#unsaved });
  }
}
