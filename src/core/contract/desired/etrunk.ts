import type { Mac } from "../../base/address.js";
import type { IpAddress } from "../../base/ip-address.js";
import type { Micros } from "../../base/time.js";

type EtrunkAuthentication = "hmac-sha1" | "hmac-sha256" | "enhanced-hmac-sha256";

/** A key of an E-Trunk. ID 0 is `security-key`. */
export interface EtrunkKey {
  readonly id: number;
  /** Octets of the key; undefined for a ciphertext that this host cannot open. */
  readonly octets: Uint8Array | undefined;
  readonly origin: "configured" | "default" | "foreign" | "unreadable";
}

export interface DesiredEtrunk {
  readonly id: number;
  /** 1-254. */
  readonly priority: number;
  /** `priority-order higher-first`. */
  readonly higherFirst: boolean;
  readonly addresses:
    | { readonly peer: IpAddress; readonly source: IpAddress; readonly vrf: string | undefined }
    | undefined;
  readonly udpPort: number;
  readonly keys: readonly EtrunkKey[];
  /** ID of the key that signs our hellos. */
  readonly sendKeyId: number;
  readonly authentication: EtrunkAuthentication;
  readonly sequenceCheck: boolean;
  readonly helloInterval: Micros;
  /** Fail time in hello intervals. */
  readonly multiplier: number;
  readonly revert: boolean;
  /** Seconds. */
  readonly revertDelay: number;
  readonly select: "default" | "link-number" | "bandwidth";
  readonly description: string | undefined;
  readonly bfd: DesiredEtrunkBfd | undefined;
}

/** `e-trunk track bfd-session`, or `e-trunk bfd enable` with its parameters. */
export type DesiredEtrunkBfd =
  | { readonly kind: "session"; readonly name: string }
  | {
      readonly kind: "dynamic";
      readonly trackInterface: string | undefined;
      readonly minTx: Micros;
      readonly minRx: Micros;
      readonly multiplier: number;
      /** Its packets are signed with a key made of the security-key. */
      readonly authenticated: boolean;
    };

export interface DesiredEtrunkMember {
  readonly etrunk: number;
  /** The trunk's ID at the peer. */
  readonly remoteTrunk: number;
  readonly mode: "auto" | "force-master" | "force-backup";
  /** Configured LACP identity of the member; undefined where none is configured. */
  readonly systemId: Mac | undefined;
  readonly systemPriority: number | undefined;
  /** Mode manual: a Backup member takes its links down so that the CE sees it. */
  readonly standbyByCarrier: boolean;
}

/** Rates in kbit/s, bursts in octets. */
export interface DesiredCar {
  readonly cir: number;
  readonly cbs: number;
  readonly pir: number;
  readonly pbs: number;
}
