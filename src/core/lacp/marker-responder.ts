import type { Mac } from "../base/address.js";
import type { Outgoing } from "../base/protocol.js";
import { later, type Micros, NEVER, seconds } from "../base/time.js";
import { MARKER_INFORMATION, MARKER_RESPONSE, MarkerView } from "../wire/marker.js";
import type { PortVariables } from "./port-variables.js";
import { beginFrame } from "./transmission.js";

const view = new MarkerView();

const MARKER_TIMEOUT = seconds(1);

interface Marker {
  readonly port: PortVariables;
  readonly requesterPort: number;
  readonly requesterSystem: Mac;
  readonly transaction: number;
}

function write(type: typeof MARKER_INFORMATION | typeof MARKER_RESPONSE, marker: Marker, out: Outgoing): void {
  const head = beginFrame(out, marker.port);
  const size = view.wrap(out.bytes, out.start + head, out.bytes.byteLength - out.start - head).begin(type);
  view.requesterPort = marker.requesterPort;
  view.requesterSystem = marker.requesterSystem;
  view.transaction = marker.transaction;
  out.length = head + size;
}

/** Marker responder, 802.1AX-2014 6.5.4: each Marker is answered on the same port with the same data, ten in any second. */
export class MarkerResponder {
  readonly #due: Marker[] = [];

  /** Answers a Marker; false when the port's rate is used up. */
  answer(port: PortVariables, marker: MarkerView, now: Micros): boolean {
    if (!port.rates.markers.take(now)) return false;
    const { requesterPort, requesterSystem, transaction } = marker;
    this.#due.push({ port, requesterPort, requesterSystem, transaction });
    return true;
  }

  transmit(out: Outgoing): boolean {
    const marker = this.#due.shift();
    if (marker === undefined) return false;
    marker.port.statistics.markerResponsePdusTx++;
    write(MARKER_RESPONSE, marker, out);
    return true;
  }
}

export interface MarkerAnswer {
  readonly port: PortVariables;
  readonly transaction: number;
  /** Round trip in microseconds; undefined when no answer came in time. */
  readonly roundTrip: number | undefined;
}

/** Marker generator, 6.5.3: an operator asks whether a partner still answers. */
export class MarkerGenerator {
  readonly #due: Marker[] = [];
  readonly #awaited = new Map<number, { readonly port: PortVariables; sent: Micros }>();
  #transaction = 0;

  send(port: PortVariables): number {
    this.#transaction = (this.#transaction + 1) % 0x1_0000_0000;
    this.#due.push({
      port,
      requesterPort: port.actor.port,
      requesterSystem: port.actor.system,
      transaction: this.#transaction,
    });
    return this.#transaction;
  }

  transmit(out: Outgoing, now: Micros): boolean {
    const marker = this.#due.shift();
    if (marker === undefined) return false;
    this.#awaited.set(marker.transaction, { port: marker.port, sent: now });
    marker.port.statistics.markerPdusTx++;
    write(MARKER_INFORMATION, marker, out);
    return true;
  }

  /** Takes over a response; undefined when no Marker waits for it. */
  answered(port: PortVariables, marker: MarkerView, now: Micros): MarkerAnswer | undefined {
    const { transaction } = marker;
    const awaited = this.#awaited.get(transaction);
    if (awaited?.port !== port || marker.requesterSystem !== port.actor.system) return undefined;
    this.#awaited.delete(transaction);
    return { port, transaction, roundTrip: now - awaited.sent };
  }

  /** Ends the Markers that got no answer within a second. */
  *expired(now: Micros): Generator<MarkerAnswer> {
    for (const [transaction, { port, sent }] of this.#awaited) {
      if (now < later(sent, MARKER_TIMEOUT)) continue;
      this.#awaited.delete(transaction);
      yield { port, transaction, roundTrip: undefined };
    }
  }

  nextDeadline(): Micros {
    for (const { sent } of this.#awaited.values()) return later(sent, MARKER_TIMEOUT);
    return NEVER;
  }
}
