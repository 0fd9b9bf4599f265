import type { IncomingDatagram } from "../base/datagram.js";
import type { NeighbourService } from "../base/neighbours/tables.js";
import type { Incoming, IncomingStream, InterfaceIndex, StreamEndpoint } from "../base/protocol.js";
import type { Micros } from "../base/time.js";
import type { Desired } from "./desired/desired.js";
import type { AddressState, DatagramEndpoint, LinkState, ListedNeighbours } from "./host.js";
import type { PacerReport } from "./pacing.js";

/**
 * Everything the engine is told, but for what comes in reused objects (frames, datagrams, streams) and the calls that only move
 * time on (`expire`, `settle`, `left`). Whatever changes the engine is an input, a reset of counters too: so a recording holds
 * all of it, and a question changes nothing.
 */
export type Input =
  | HostChange
  /** The configuration is now this; the difference is applied. */
  | { readonly kind: "configure"; readonly desired: Desired }
  | { readonly kind: "act"; readonly action: Action }
  /** The process stops for a restart: BFD peers are told by the next `settle` that this is no failure. */
  | { readonly kind: "pause" }
  /**
   * The device leaves for good. Peers of E-Trunks are asked to take over first; LACP partners are told when they have, or
   * when their second is over. `settle` and `expire` go on until the engine has left.
   */
  | { readonly kind: "leave" };

/** What the machine says of itself. The engine hands it to each of its parts. */
export type HostChange =
  | { readonly kind: "link"; readonly link: LinkState }
  | { readonly kind: "address"; readonly address: AddressState }
  /** The detection time of a paced BFD session is over. */
  | { readonly kind: "pacer"; readonly report: PacerReport }
  /**
   * Something of the data plane is not as it was made, and was left so: its repair is to be asked for. Of an interface of the trunk:
   * a setting that only protects. Without a text: what kept a refused one from its repair is gone, or another.
   */
  | {
      readonly kind: "drift";
      readonly subject: Refusable["forwarding"] | Refusable["protection"];
      readonly text?: string | undefined;
    }
  | { readonly kind: "stream-opened"; readonly endpoint: StreamEndpoint; readonly connection: number }
  /** Without a connection: an attempt to connect failed. */
  | {
      readonly kind: "stream-closed";
      readonly endpoint: StreamEndpoint;
      readonly connection?: number | undefined;
      readonly text: string;
    }
  /** A connection takes octets again. */
  | { readonly kind: "stream-writable"; readonly connection: number }
  /** So many frames of an interface were left out in a second, since they were beyond its share of what is read. */
  | { readonly kind: "excess"; readonly port: InterfaceIndex; readonly frames: number }
  /** Entries of the kernel with our mark, which were asked for. */
  | ({ readonly kind: "kernel-neighbours" } & ListedNeighbours)
  /** Somebody changed the network of this host, as `eth1: address 10.0.0.1/24`; the Host has put it back. */
  | { readonly kind: "network"; readonly changed: readonly string[] }
  /** Somebody took away a route that the Host added. */
  | { readonly kind: "route-gone" }
  /** The process stood still: a turn that was due came so much later. */
  | { readonly kind: "late"; readonly by: Micros }
  | Refused;

/** What the machine may refuse, and how its subject is named. */
export interface Refusable {
  /** The data plane: a member of a trunk, or the trunk as a whole, carries nothing. */
  readonly forwarding: { readonly trunk: number; readonly member?: InterfaceIndex | undefined };
  /** A setting that only keeps an interface of a trunk quiet, by Linux name: the trunk carries without it. */
  readonly protection: { readonly trunk: number; readonly device: string };
  /** A UDP socket; those of BFD are bound to no address. */
  readonly socket: DatagramEndpoint;
  /** A TCP socket that listens. */
  readonly listener: StreamEndpoint;
  /** The pacer does not send and watch for a BFD session that was handed to it. */
  readonly pacer: PacerReport;
  /** Frames of a member cannot be heard. */
  readonly link: InterfaceIndex;
  /** Frames cannot be heard before a bridge or the data plane takes them. */
  readonly tap: InterfaceIndex;
  /** A table of an interface cannot be emptied. */
  readonly table: { readonly table: "forwarding database" | "neighbours"; readonly interface: InterfaceIndex };
  /** Entries of an interface: at least one cannot be put in, taken away or read. */
  readonly neighbours: { readonly service: NeighbourService; readonly index: InterfaceIndex };
  /** Administrative state or alias of an interface, by Linux name. */
  readonly interface: string;
  /** The configuration file as it is now: what runs is an older one. */
  readonly configuration: "file";
  /** A file of the state directory cannot be written. */
  readonly state: string;
  /** Something of the network of this host, as `eth1: address 10.0.0.1/24`. */
  readonly network: string;
}

/** The machine refused what the Host was asked for. Without a text: now it works. */
export type Refused = {
  readonly [What in keyof Refusable]: {
    readonly kind: "refused";
    readonly what: What;
    readonly subject: Refusable[What];
    readonly text?: string | undefined;
  };
}[keyof Refusable];

/** What an operator does besides configuring; parts say which there are and what each asks. */
export interface Action {
  readonly name: string;
  readonly asks: object;
}

/** Every call that drives the engine, as one value: what a recording holds, and what a simulated host delivers. */
export type Call =
  | Input
  | { readonly kind: "frame"; readonly frame: Incoming }
  | { readonly kind: "datagram"; readonly datagram: IncomingDatagram }
  | { readonly kind: "stream"; readonly stream: IncomingStream }
  | { readonly kind: "expire" }
  | { readonly kind: "settle" }
  | { readonly kind: "left" };

/** All of them: a recording may name another. */
export const CALL_KINDS: { readonly [Kind in Call["kind"]]: true } = {
  link: true,
  address: true,
  pacer: true,
  drift: true,
  excess: true,
  network: true,
  "route-gone": true,
  late: true,
  "stream-opened": true,
  "stream-closed": true,
  "stream-writable": true,
  "kernel-neighbours": true,
  refused: true,
  configure: true,
  act: true,
  pause: true,
  leave: true,
  frame: true,
  datagram: true,
  stream: true,
  expire: true,
  settle: true,
  left: true,
};

/** What is driven: the engine, and before it the daemon's door, which records. */
export interface Driven {
  /** Of an action what it answers, or a Refusal. */
  take(input: Input, now: Micros): unknown;
  frameReceived(frame: Incoming, now: Micros): void;
  datagramReceived(datagram: IncomingDatagram, now: Micros): void;
  streamReceived(stream: IncomingStream, now: Micros): void;
  expire(now: Micros): void;
  settle(now: Micros): unknown;
  /** The PDUs of the last `settle` have left by now. */
  left(now: Micros): void;
}

/** Makes a call. */
export function drive(driven: Driven, call: Call, now: Micros): void {
  if (call.kind === "frame") driven.frameReceived(call.frame, now);
  else if (call.kind === "datagram") driven.datagramReceived(call.datagram, now);
  else if (call.kind === "stream") driven.streamReceived(call.stream, now);
  else if (call.kind === "expire") driven.expire(now);
  else if (call.kind === "settle") driven.settle(now);
  else if (call.kind === "left") driven.left(now);
  else driven.take(call, now);
}
