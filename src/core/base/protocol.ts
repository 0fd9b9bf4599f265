import type { Mac } from "./address.js";
import type { Micros } from "./time.js";

/** The kernel's number of an interface (ifindex); the simulator gives its own. */
export type InterfaceIndex = number;

/** One received PDU. The object and its bytes are reused: valid only until `receive` returns. */
export interface Incoming {
  bytes: DataView;
  /** Offset of the PDU; peeling a header moves it forward. */
  start: number;
  /** Octets of the PDU that `bytes` really holds. */
  length: number;
  /** The interface it arrived on. */
  from: InterfaceIndex;
  /** 802.1Q VLAN ID of the tag the frame bore; NO_VLAN when untagged. */
  vlan: number;
  /** Source MAC address of the frame. */
  source: Mac;
}

export const NO_VLAN = -1;

/** One PDU to be sent; the mirror of Incoming. The engine owns the one instance. */
export interface Outgoing {
  bytes: DataView;
  start: number;
  length: number;
  to: InterfaceIndex;
}

/** What every protocol core offers. No method performs I/O, reads a clock or waits. */
export interface Protocol<Event> {
  /** A PDU arrived. `pdu` and its bytes are reused: valid only until this call returns. */
  receive(pdu: Incoming, now: Micros): void;
  /** Time has reached at least one deadline. */
  expire(now: Micros): void;
  /** When to call `expire` next; NEVER when nothing is pending. */
  nextDeadline(): Micros;
  /** Writes one due PDU into `out`; false when none is due. */
  transmit(out: Outgoing, now: Micros): boolean;
  /** The next event for other parts of the system; undefined when there is none. */
  nextEvent(): Event | undefined;
}
