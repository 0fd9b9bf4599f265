import { SLOW_PROTOCOLS_GROUP } from "../base/address.js";
import type { Outgoing } from "../base/protocol.js";
import { later, type Micros, NEVER } from "../base/time.js";
import { ETHERTYPE_SLOW_PROTOCOLS, EthernetView, ethernet } from "../wire/ethernet.js";
import { LacpduView } from "../wire/lacpdu.js";
import type { PortVariables } from "./port-variables.js";
import { FAST_PERIODIC_TIME } from "./timers.js";

const header = new EthernetView();
const pdu = new LacpduView();

/** Most LACPDUs in any Fast_Periodic_Time (6.4.16). */
const MOST_PER_PERIOD = 3;

/** Starts a slow-protocol frame of a port; returns the octets of its header. */
export function beginFrame(out: Outgoing, port: PortVariables): number {
  header.wrap(out.bytes, out.start, ethernet.size);
  header.destination = SLOW_PROTOCOLS_GROUP;
  header.source = port.mac;
  header.type = ETHERTYPE_SLOW_PROTOCOLS;
  out.to = port.index;
  return ethernet.size;
}

/** Transmit machine (6.4.16): a LACPDU carries the state at the time it leaves. */
export class Transmission {
  /** Times of the last LACPDUs, a ring whose entry `#oldest` is overwritten next. */
  readonly #sent: Micros[] = new Array<Micros>(MOST_PER_PERIOD).fill(-NEVER as Micros);
  #oldest = 0;
  /** State octet of the last one. */
  #told = 0;

  /**
   * Time from which the limit allows the next LACPDU. A port in reserve keeps one LACPDU of each period for a takeover,
   * so it repeats itself once less.
   */
  allowedAt({ selected, actor }: PortVariables): Micros {
    const repeats = selected === "STANDBY" && actor.state === this.#told;
    const before = repeats ? (this.#oldest + 1) % MOST_PER_PERIOD : this.#oldest;
    return later(this.#sent[before] as Micros, FAST_PERIODIC_TIME);
  }

  /** Writes the port's LACPDU; false while the limit does not allow it. */
  transmit(port: PortVariables, out: Outgoing, now: Micros): boolean {
    if (now < this.allowedAt(port)) return false;
    this.#sent[this.#oldest] = now;
    this.#told = port.actor.state;
    this.#oldest = (this.#oldest + 1) % MOST_PER_PERIOD;
    port.ntt = false;
    port.statistics.lacpdusTx++;
    writeLacpdu(port, out);
    return true;
  }
}

function writeLacpdu(port: PortVariables, out: Outgoing): void {
  const { actor, partner, aggregator } = port;
  const head = beginFrame(out, port);
  const size = pdu.wrap(out.bytes, out.start + head, out.bytes.byteLength - out.start - head).begin();
  pdu.actorSystemPriority = actor.systemPriority;
  pdu.actorSystem = actor.system;
  pdu.actorKey = actor.key;
  pdu.actorPortPriority = actor.portPriority;
  pdu.actorPort = actor.port;
  pdu.actorState = actor.state;
  pdu.partnerSystemPriority = partner.systemPriority;
  pdu.partnerSystem = partner.system;
  pdu.partnerKey = partner.key;
  pdu.partnerPortPriority = partner.portPriority;
  pdu.partnerPort = partner.port;
  pdu.partnerState = partner.state;
  pdu.collectorMaxDelay = aggregator.settings.collectorMaxDelay;
  out.length = head + size;
}
