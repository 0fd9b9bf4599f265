/** What displays show of E-Trunks, field by field the JSON of the interface document, and how it is made. */
import { macToColons } from "../../base/address.js";
import { type MemberType, memberType, trunkOf } from "../../base/member-key.js";
import type { Moment } from "../../contract/questions.js";
import type { Device } from "../../device/device.js";
import type { Etrunk } from "../../etrunk/etrunk.js";
import type { SessionCar } from "../../etrunk/hello/session-car.js";
import type { History } from "../../etrunk/history.js";
import type { EtrunkMember } from "../../etrunk/member.js";
import { type EtrunkVariables, failTimeOf, trackedSession } from "../../etrunk/state.js";
import { MEMBER_UP } from "../../wire/etrunk-hello.js";

/** A move of a state. */
export interface MoveView {
  /** ISO 8601 UTC. */
  readonly time: string;
  readonly from: string;
  readonly to: string;
  readonly causation: string;
}

/** `display e-trunk`. */
export interface EtrunkView {
  readonly id: number;
  readonly priority: number;
  readonly systemId: string;
  readonly peerAddress: string | null;
  readonly sourceAddress: string | null;
  readonly vpnInstance: string | null;
  readonly udpPort: number;
  readonly state: string;
  readonly causation: string;
  /** Units of 100 ms, as displays print them. */
  readonly sendPeriod: number;
  readonly failTime: number;
  readonly received: number;
  readonly sent: number;
  readonly receivedDropped: number;
  readonly sentDropped: number;
  readonly drops: { readonly [drop: string]: number };
  readonly sequence: boolean;
  readonly authenticationMode: string;
  readonly key: string;
  readonly sendKeyId: number;
  readonly priorityOrder: string;
  readonly selectMode: string;
  readonly peerState: string | null;
  readonly peerCausation: string | null;
  readonly hearing: boolean;
  readonly heard: boolean;
  readonly attention: readonly string[];
  readonly peerPriority: number | null;
  readonly peerSystemId: string | null;
  readonly peerFailTime: number | null;
  readonly peerSoftware: string | null;
  readonly revertEnabled: boolean;
  /** Seconds. */
  readonly revertDelay: number;
  readonly bfdSession: string | null;
  /** Of that session: `AdminDown`, `Down`, `Init`, `Up`; null where there is none. */
  readonly bfdState: string | null;
  /** `e-trunk bfd enable`. Milliseconds. */
  readonly dynamicBfd: {
    readonly minTx: number;
    readonly minRx: number;
    readonly detectMultiplier: number;
    readonly trackInterface: string | null;
  } | null;
  readonly description: string | null;
  readonly history: readonly MoveView[];
  readonly members: readonly EtrunkMemberView[];
}

export interface EtrunkMemberView {
  readonly type: MemberType;
  readonly id: number;
  readonly remoteId: number;
  readonly physicalState: "Up" | "Down";
  readonly workMode: string;
  readonly state: string;
  readonly causation: string;
  readonly peerUp: boolean;
  readonly side: "first" | "second" | null;
  /** Seconds. */
  readonly revertRemaining: number;
  readonly history: readonly MoveView[];
}

/** `display e-trunk packet-statistics`. */
export interface EtrunkPacketsView {
  /** Hellos of no E-Trunk of ours, and datagrams too short to say of which. */
  readonly etrunkIdErrors: number;
  readonly lengthErrors: number;
  readonly etrunks: readonly {
    readonly id: number;
    readonly sent: number;
    readonly sentDropped: number;
    readonly received: number;
    readonly receivedDropped: number;
    readonly drops: { readonly [drop: string]: number };
    /** Believed though older than the last one: the sequence check is off. */
    readonly wentBackwards: number;
    /** Members whose local and remote IDs fit ours only one way. */
    readonly halfwayMembers: number;
  }[];
}

/** One session that `whitelist session-car` polices. Rates in kbit/s, bursts in octets. */
export interface SessionCarView {
  readonly etrunk: number;
  readonly protocol: "e-trunk-ipv4" | "e-trunk-ipv6";
  readonly sourceAddress: string;
  readonly destinationAddress: string;
  readonly port: number;
  readonly green: number;
  readonly yellow: number;
  readonly red: number;
  readonly cir: number;
  readonly cbs: number;
  readonly pir: number;
  readonly pbs: number;
}

const moveViews = ({ moves }: History<string, string>, { date }: Moment): MoveView[] =>
  moves.map((move) => ({ ...move, time: date(move.time) }));

