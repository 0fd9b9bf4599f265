import type { Mac } from "../../base/address.js";
import type { Micros } from "../../base/time.js";
import type { DesiredEtrunkMember } from "./etrunk.js";
import type { DesiredFlushSending } from "./flush.js";

/** How a trunk spreads flows over its members (`load-balance`). `flow` is the default where none is given. */
export type HashProfile = "flow" | "src-dst-ip" | "src-dst-mac" | "packet-all" | "symmetric" | "symmetric-complement";

/** A physical interface of the configuration. */
export interface DesiredInterface {
  /** Configured name, e.g. `GigabitEthernet0/1/1` or `eth1`. */
  readonly name: string;
  /** Linux interface it is bound to; undefined while unbound. */
  readonly device: string | undefined;
  readonly shutdown: boolean;
  readonly description: string | undefined;
  /** Mbit/s by `speed`, or by the type's name; undefined: the NIC's rate, or 1000 when it has none. */
  readonly speed: number | undefined;
  readonly member: DesiredMember | undefined;
}

/** The interface as a member of an Eth-Trunk. */
export interface DesiredMember {
  readonly trunk: number;
  /** False for `mode passive`. */
  readonly active: boolean;
  /** LACP port priority, 0-65535. */
  readonly priority: number;
  readonly weight: number;
  readonly forceUp: boolean;
  /** `port-master`. */
  readonly isMaster?: boolean;
}

export interface DesiredTrunk {
  readonly id: number;
  readonly mode: "manual" | "static" | "backup";
  readonly shutdown: boolean;
  readonly description: string | undefined;
  /** Least number of members with which the trunk is up; undefined when bandwidth decides. */
  readonly leastLinks: number | undefined;
  /** Least Mbit/s with which the trunk is up. */
  readonly leastBandwidth: number | undefined;
  readonly hash: HashProfile;
  /** MAC address of the trunk's interface; undefined = made from the device MAC. */
  readonly mac?: Mac | undefined;
  readonly mtu?: number | undefined;
  /** Tag and Linux name of each sub-interface. */
  readonly subInterfaces?: readonly { readonly vlan: number; readonly device: string }[];
  /** The trunk as a member of an E-Trunk. */
  readonly etrunk?: DesiredEtrunkMember | undefined;
  /** Mode `backup`. */
  readonly backup?: DesiredBackup | undefined;
  /** `smart-link flush send`. */
  readonly flush?: DesiredFlushSending | undefined;
  readonly lacp: DesiredLacp;
}

/** Settings of a trunk in mode `backup`. */
interface DesiredBackup {
  /** Delay before traffic returns to the master; undefined = it does not return. */
  readonly preemptDelay: Micros | undefined;
  /** `inactive-port shutdown enable`: the link of the waiting member is held down. */
  readonly shutsInactive: boolean;
}

/** LACP settings of a trunk in mode `static`. */
export interface DesiredLacp {
  /** System priority of this trunk: its own or the device's. */
  readonly systemPriority: number;
  /** System ID of this trunk: its own or the device MAC. */
  readonly systemId: Mac;
  readonly maxLinks: number;
  /** Delay before a better port replaces a worse one; undefined = no preemption. */
  readonly preemptDelay: Micros | undefined;
  readonly fast: boolean;
  /** Time for which a received LACPDU counts. */
  readonly timeout: Micros;
  readonly selectBy: "priority" | "speed";
  readonly mixedRate: boolean;
  /** In units of 10 us, as on the wire. */
  readonly collectorMaxDelay: number;
  /** Adds 32768 to each port number. */
  readonly portIdExtension: boolean;
  /** Key of all members; undefined = by the rule of behaviour.md 1.6. */
  readonly portKey: number | undefined;
  readonly independentControl: boolean;
  /** A port whose partner falls out of sync again and again comes back later (`lacp dampening state-flapping`). */
  readonly dampsFlapping: boolean;
  /** A port that has agreed with its partner heeds nobody else (`lacp dampening unexpected-mac`). */
  readonly refusesStrangers: boolean;
}
