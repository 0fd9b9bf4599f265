import { macToColons } from "../../base/address.js";
import type { HashProfile } from "../../base/hash-profile.js";
import type { Micros } from "../../base/time.js";
import type { DesiredTrunk } from "../../contract/desired/trunk.js";
import type { Device } from "../../device/device.js";
import type { TrunkEntry } from "../../device/trunk-entry.js";
import type { Member, Trunk } from "../../ethtrunk/trunk.js";
import type { EtrunkMember } from "../../etrunk/member.js";
import type { Aggregator } from "../../lacp/aggregator.js";
import type { Port } from "../../lacp/port.js";
import { stateText } from "../../lacp/port-information.js";
import { rateName } from "../../lacp/port-rate.js";
import type { ForwardingPlane } from "./forwarding-plane.js";
import type {
  LacpBriefView,
  LacpStatisticsView,
  PartnerView,
  PortStatisticsView,
  PortView,
  TrunkView,
} from "./views.js";

const HASH_TEXT: { readonly [profile in HashProfile]: string } = {
  flow: "According to flow",
  "src-dst-ip": "According to SIP-XOR-DIP",
  "src-dst-mac": "According to SA-XOR-DA",
  "packet-all": "According to packet all",
  symmetric: "According to symmetric hash",
  "symmetric-complement": "According to symmetric hash complement",
};

const partnerView = ({ partner }: Port): PartnerView => ({
  systemPriority: partner.systemPriority,
  systemId: macToColons(partner.system),
  portPriority: partner.portPriority,
  portNumber: partner.port,
  portKey: partner.key,
  portState: stateText(partner.state),
});

/** The LACP half of a port's view; nulls where no LACP runs. */
function lacpView(port: Port | undefined, aggregator: Aggregator | undefined) {
  if (port === undefined)
    return {
      portPriority: null,
      portNumber: null,
      portKey: null,
      portState: null,
      reference: false,
      highPriority: false,
      receiveState: null,
      muxState: null,
      actorChurn: null,
      partnerChurn: null,
      partner: null,
    };
  return {
    portPriority: port.actor.portPriority,
    portNumber: port.actor.port,
    portKey: port.actor.key,
    portState: stateText(port.actor.state),
    reference: aggregator?.reference === port,
    highPriority: aggregator?.best === port,
    receiveState: port.receive.state,
    muxState: port.mux.state,
    actorChurn: port.actorChurn,
    partnerChurn: port.partnerChurn,
    partner: port.isDefaulted ? null : partnerView(port),
  };
}

function portView(
  device: Device,
  { trunk, aggregator }: TrunkEntry,
  member: Member,
  plane: ForwardingPlane | undefined,
): PortView {
  const counters = plane?.counters(trunk.id, member.link.index);
  const link = device.linkOf(member.name);
  const port = aggregator?.port(member.name);
  const speed = member.link.index !== undefined ? member.link.speed : (device.interface(member.name)?.speed ?? 0);
  const carries = member.status !== "Unselect" || port === undefined;
  return {
    name: member.name,
    interface: link?.name ?? null,
    linkUp: member.link.up,
    status: member.status,
    reason: trunk.desired.shutdown
      ? "trunk shut down"
      : carries || port === undefined || !member.link.up
        ? member.reason
        : port.aggregator.reasonOf(port),
    portType: rateName(speed),
    ...lacpView(port, aggregator),
    collecting: member.collecting,
    distributing: member.distributing,
    weight: member.weight,
    role: trunk.desired.mode !== "backup" ? null : trunk.master === member.name ? "master" : "slave",
    framesReceived: counters?.framesReceived ?? null,
    framesSent: counters?.framesSent ?? null,
    bytesReceived: counters?.bytesReceived ?? null,
    bytesSent: counters?.bytesSent ?? null,
    framesDropped: counters?.framesDropped ?? null,
  };
}

const inSeconds = (delay: Micros | undefined): number | null => (delay === undefined ? null : delay / 1_000_000);

function staticView({ mode, lacp, backup }: DesiredTrunk) {
  if (mode !== "static")
    return {
      systemPriority: null,
      systemId: null,
      systemIdSource: null,
      portKeyMode: null,
      timeout: null,
      timeoutSeconds: null,
      preemptDelay: inSeconds(backup?.preemptDelay),
      maxActive: null,
    };
  return {
    systemPriority: lacp.systemPriority,
    systemId: macToColons(lacp.systemId),
    systemIdSource: "Local" as const,
    portKeyMode: lacp.portKey === undefined ? ("Auto" as const) : ("Manual" as const),
    timeout: lacp.fast ? ("fast" as const) : ("slow" as const),
    timeoutSeconds: lacp.timeout / 1_000_000,
    preemptDelay: inSeconds(lacp.preemptDelay),
    maxActive: lacp.maxLinks,
  };
}

