import type { BfdAuthenticationType } from "../../base/bfd.js";
import type { IpAddress } from "../../base/ip-address.js";
import type { Micros } from "../../base/time.js";

/** A BFD session of the configuration. */
export interface DesiredBfdSession {
  readonly name: string;
  /** Undefined: the default multicast address (`default-ip`). */
  readonly peer: IpAddress | undefined;
  /** Undefined: the kernel's choice for that peer. */
  readonly source: IpAddress | undefined;
  readonly vrf?: string | undefined;
  /** Configured name; a session with it is single-hop. */
  readonly interface: string | undefined;
  /** The session goes down with this interface. */
  readonly trackInterface: string | undefined;
  /** Group of `default-ip` sessions. */
  readonly group: IpAddress;
  /** Undefined: the session stays down. */
  readonly localDiscriminator: number | undefined;
  /** Undefined: learnt from the peer. */
  readonly remoteDiscriminator: number | undefined;
  readonly minTx: Micros;
  readonly minRx: Micros;
  readonly multiplier: number;
  /** Time for which Up is kept from those that track the session. */
  readonly wtr: Micros;
  readonly shutdown: boolean;
  readonly description: string | undefined;
  readonly authentication:
    | {
        readonly type: BfdAuthenticationType;
        readonly id: number;
        readonly octets: Uint8Array;
      }
    | undefined;
  /** 0-7, in the upper bits of the traffic class. */
  readonly tosExp: number;
}