function memberView(
  { peer, hearing }: EtrunkVariables,
  member: Readonly<EtrunkMember>,
  device: Device,
  moment: Moment,
): EtrunkMemberView {
  const told = peer?.memberOf(member);
  const trunk = trunkOf(member.key);
  const entry = trunk === undefined ? undefined : device.trunk(trunk);
  const links = [...(entry?.trunk.members() ?? [])];
  return {
    type: memberType(member.key.kind),
    id: member.key.id,
    remoteId: member.remote.id,
    physicalState: links.some(({ link }) => link.up) ? "Up" : "Down",
    workMode: member.desired.mode,
    state: member.state,
    causation: member.cause,
    peerUp: hearing && told !== undefined && (told.flags & MEMBER_UP) !== 0,
    side: member.side ?? null,
    revertRemaining: member.revertRemaining(moment.now),
    history: moveViews(member.history, moment),
  };
}

/** What an answer about E-Trunks is made of. */
export interface EtrunkSources {
  readonly device: Device;
  /** The state of a BFD session; undefined without one of that name. */
  stateOf(session: string): string | undefined;
}

export function etrunkView(etrunk: Etrunk, { device, stateOf }: EtrunkSources, moment: Moment): EtrunkView {
  const { counters, variables } = etrunk;
  const { settings, peer, hearing } = variables;
  const key = settings.keys.find(({ id }) => id === settings.sendKeyId);
  const tracked = trackedSession(settings);
  return {
    id: etrunk.id,
    priority: settings.priority,
    systemId: macToColons(variables.deviceMac),
    peerAddress: settings.addresses?.peer.text ?? null,
    sourceAddress: settings.addresses?.source.text ?? null,
    vpnInstance: settings.addresses?.vrf ?? null,
    udpPort: settings.udpPort,
    state: variables.state,
    causation: variables.cause,
    sendPeriod: Math.round(settings.helloInterval / 100_000),
    failTime: Math.round(failTimeOf(settings) / 100_000),
    received: counters.received,
    sent: counters.sent,
    receivedDropped: counters.receivedDropped,
    sentDropped: counters.sentDropped,
    drops: { ...etrunk.drops },
    sequence: settings.sequenceCheck,
    authenticationMode: settings.authentication,
    key: key?.origin ?? "default",
    sendKeyId: settings.sendKeyId,
    priorityOrder: settings.higherFirst ? "higher-first" : "lower-first",
    selectMode: settings.select,
    peerState: peer?.state ?? null,
    peerCausation: peer?.cause ?? null,
    hearing,
    heard: peer?.hearsUs ?? false,
    attention: etrunk.attention,
    peerPriority: peer?.priority ?? null,
    peerSystemId: peer === undefined ? null : macToColons(peer.system),
    peerFailTime: peer?.failTime ?? null,
    peerSoftware: peer?.software ?? null,
    revertEnabled: settings.revert,
    revertDelay: settings.revertDelay,
    bfdSession: tracked ?? null,
    bfdState: (tracked && stateOf(tracked)) ?? null,
    dynamicBfd:
      settings.bfd?.kind !== "dynamic"
        ? null
        : {
            minTx: settings.bfd.minTx / 1000,
            minRx: settings.bfd.minRx / 1000,
            detectMultiplier: settings.bfd.multiplier,
            trackInterface: settings.bfd.trackInterface ?? null,
          },
    description: settings.description ?? null,
    history: moveViews(variables.history, moment),
    members: [...variables.members.values()].map((member) => memberView(variables, member, device, moment)),
  };
}

export const packetsView = ({ id, counters, drops }: Etrunk): EtrunkPacketsView["etrunks"][number] => ({
  id,
  sent: counters.sent,
  sentDropped: counters.sentDropped,
  received: counters.received,
  receivedDropped: counters.receivedDropped,
  drops: { ...drops },
  wentBackwards: counters.wentBackwards,
  halfwayMembers: counters.halfwayMembers,
});

/** Undefined without addresses: there is no session. */
export function sessionCarView({ id, variables: { settings } }: Etrunk, car: SessionCar): SessionCarView | undefined {
  const { addresses, udpPort } = settings;
  if (addresses === undefined) return undefined;
  return {
    etrunk: id,
    protocol: addresses.peer.isIpv4 ? "e-trunk-ipv4" : "e-trunk-ipv6",
    sourceAddress: addresses.peer.text,
    destinationAddress: addresses.source.text,
    port: udpPort,
    ...car.packets,
    ...car.rates,
  };
}