/** In an E-Trunk the identity is the pair's. */
function identityView({ role }: TrunkEntry) {
  const identity = role?.identity;
  if (identity === undefined) return {};
  return {
    systemPriority: identity.systemPriority,
    systemId: macToColons(identity.systemId),
    systemIdSource: identity.remote ? ("Remote" as const) : ("Local" as const),
  };
}

/** Mode backup: which of the two works. */
function workingState(trunk: Trunk): TrunkView["workingState"] {
  if (trunk.desired.mode !== "backup") return null;
  if (trunk.working === undefined) return "None";
  return trunk.working === trunk.master ? "Master" : "Slave";
}

/** As the configuration has them, whenever they joined. */
function inOrder({ desired }: Device, trunk: Trunk): Member[] {
  const places = new Map(desired?.interfaces.map(({ name }, place) => [name, place]));
  const placeOf = ({ name }: Member): number => places.get(name) ?? 0;
  return [...trunk.members()].sort((one, other) => placeOf(one) - placeOf(other));
}

/** `member`: what its E-Trunk makes of the trunk at the moment; its role keeps only what changed what it does. */
export function trunkView(
  device: Device,
  entry: TrunkEntry,
  member: EtrunkMember | undefined,
  plane: ForwardingPlane | undefined,
): TrunkView {
  const { trunk } = entry;
  const { desired } = trunk;
  return {
    id: trunk.id,
    mode: desired.mode,
    operState: trunk.isUp ? "up" : "down",
    ...staticView(desired),
    ...identityView(entry),
    hashArithmetic: HASH_TEXT[desired.hash],
    etrunk: desired.etrunk?.etrunk ?? null,
    memberState: member?.state ?? entry.role?.state ?? null,
    memberCausation: member?.cause ?? entry.role?.cause ?? null,
    workingState: workingState(trunk),
    leastActive: desired.leastLinks ?? null,
    leastBandwidth: desired.leastBandwidth ?? null,
    upPorts: trunk.carrying,
    ports: inOrder(device, trunk).map((port) => portView(device, entry, port, plane)),
  };
}

function statisticsView({ name, statistics }: Port): PortStatisticsView {
  const { faults } = statistics;
  return {
    name,
    lacpduReceived: statistics.lacpdusRx,
    lacpduSent: statistics.lacpdusTx,
    lacpduErrors:
      Object.values(faults).reduce((sum, count) => sum + count, 0) -
      faults.marker -
      faults["marker-rate"] -
      faults["subtype-unknown"] -
      faults["subtype-illegal"],
    markerReceived: statistics.markerPdusRx,
    markerSent: statistics.markerPdusTx,
    markerErrors: statistics.markerErrors,
    unknownReceived: statistics.unknownRx,
    markerResponsesReceived: statistics.markerResponsePdusRx,
    markerResponsesSent: statistics.markerResponsePdusTx,
    illegalReceived: statistics.illegalRx,
    actorChurnCount: statistics.actorChurnCount,
    partnerChurnCount: statistics.partnerChurnCount,
    actorSyncTransitions: statistics.actorSyncTransitions,
    partnerSyncTransitions: statistics.partnerSyncTransitions,
    partnerChanges: statistics.partnerChanges,
    keyZeroReceived: statistics.keyZeroRx,
    faults: { ...faults },
  };
}

export const statisticsOf = (trunk: Trunk, aggregator: Aggregator): LacpStatisticsView => ({
  id: trunk.id,
  ports: [...aggregator.members()].map(statisticsView),
});

export function lacpBrief(device: Device): LacpBriefView {
  const { desired } = device;
  return {
    systemPriority: desired?.lacpPriority ?? 0,
    systemId: desired === undefined ? "" : macToColons(desired.deviceMac),
    trunks: [...device.entries()].flatMap(({ trunk, role }) =>
      role?.identity === undefined
        ? []
        : [
            {
              id: trunk.id,
              systemPriority: role.identity.systemPriority,
              systemId: macToColons(role.identity.systemId),
              systemIdSource: role.identity.remote ? ("Remote" as const) : ("Local" as const),
            },
          ],
    ),
  };
}
