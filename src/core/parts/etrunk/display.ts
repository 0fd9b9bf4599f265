import { type Mac, macToColons } from "../../base/address.js";
import { dynamicName } from "../../base/dynamic-session.js";
import type { Micros } from "../../base/time.js";
import type { DesiredEtrunk } from "../../contract/desired/etrunk.js";
import type { Device } from "../../device/device.js";
import { comparisonWith, selectsWith } from "../../etrunk/comparison.js";
import type { Candidate } from "../../etrunk/election.js";
import type { Etrunk } from "../../etrunk/etrunk.js";
import type { EtrunkMember } from "../../etrunk/member.js";
import type { SessionCar } from "../../etrunk/session-car.js";
import { MEMBER_UP } from "../../wire/etrunk-hello.js";
import type { BfdSessionView } from "../bfd/display.js";
import type {
  CandidateView,
  EtrunkDecisionView,
  EtrunkMemberView,
  EtrunkPacketsView,
  EtrunkView,
  InputsView,
  SessionCarView,
} from "./views.js";

function memberView(device: Device, etrunk: Etrunk, member: EtrunkMember, now: Micros): EtrunkMemberView {
  const told = etrunk.peer?.memberOf(member.trunk, member.desired.remoteTrunk);
  const entry = device.entry(member.trunk);
  const links = [...(entry?.trunk.members() ?? [])];
  return {
    type: "Eth-Trunk",
    id: member.trunk,
    remoteId: member.desired.remoteTrunk,
    physicalState: links.some(({ link }) => link.up) ? "Up" : "Down",
    workMode: member.desired.mode,
    state: member.state,
    causation: member.cause,
    peerUp: etrunk.hearing && told !== undefined && (told.flags & MEMBER_UP) !== 0,
    side: member.side ?? null,
    revertRemaining: etrunk.revertRemaining(member, now),
    history: member.history.moves,
  };
}

/** The session an E-Trunk follows: a configured one, or its own. */
export function trackedSession({ bfd, id }: DesiredEtrunk): string | undefined {
  return bfd?.kind === "session" ? bfd.name : bfd && dynamicName(id);
}

export function etrunkView(
  device: Device,
  etrunk: Etrunk,
  sessions: readonly BfdSessionView[],
  now: Micros,
): EtrunkView {
  const { settings, peer, hearing, counters } = etrunk;
  const key = settings.keys.find(({ id }) => id === settings.sendKeyId);
  const tracked = trackedSession(settings);
  const session = sessions.find(({ name }) => name.toLowerCase() === tracked?.toLowerCase());
  return {
    id: etrunk.id,
    priority: settings.priority,
    systemId: macToColons(etrunk.deviceMac),
    peerAddress: settings.addresses?.peer.text ?? null,
    sourceAddress: settings.addresses?.source.text ?? null,
    vpnInstance: settings.addresses?.vrf ?? null,
    udpPort: settings.udpPort,
    state: etrunk.state,
    causation: etrunk.cause,
    sendPeriod: Math.round(settings.helloInterval / 100_000),
    failTime: Math.round(etrunk.failTime / 100_000),
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
    bfdState: session?.state ?? null,
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
    history: etrunk.history.moves,
    members: [...etrunk.members.values()].map((member) => memberView(device, etrunk, member, now)),
  };
}

const candidateView = ({ priority, system, available }: Candidate): CandidateView => ({
  priority,
  systemId: macToColons(system as Mac),
  available,
});

const inputsView = <Inputs extends object>(inputs: Inputs | undefined): InputsView<Inputs> | null =>
  inputs === undefined
    ? null
    : (Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, value ?? null])) as InputsView<Inputs>);

function comparisonView(etrunk: Etrunk): EtrunkDecisionView["comparison"] {
  if (etrunk.peer === undefined) return null;
  const { ours, theirs, higherFirst } = comparisonWith(etrunk, etrunk.peer);
  return {
    ours: candidateView(ours),
    theirs: candidateView(theirs),
    priorityOrder: higherFirst ? "higher-first" : "lower-first",
    // Where the ends differ, neither selects.
    selectMode: selectsWith(etrunk, etrunk.peer) ? etrunk.settings.select : "default",
  };
}

/** The last decisions with everything they looked at: `why e-trunk N`. */
export const decisionView = (etrunk: Etrunk, now: Micros): EtrunkDecisionView => ({
  id: etrunk.id,
  state: etrunk.state,
  causation: etrunk.cause,
  decidedAt: etrunk.decidedAt,
  inputs: inputsView(etrunk.inputs),
  comparison: comparisonView(etrunk),
  attention: etrunk.attention,
  members: [...etrunk.members.values()].map((member) => ({
    id: member.trunk,
    state: member.state,
    causation: member.cause,
    side: member.side ?? null,
    inputs: inputsView(member.inputs),
    links: member.facts.links,
    bandwidth: member.facts.bandwidth,
    revertRemaining: etrunk.revertRemaining(member, now),
  })),
});

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
export function sessionCarView({ id, settings }: Etrunk, car: SessionCar): SessionCarView | undefined {
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
