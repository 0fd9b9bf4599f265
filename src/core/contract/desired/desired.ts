import type { Mac } from "../../base/address.js";
import type { DesiredBfdSession } from "./bfd.js";
import type { DesiredCar, DesiredEtrunk } from "./etrunk.js";
import type { DesiredFlushPort } from "./flush.js";
import type { NetworkWish } from "./network.js";
import type { DesiredRbs, DesiredRbsProfile } from "./rbs.js";
import type { DesiredInterface, DesiredTrunk } from "./trunk.js";

/**
 * The whole configuration of the engine, with defaults filled in. The engine applies the difference to its present
 * state.
 */
export interface Desired {
  /** The device MAC: LACP system ID where none is configured. */
  readonly deviceMac: Mac;
  /** LACP system priority of the device, 0-65535. */
  readonly lacpPriority: number;
  readonly interfaces: readonly DesiredInterface[];
  readonly trunks: readonly DesiredTrunk[];
  readonly etrunks?: readonly DesiredEtrunk[];
  readonly bfdSessions?: readonly DesiredBfdSession[];
  readonly flushPorts?: readonly DesiredFlushPort[];
  readonly rbs?: readonly DesiredRbs[];
  readonly rbsProfiles?: readonly DesiredRbsProfile[];
  /** `arp expire-time`, seconds, by the name of the trunk or sub-interface. */
  readonly neighbourExpireTimes?: { readonly [name: string]: number };
  /** Addresses, Layer 2 mode, routes; undefined: they are left as they are. */
  readonly network?: NetworkWish;
  /** `whitelist session-car`; undefined where it is disabled. */
  readonly sessionCar?: { readonly etrunkIpv4: DesiredCar | undefined; readonly etrunkIpv6: DesiredCar | undefined };
}
