import type { IpAddress } from "./ip-address.js";
import type { InterfaceIndex } from "./protocol.js";

interface Datagram {
  bytes: DataView;
  start: number;
  length: number;
  source: IpAddress;
  destination: IpAddress;
  sourcePort: number;
  destinationPort: number;
  /** IPv4 TTL or IPv6 hop limit. */
  ttl: number;
}

/** One received UDP datagram. The object and its bytes are reused: valid only until `receive` returns. */
export interface IncomingDatagram extends Datagram {
  /** The interface it arrived on. */
  from: InterfaceIndex;
  /** VRF device whose socket received it. */
  vrf?: string | undefined;
}

/** One datagram to be sent, from `source`; the unspecified address leaves the choice to the kernel. */
export interface OutgoingDatagram extends Datagram {
  /** IPv4 TOS or IPv6 traffic class. */
  trafficClass: number;
  /** Interface it must leave by; undefined = as routed. */
  to: InterfaceIndex | undefined;
  /** VRF device the socket is bound to. */
  vrf: string | undefined;
}
