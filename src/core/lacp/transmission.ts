import { SLOW_PROTOCOLS_GROUP } from "../base/address.js";
import type { Outgoing } from "../base/protocol.js";
import type { Micros } from "../base/time.js";
import { ETHERTYPE_SLOW_PROTOCOLS, EthernetView, ethernet } from "../wire/ethernet.js";
import { LacpduView } from "../wire/lacpdu.js";
import type { PortVariables } from "./port-variables.js";

const header = new EthernetView();
const pdu = new LacpduView();

/** Starts a slow-protocol frame of a port; returns the octets of its header. */
export function beginFrame(out: Outgoing, port: PortVariables): number {
  header.wrap(out.bytes, out.start, ethernet.size);
  header.destination = SLOW_PROTOCOLS_GROUP;
  header.source = port.mac;
  header.type = ETHERTYPE_SLOW_PROTOCOLS;
  out.to = port.index;
  return ethernet.size;
}

/**
 * Time from which the limit allows the port's next LACPDU. A port in reserve keeps one LACPDU of each period for a takeover, so it
 * repeats itself once less.
 */
export function lacpduAllowedAt({ rates, actor, selected }: PortVariables): Micros {
  const repeats = selected === "STANDBY" && actor.state === rates.toldState;
  return rates.lacpdus.allowedAt(repeats ? 1 : 0);
}

/**
 * Transmit machine (6.4.16): a LACPDU carries the state at the time it leaves. Returns false while the limit does not allow it.
 */
export function transmitLacpdu(port: PortVariables, out: Outgoing, now: Micros): boolean {
  if (now < lacpduAllowedAt(port)) return false;
  port.rates.lacpdus.take(now);
  port.rates.toldState = port.actor.state;
  port.ntt = false;
  port.statistics.lacpdusTx++;
  writeLacpdu(port, out);
  return true;
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
