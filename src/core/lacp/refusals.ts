import { type Mac, NO_MAC } from "../base/address.js";
import { later, type Micros, NEVER, seconds } from "../base/time.js";
import type { LacpEvent, OwnSystem } from "./lacp-event.js";
import type { PduFault } from "./port-statistics.js";
import type { PortVariables } from "./port-variables.js";

const TELL_AGAIN = seconds(60);

/** Counts dropped PDUs, and tells each fault of a port once a minute, so that a flood is not logged. */
export class Refusals {
  readonly #trunk: number;
  readonly #events: LacpEvent[];
  readonly #toldAt = new WeakMap<PortVariables, Map<PduFault, Micros>>();

  /** Appends its events to `events`. */
  constructor(trunk: number, events: LacpEvent[]) {
    this.#trunk = trunk;
    this.#events = events;
  }

  refuse(port: PortVariables, fault: PduFault, source: Mac, pdus = 1): void {
    const { statistics, now } = port;
    statistics.faults[fault] += pdus;
    if (fault === "subtype-unknown") statistics.unknownRx += pdus;
    else if (fault === "marker" || fault === "marker-rate") statistics.markerErrors += pdus;
    else statistics.illegalRx += pdus;
    const toldAt = this.#toldAt.get(port) ?? new Map<PduFault, Micros>();
    if (now < later(toldAt.get(fault) ?? (-NEVER as Micros), TELL_AGAIN)) return;
    this.#toldAt.set(port, toldAt.set(fault, now));
    this.#events.push({ kind: "pdu-refused", trunk: this.#trunk, port: port.name, fault, source });
  }

  /** So many PDUs of a port were left out before anybody read them. */
  missed(port: PortVariables | undefined, pdus: number): void {
    if (port !== undefined) this.refuse(port, "rate", NO_MAC, pdus);
  }

  /** Refuses a PDU with our own system ID. Its alarm ends when no such PDU came for the timeout of received PDUs. */
  refuseOwnSystem(port: PortVariables, source: Mac, form: () => OwnSystem): void {
    port.statistics.faults["own-system"]++;
    if (port.ownSystem === undefined) {
      port.ownSystem = { form: form(), source };
      this.#events.push({ kind: "own-system", trunk: this.#trunk, port: port.name });
    }
    port.ownSystemUntil = later(port.now, port.aggregator.settings.timeout);
  }

  clearOwnSystem(port: PortVariables): void {
    if (port.ownSystem === undefined) return;
    port.ownSystem = undefined;
    port.ownSystemUntil = NEVER;
    this.#events.push({ kind: "own-system", trunk: this.#trunk, port: port.name });
  }
}
