import type { RbsService } from "../../base/rbs.js";
import type { DesiredRbsProfile } from "../../contract/desired/rbs.js";
import type { Strangers } from "../../contract/host.js";
import type { PublisherCounters, ReplicaCounters } from "../../rbs/entry-counters.js";
import type { Mismatch } from "../../rbs/mismatch.js";
import type { TcpState } from "../../rbs/rbs-event.js";
import { roleOf, type RbsService as Service } from "../../rbs/service.js";
import type { HostService } from "../../wire/rbs/host-records.js";
import type { ProfileState } from "../../wire/rbs/names.js";

/** One service of `display remote-backup-service`. */
export interface RbsServiceView {
  readonly index: number;
  readonly name: string;
  readonly tcpState: TcpState;
  readonly peerAddress: string | null;
  readonly sourceAddress: string | null;
  readonly port: number | null;
  /** Local discriminator. */
  readonly trackBfd: number | null;
  readonly shutdown: boolean;
  /** Types of which the peer is told nothing, and what it tells is not heeded. */
  readonly blockedSend: readonly RbsService[];
  readonly blockedReceive: readonly RbsService[];
  readonly role: "listen" | "connect" | null;
  /** ISO 8601 UTC. */
  readonly lastUp: string | null;
  readonly lastDown: string | null;
  readonly lastDownReason: string | null;
  /** Why it is not connected; null while it is, or while it shall not be. */
  readonly notUpReason: string | null;
  readonly attempts: number;
  /** Seconds between messages of the peer, and how many of them may be missing; null while it is not connected. */
  readonly peerKeepalive: number | null;
  readonly peerMultiplier: number | null;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** About entries that are not known at both ends, or that the peer may not tell. */
  readonly messagesIgnored: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Octets. */
  readonly unacknowledged: number;
  /** Connections of others than the peer, and where the last came from. */
  readonly strangers: number;
  readonly lastStranger: string | null;
  /** Differences of the two configurations. */
  readonly mismatches: readonly { readonly backupId: number; readonly what: string; readonly text: string }[];
}

export function rbsServiceView(
  service: Service,
  { mismatches, strangers }: { readonly mismatches: Iterable<Mismatch>; readonly strangers: Strangers },
  date: (at: number) => string,
): RbsServiceView {
  const { desired, counters, peer } = service;
  const { endpoint } = desired;
  const dated = (at: number | undefined): string | null => (at === undefined ? null : date(at));
  return {
    index: service.index,
    name: service.name,
    tcpState: service.state,
    peerAddress: endpoint?.peer.text ?? null,
    sourceAddress: endpoint?.source.text ?? null,
    port: endpoint?.port ?? null,
    trackBfd: desired.track?.discriminator ?? null,
    shutdown: desired.shutdown,
    blockedSend: desired.blocked.send,
    blockedReceive: desired.blocked.receive,
    role: endpoint === undefined ? null : roleOf(endpoint),
    lastUp: dated(service.lastUp),
    lastDown: dated(service.lastDown),
    lastDownReason: service.lastDownReason ?? null,
    notUpReason: service.obstacle ?? null,
    attempts: service.attempts,
    peerKeepalive: peer?.keepalive ?? null,
    peerMultiplier: peer?.multiplier ?? null,
    messagesSent: counters.messagesSent,
    messagesReceived: counters.messagesReceived,
    messagesIgnored: service.own.ignored,
    bytesSent: counters.octetsSent,
    bytesReceived: counters.octetsReceived,
    unacknowledged: service.unacknowledged,
    strangers: strangers.count,
    lastStranger: strangers.last ?? null,
    mismatches: [...mismatches],
  };
}

/** The entries of one service of a profile, and what was told of them since the counters began. */
export interface RbsTableView {
  readonly service: HostService;
  /** Entries that this device heard, and those that the peer did. */
  readonly local: number;
  readonly remoteBackup: number;
  readonly sent: Readonly<PublisherCounters>;
  readonly received: Readonly<ReplicaCounters>;
  /** Why the two tables cannot be kept alike; null while they are. */
  readonly trouble: "differs" | "full" | null;
}

/** One profile of `display remote-backup-profile`. */
export interface RbsProfileView {
  readonly index: number;
  readonly name: string;
  readonly services: readonly RbsService[];
  readonly remoteBackupService: string | null;
  readonly backupId: number | null;
  readonly trackProtocol: "E-TRUNK" | null;
  readonly etrunk: number | null;
  readonly ethTrunk: number | null;
  readonly interfaces: readonly string[];
  readonly mode: "hot";
  readonly localState: ProfileState;
  /** Null while the peer's is not known. */
  readonly peerState: ProfileState | null;
  /** Of IGMP and MLD alone. */
  readonly forwarding: "Slave Forwarding" | null;
  readonly tables: readonly RbsTableView[];
}

export const rbsProfileView = (
  index: number,
  profile: DesiredRbsProfile,
  local: ProfileState,
  peer: ProfileState | null,
  tables: readonly RbsTableView[],
): RbsProfileView => ({
  index,
  name: profile.name,
  services: profile.services,
  remoteBackupService: profile.backup?.service ?? null,
  backupId: profile.backup?.id ?? null,
  trackProtocol: profile.member === undefined ? null : "E-TRUNK",
  etrunk: profile.member?.etrunk ?? null,
  ethTrunk: profile.member?.trunk ?? null,
  interfaces: profile.interfaces,
  mode: "hot",
  localState: local,
  peerState: peer,
  forwarding: profile.services.some((service) => service === "igmp" || service === "mld") ? "Slave Forwarding" : null,
  tables,
});
