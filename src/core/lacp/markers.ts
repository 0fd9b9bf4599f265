import type { Incoming, Outgoing } from "../base/protocol.js";
import type { Micros } from "../base/time.js";
import { MARKER_INFORMATION, MarkerView } from "../wire/marker.js";
import type { LacpEvent } from "./lacp-event.js";
import { type MarkerAnswer, MarkerGenerator, MarkerResponder } from "./marker-responder.js";
import type { PortVariables } from "./port-variables.js";
import type { Refusals } from "./refusals.js";

/** The Markers of a trunk, received and sent (802.1AX-2014 6.5). */
export class Markers {
  readonly #trunk: number;
  readonly #events: LacpEvent[];
  readonly #refusals: Refusals;
  readonly #marker = new MarkerView();
  readonly #responder = new MarkerResponder();
  readonly #generator = new MarkerGenerator();

  /** Appends its events to `events`. */
  constructor(trunk: number, events: LacpEvent[], refusals: Refusals) {
    this.#trunk = trunk;
    this.#events = events;
    this.#refusals = refusals;
  }

  receive(port: PortVariables, incoming: Incoming): void {
    const pdu = this.#marker.wrap(incoming.bytes, incoming.start, incoming.length);
    if (pdu.fault() !== undefined) {
      this.#refusals.refuse(port, "marker", incoming.source);
      return;
    }
    if (pdu.type === MARKER_INFORMATION) {
      port.statistics.markerPdusRx++;
      if (port.portEnabled && !this.#responder.answer(port, pdu, port.now))
        this.#refusals.refuse(port, "marker-rate", incoming.source);
      return;
    }
    port.statistics.markerResponsePdusRx++;
    const answer = this.#generator.answered(port, pdu, port.now);
    if (answer !== undefined) this.#tell(answer);
  }

  /** Sends a Marker on each port that distributes; each transaction ends in one `marker-answered`. */
  send(ports: Iterable<PortVariables>): { readonly port: string; readonly transaction: number }[] {
    return [...ports]
      .filter((port) => port.distributes)
      .map((port) => ({ port: port.name, transaction: this.#generator.send(port) }));
  }

  transmit(out: Outgoing, now: Micros): boolean {
    return this.#responder.transmit(out) || this.#generator.transmit(out, now);
  }

  expire(now: Micros): void {
    for (const answer of this.#generator.expired(now)) this.#tell(answer);
  }

  nextDeadline(): Micros {
    return this.#generator.nextDeadline();
  }

  #tell({ port, transaction, roundTrip }: MarkerAnswer): void {
    this.#events.push({ kind: "marker-answered", trunk: this.#trunk, port: port.name, transaction, roundTrip });
  }
}
