import type { HostRecords } from "./host-records.js";
import type { RbsRecord } from "./records.js";

/** A profile as OPEN tells it (formats/rbs.md 3.1). Codes and states are the numbers of the wire. */
export interface RbsProfile {
  readonly backupId: number;
  readonly state: number;
  readonly mode: number;
  /** 0: bound to none. */
  readonly etrunk: number;
  readonly trunk: number;
  readonly remoteTrunk: number;
  readonly workMode: number;
  readonly services: readonly number[];
}

export interface RbsOpen {
  readonly kind: "OPEN";
  readonly epoch: number;
  /** Seconds. */
  readonly keepalive: number;
  readonly multiplier: number;
  /** The list goes on in the next message. */
  readonly goesOn: boolean;
  readonly profiles: readonly RbsProfile[];
}

interface OfService {
  readonly backupId: number;
  readonly service: number;
}

/** The body of a message, by its name. Of a type that we do not know there is none. */
export type RbsBody =
  | RbsOpen
  | { readonly kind: "KEEPALIVE" | "ACK"; readonly acknowledged: number }
  | {
      readonly kind: "PROFILE-STATE";
      readonly backupId: number;
      readonly state: number;
      readonly generation: number;
    }
  | (OfService & { readonly kind: "BATCH-BEGIN"; readonly generation: number; readonly entries: number })
  | (OfService & {
      readonly kind: "ENTRIES";
      readonly inBatch: boolean;
      readonly generation: number;
      /** Those of ARP and ND as they lie in the message. */
      readonly hosts: HostRecords | undefined;
      /** Undefined under a service that we do not know. Read from the message when it is asked for. */
      readonly records: readonly RbsRecord[] | undefined;
    })
  | (OfService & {
      readonly kind: "BATCH-END" | "DIGEST";
      readonly generation: number;
      readonly entries: number;
      /** The two sums. */
      readonly digest: readonly [number, number];
    })
  | (OfService & { readonly kind: "REFRESH"; readonly reason: number })
  | { readonly kind: "CLOSE"; readonly code: number; readonly text: string }
  | (OfService & {
      readonly kind: "RELAY";
      readonly outerVlan: number;
      readonly innerVlan: number;
      readonly trunk: number;
      /** Octets of the packet. */
      readonly packet: number;
    });
