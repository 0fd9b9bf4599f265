import { type Mac, NO_MAC } from "../base/address.js";
import { AGGREGATION } from "../wire/lacpdu.js";

/** The information of one end of a link, the actor's or the partner's half of a LACPDU (802.1AX-2014 6.4.2.3). */
export interface PortInformation {
  systemPriority: number;
  system: Mac;
  key: number;
  portPriority: number;
  port: number;
  state: number;
}

export const nobody = (): PortInformation => ({
  systemPriority: 0,
  system: NO_MAC,
  key: 0,
  portPriority: 0,
  port: 0,
  state: 0,
});

export function copyInformation(from: PortInformation, to: PortInformation): void {
  to.systemPriority = from.systemPriority;
  to.system = from.system;
  to.key = from.key;
  to.portPriority = from.portPriority;
  to.port = from.port;
  to.state = from.state;
}

/** Both are the same port of the same system with the same Aggregation, as the functions of 6.4.9 compare. */
export const samePort = (a: PortInformation, b: PortInformation): boolean =>
  a.port === b.port &&
  a.system === b.system &&
  a.key === b.key &&
  a.portPriority === b.portPriority &&
  a.systemPriority === b.systemPriority &&
  (a.state & AGGREGATION) === (b.state & AGGREGATION);

/** `a` is the end whose port priorities decide: smaller system priority, then smaller system ID (6.3.2). */
export const isBetterSystem = (a: PortInformation, b: PortInformation): boolean =>
  a.systemPriority !== b.systemPriority ? a.systemPriority < b.systemPriority : a.system < b.system;

/** A state octet as displays print it: eight characters, bit 0 first. */
export function stateText(state: number): string {
  let text = "";
  for (let bit = 0; bit < 8; bit++) text += (state >> bit) & 1 ? "1" : "0";
  return text;
}
