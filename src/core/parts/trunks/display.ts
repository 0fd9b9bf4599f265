/**
 * What displays show of an Eth-Trunk and its ports, field by field the JSON of the interface document, and how it is made.
 * MAC addresses as `00:e0:fc:12:34:55`.
 */
import { macToColons } from "../../base/address.js";
import { rateName } from "../../base/lacp.js";
import type { Micros } from "../../base/time.js";
import type { DesiredTrunk, HashProfile } from "../../contract/desired/trunk.js";
import type { Device } from "../../device/device.js";
import type { TrunkEntry } from "../../device/trunk-entry.js";
import type { Member, MemberStatus } from "../../ethtrunk/member.js";
import type { Trunk } from "../../ethtrunk/trunk.js";
import type { EtrunkMember } from "../../etrunk/member.js";
import type { Aggregator } from "../../lacp/aggregator.js";
import type { LacpPort } from "../../lacp/port.js";
import { stateText } from "../../lacp/port-information.js";
import type { ForwardingPlane } from "./forwarding-plane.js";
import { reasonOf } from "./reasons.js";

export interface TrunkView {
  readonly id: number;
  readonly mode: "manual" | "static" | "backup";
  readonly operState: "up" | "down";
  readonly systemPriority: number | null;
  readonly systemId: string | null;
  readonly systemIdSource: "Local" | "Remote" | null;
  readonly hashArithmetic: string;
  readonly portKeyMode: "Auto" | "Manual" | null;
  readonly timeout: "slow" | "fast" | null;
  readonly timeoutSeconds: number | null;
  readonly etrunk: number | null;
  readonly memberState: string | null;
  readonly memberCausation?: string | null;
  readonly workingState: "Master" | "Slave" | "None" | null;
  /** Seconds; null without preemption. */
  readonly preemptDelay: number | null;
  readonly leastActive: number | null;
  /** Mbit/s. */
  readonly leastBandwidth: number | null;
  readonly maxActive: number | null;
  readonly upPorts: number;
  readonly ports: readonly PortView[];
}

export interface PortView {
  readonly name: string;
  /** Linux name; null while there is none. */
  readonly interface: string | null;
  readonly linkUp: boolean;
  /** How often the link went down. */
  readonly linkDowns: number;
  readonly status: MemberStatus;
  /** Why the status is what it is, in words. */
  readonly reason: string;
  /** `1GE`, `10GE`, ... */
  readonly portType: string;
  readonly portPriority: number | null;
  readonly portNumber: number | null;
  readonly portKey: number | null;
  readonly portState: string | null;
  readonly collecting: boolean;
  readonly distributing: boolean;
  readonly weight: number;
  readonly reference: boolean;
  readonly highPriority: boolean;
  readonly role: "master" | "slave" | null;
  readonly framesReceived: number | null;
  readonly framesSent: number | null;
  readonly bytesReceived: number | null;
  readonly bytesSent: number | null;
  /** Data that arrived while the member did not collect. */
  readonly framesDropped?: number | null;
  readonly receiveState: string | null;
  readonly muxState: string | null;
  readonly actorChurn: boolean | null;
  readonly partnerChurn: boolean | null;
  readonly partner: PartnerView | null;
}

export interface PartnerView {
  readonly systemPriority: number;
  readonly systemId: string;
  readonly portPriority: number;
  readonly portNumber: number;
  readonly portKey: number;
  readonly portState: string;
}

/** What answers about trunks are made of. */
export interface TrunkSources {
  readonly device: Device;
  readonly plane: ForwardingPlane | undefined;
  /** A trunk as a member of its E-Trunk; undefined where it is none. */
  memberOf(trunk: Trunk): Readonly<EtrunkMember> | undefined;
}

const HASH_TEXT: { readonly [profile in HashProfile]: string } = {
  flow: "According to flow",
  "src-dst-ip": "According to SIP-XOR-DIP",
  "src-dst-mac": "According to SA-XOR-DA",
  "packet-all": "According to packet all",
  symmetric: "According to symmetric hash",
  "symmetric-complement": "According to symmetric hash complement",
};

const partnerView = ({ partner }: LacpPort): PartnerView => ({
  systemPriority: partner.systemPriority,
  systemId: macToColons(partner.system),
  portPriority: partner.portPriority,
  portNumber: partner.port,
  portKey: partner.key,
  portState: stateText(partner.state),
});

/** The LACP half of a port's view; nulls where no LACP runs. */
function lacpView(port: LacpPort | undefined, aggregator: Aggregator | undefined) {
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
    receiveState: port.receiveState,
    muxState: port.muxState,
    actorChurn: port.actorChurn,
    partnerChurn: port.partnerChurn,
    partner: port.isDefaulted ? null : partnerView(port),
  };
}

function portView(entry: TrunkEntry, member: Member, { device, plane }: TrunkSources): PortView {
  const { trunk, aggregator } = entry;
  const counters = plane?.counters(trunk.id, member.link.index);
  const link = device.names.linkOf(member.name);
  const port = aggregator?.port(member.name);
  const speed = member.link.index !== undefined ? member.link.speed : (device.names.interface(member.name)?.speed ?? 0);
  return {
    name: member.name,
    interface: link?.name ?? null,
    linkUp: member.link.up,
    status: member.status,
    reason: reasonOf(entry, member),
    linkDowns: member.linkDowns,
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

/** Where the configuration has each interface; read once for an answer. */
type Places = ReadonlyMap<string, number>;

export const placesOf = ({ desired }: Device): Places =>
  new Map(desired?.interfaces.map(({ name }, place) => [name, place]));

/** The members in the order of the configuration, whenever they joined. */
function inOrder(trunk: Trunk, places: Places): Member[] {
  const placeOf = ({ name }: Member): number => places.get(name) ?? 0;
  return [...trunk.members()].sort((one, other) => placeOf(one) - placeOf(other));
}

export function trunkView(entry: TrunkEntry, places: Places, sources: TrunkSources): TrunkView {
  const { trunk } = entry;
  const { desired } = trunk;
  // Its role keeps only what changed what the trunk does; the E-Trunk knows the state of the moment.
  const member = sources.memberOf(trunk);
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
    ports: inOrder(trunk, places).map((port) => portView(entry, port, sources)),
  };
}
