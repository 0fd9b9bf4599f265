import type { IpAddress } from "./ip-address.js";
import type { InterfaceIndex } from "./protocol.js";

/** One received UDP datagram. The object and its bytes are reused: valid only until `receive` returns. */
export interface IncomingDatagram {
  bytes: DataView;
  start: number;
  length: number;
  source: IpAddress;
  destination: IpAddress;
  sourcePort: number;
  destinationPort: number;
  /** IPv4 TTL or IPv6 hop limit. */
  ttl: number;
  port: InterfaceIndex;
}

/** One datagram to be sent; bound to `source`, never to the kernel's choice. */
export interface OutgoingDatagram {
  bytes: DataView;
  start: number;
  length: number;
  source: IpAddress;
  destination: IpAddress;
  sourcePort: number;
  destinationPort: number;
  ttl: number;
  /** Interface it must leave by; undefined = as routed. */
  to: InterfaceIndex | undefined;
  /** VRF device the socket is bound to. */
  vrf: string | undefined;
}
