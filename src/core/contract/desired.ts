import type { Mac } from "../base/address.js";
import type { HashProfile } from "../base/hash-profile.js";
import type { IpAddress } from "../base/ip-address.js";
import type { NetworkWish } from "../base/network.js";
import type { Micros } from "../base/time.js";

export type EtrunkAuthentication = "hmac-sha1" | "hmac-sha256" | "enhanced-hmac-sha256";

/** A key of an E-Trunk. ID 0 is `security-key`. */
export interface EtrunkKey {
  readonly id: number;
  /** Undefined: our own ciphertext that this host cannot open. */
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
  /** Which of the keys signs our hellos. */
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
    };

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
  /** How long Up is kept back from those who track the session. */
  readonly wtr: Micros;
  readonly shutdown: boolean;
  readonly description: string | undefined;
  readonly authentication:
    | {
        readonly type: "simple" | "md5" | "met-md5" | "sha1" | "met-sha1";
        readonly id: number;
        readonly octets: Uint8Array;
      }
    | undefined;
  /** 0-7, in the upper bits of the traffic class. */
  readonly tosExp: number;
}

export interface DesiredEtrunkMember {
  readonly etrunk: number;
  /** The trunk's ID at the peer. */
  readonly remoteTrunk: number;
  readonly mode: "auto" | "force-master" | "force-backup";
  /** LACP identity of E-Trunk members: what is configured, undefined where nothing is. */
  readonly systemId: Mac | undefined;
  readonly systemPriority: number | undefined;
  /** Mode manual: a Backup member takes its links down so that the CE sees it. */
  readonly standbyByCarrier: boolean;
}

/** Everything the engine can be asked to be, defaults filled in. The difference to what is runs. */
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
  /** Addresses, Layer 2 mode, routes; undefined: nothing is said of them. */
  readonly network?: NetworkWish;
  /** `whitelist session-car`; undefined where it is disabled. */
  readonly sessionCar?: { readonly etrunkIpv4: DesiredCar | undefined; readonly etrunkIpv6: DesiredCar | undefined };
}

/** Rates in kbit/s, bursts in octets. */
export interface DesiredCar {
  readonly cir: number;
  readonly cbs: number;
  readonly pir: number;
  readonly pbs: number;
}

/** A physical interface the configuration mentions. */
export interface DesiredInterface {
  /** Configured name, e.g. `GigabitEthernet0/1/1` or `eth1`. */
  readonly name: string;
  /** Linux interface it is bound to; undefined while unbound. */
  readonly device: string | undefined;
  readonly shutdown: boolean;
  readonly description: string | undefined;
  /** Mbit/s: `speed`, or what the type's name says; undefined = ask the NIC, 1000 where it does not say. */
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
  /** Up with at least so many members; undefined when bandwidth decides. */
  readonly leastLinks: number | undefined;
  /** Up with at least so many Mbit/s. */
  readonly leastBandwidth: number | undefined;
  readonly hash: HashProfile;
  /** Address of the trunk's device; undefined = made from the device MAC. */
  readonly mac?: Mac | undefined;
  readonly mtu?: number | undefined;
  /** Tag and Linux name of each. */
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
export interface DesiredBackup {
  /** Delay before traffic returns to the master; undefined = it stays where it is. */
  readonly preemptDelay: Micros | undefined;
  /** `inactive-port shutdown enable`: the link of the member that waits is down. */
  readonly shutsInactive: boolean;
}

/** How Flush frames are signed, or what they must be signed by. */
export interface DesiredFlushKey {
  readonly mode: "none" | "simple" | "sha" | "hmac";
  /** Undefined: our own ciphertext that this host cannot open; nothing is sent and nothing accepted. */
  readonly octets: Uint8Array | undefined;
}

export interface DesiredFlushSending {
  readonly controlVlan: number;
  /** False where the control VLAN is the trunk's PVID. */
  readonly isTagged: boolean;
  /** VLANs the trunk carries, those others shall forget; undefined = all. */
  readonly vlans: readonly number[] | undefined;
  readonly key: DesiredFlushKey;
  /** Configured names of interfaces whose loss is told as well: `detect-active-link enable`. */
  readonly alsoAfter?: readonly string[];
}

/** An interface or Eth-Trunk that heeds Flush frames. */
export interface DesiredFlushPort {
  /** Configured name. */
  readonly interface: string;
  /** Undefined = any. */
  readonly controlVlans: readonly number[] | undefined;
  /** VLAN of untagged frames; undefined = not known, any is taken. */
  readonly pvid: number | undefined;
  readonly key: DesiredFlushKey;
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
  /** How long a received PDU counts. */
  readonly timeout: Micros;
  readonly selectBy: "priority" | "speed";
  readonly mixedRate: boolean;
  /** In units of 10 us, as on the wire. */
  readonly collectorMaxDelay: number;
  /** Adds 32768 to each port number. */
  readonly portIdExtension: boolean;
  /** Key of all members; undefined = by the rule of protocol-facts 1.6. */
  readonly portKey: number | undefined;
  readonly independentControl: boolean;
}
