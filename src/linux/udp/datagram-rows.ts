import type { IncomingDatagram, OutgoingDatagram } from "../../core/base/datagram.js";
import { ORIGIN, OUTGOING, OUTGOING_NUMBERS } from "../native/udp.js";
import type { AddressBook } from "./address-book.js";

/** A datagram over these octets, to be filled in again and again. */
export function blankDatagram({ buffer }: Uint8Array<ArrayBuffer>, addresses: AddressBook): IncomingDatagram {
  const nobody = addresses.read(new Uint32Array(4), 0);
  return {
    bytes: new DataView(buffer),
    start: 0,
    length: 0,
    source: nobody,
    destination: nobody,
    sourcePort: 0,
    destinationPort: 0,
    ttl: 0,
    from: 0,
    vrf: undefined,
  };
}

/** Fills the datagram in from a row that begins at `at`; port and VRF of the socket are the caller's. */
export function readOrigin(datagram: IncomingDatagram, rows: Uint32Array, at: number, addresses: AddressBook): void {
  datagram.start = rows[at + ORIGIN.start]!;
  datagram.length = rows[at + ORIGIN.length]!;
  datagram.ttl = rows[at + ORIGIN.ttl]!;
  datagram.from = rows[at + ORIGIN.ifindex]!;
  datagram.sourcePort = rows[at + ORIGIN.sourcePort]!;
  datagram.source = addresses.read(rows, at + ORIGIN.source);
  datagram.destination = addresses.read(rows, at + ORIGIN.destination);
}

export const outgoingNumbers = (): Uint32Array => new Uint32Array(OUTGOING_NUMBERS);

/** Writes the numbers of a datagram for the addon; `endpoint` is a BFD pacer's. */
export function writeOutgoing(numbers: Uint32Array, out: OutgoingDatagram, endpoint: number): void {
  numbers[OUTGOING.start] = out.start;
  numbers[OUTGOING.length] = out.length;
  numbers[OUTGOING.destinationPort] = out.destinationPort;
  numbers[OUTGOING.ttl] = out.ttl;
  numbers[OUTGOING.trafficClass] = out.trafficClass;
  numbers[OUTGOING.ifindex] = out.to ?? 0;
  numbers[OUTGOING.sourcePort] = out.sourcePort;
  numbers[OUTGOING.endpoint] = endpoint;
}
