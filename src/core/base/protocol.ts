import type { Mac } from "./address.js";
import type { IpAddress } from "./ip-address.js";

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

/** Octets that came over a connection. The object and its bytes are reused: valid only until `receive` returns. */
export interface IncomingStream {
  /** The machine's number of the connection. */
  connection: number;
  bytes: DataView;
  start: number;
  length: number;
}

/** A TCP connection to come: from one address of this host to one peer. */
export interface StreamEndpoint {
  readonly source: IpAddress;
  readonly peer: IpAddress;
  readonly port: number;
}

/** Names an endpoint among others. */
export const streamName = ({ source, peer, port }: StreamEndpoint): string => `${source.text} ${port} ${peer.text}`;
