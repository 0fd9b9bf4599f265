import type { IncomingDatagram } from "../base/datagram.js";
import type { PacerReport } from "../base/pacing.js";
import type { Incoming, InterfaceIndex } from "../base/protocol.js";
import type { Micros } from "../base/time.js";
import type { Desired } from "./desired/desired.js";
import type { AddressState, DatagramEndpoint, LinkState } from "./host.js";

/**
 * Everything the engine is told, but for what comes in reused objects (frames and datagrams) and the calls that only move
 * time on (`expire`, `settle`). Whatever changes the engine is an input, a reset of counters too: so a recording holds
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
  | Refused;

/** What the machine may refuse, and how its subject is named. */
export interface Refusable {
  /** The data plane: a member of a trunk, or the trunk as a whole, carries nothing. */
  readonly forwarding: { readonly trunk: number; readonly member?: InterfaceIndex | undefined };
  /** A UDP socket. */
  readonly socket: DatagramEndpoint;
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

/** What an operator may do besides configuring, and what each action answers. */
export interface Actions {
  /** Mode backup: the other member works from now on. Answers why it does not. */
  readonly "protect-switch": { readonly asks: { readonly trunk: number }; readonly answer: string | undefined };
  /** A Marker on each Selected port; each is answered by one `marker-answered` event. Undefined: no such static trunk. */
  readonly marker: {
    readonly asks: { readonly trunk: number };
    readonly answer: readonly { readonly port: string; readonly transaction: number }[] | undefined;
  };
  /** Of a trunk, or of one member; of all trunks without an ID. False: no such trunk or member. */
  readonly "reset-lacp-statistics": {
    readonly asks: { readonly trunk?: number | undefined; readonly member?: string | undefined };
    readonly answer: boolean;
  };
  /** Of one E-Trunk, or of all and of what belongs to none. False: no such E-Trunk. */
  readonly "reset-e-trunk-statistics": {
    readonly asks: { readonly etrunk?: number | undefined };
    readonly answer: boolean;
  };
  /** Of the session with a local discriminator, or of all. False: no such session. */
  readonly "reset-bfd-statistics": {
    readonly asks: { readonly discriminator?: number | undefined };
    readonly answer: boolean;
  };
  readonly "reset-session-car": {
    readonly asks: { readonly protocol: "e-trunk-ipv4" | "e-trunk-ipv6" };
    readonly answer: true;
  };
  readonly "reset-smart-link-flush": { readonly asks: object; readonly answer: true };
}

export type Action = {
  [Name in keyof Actions]: { readonly name: Name } & Actions[Name]["asks"];
}[keyof Actions];

export type AnswerTo<A extends Action> = Actions[A["name"]]["answer"];

/** Every call that drives the engine, as one value: what a recording holds, and what a simulated host delivers. */
export type Call =
  | Input
  | { readonly kind: "frame"; readonly frame: Incoming }
  | { readonly kind: "datagram"; readonly datagram: IncomingDatagram }
  | { readonly kind: "expire" }
  | { readonly kind: "settle" };

/** What is driven: the engine, and before it the daemon's door, which records. */
export interface Driven {
  take<A extends Action>(input: { readonly kind: "act"; readonly action: A }, now: Micros): AnswerTo<A>;
  take(input: Input, now: Micros): unknown;
  frameReceived(frame: Incoming, now: Micros): void;
  datagramReceived(datagram: IncomingDatagram, now: Micros): void;
  expire(now: Micros): void;
  settle(now: Micros): unknown;
}

/** Makes a call. */
export function drive(driven: Driven, call: Call, now: Micros): void {
  if (call.kind === "frame") driven.frameReceived(call.frame, now);
  else if (call.kind === "datagram") driven.datagramReceived(call.datagram, now);
  else if (call.kind === "expire") driven.expire(now);
  else if (call.kind === "settle") driven.settle(now);
  else driven.take(call, now);
}
