import type { End } from "../../support/frames.js";

export interface PeerPort {
  /** Name of the interface it is attached to. */
  readonly name: string;
  /** The peer puts traffic on this port, whatever its state octet says. */
  readonly carrying: boolean;
  /** It belongs to the aggregate that the peer uses, carrying or in reserve. */
  readonly attached: boolean;
  readonly actor: End;
  readonly partner: End;
}

export interface PeerMode {
  readonly active: boolean;
  readonly fast: boolean;
}

/** A LACP implementation nobody here wrote, attached to the ports of a wire. */
export interface LacpPeer {
  readonly kind: "Open vSwitch" | "Linux bonding" | "teamd";
  /** True where it sees the carrier of the interfaces it is attached to. */
  readonly seesCarrier: boolean;
  /** Its ports in the order of the wire's. */
  ports(): Promise<PeerPort[]>;
  configure(mode: PeerMode): Promise<void>;
  /** What it said and how it stands, for failure messages. */
  report(): Promise<string>;
  stop(): Promise<void>;
}
