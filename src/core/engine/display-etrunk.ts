import { macToColons } from "../base/address.js";
import type { Micros } from "../base/time.js";
import type { Etrunk } from "../etrunk/etrunk.js";
import type { EtrunkMember } from "../etrunk/member.js";
import { MEMBER_UP } from "../wire/etrunk-hello.js";
import type { Device } from "./device.js";
import type { EtrunkDecisionView, EtrunkMemberView, EtrunkView } from "./etrunk-views.js";

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
    history: member.history.map(({ time, from, to, causation }) => ({ time, from, to, causation })),
  };
}

export function etrunkView(device: Device, etrunk: Etrunk, now: Micros): EtrunkView {
  const { settings, peer, hearing, counters } = etrunk;
  const key = settings.keys.find(({ id }) => id === settings.sendKeyId);
  return {
    id: etrunk.id,
    priority: settings.priority,
    systemId: macToColons(etrunk.deviceMac),
    peerAddress: settings.addresses?.peer.text ?? null,
    sourceAddress: settings.addresses?.source.text ?? null,
    vpnInstance: settings.addresses?.vrf ?? null,
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
    bfdSession:
      settings.bfd?.kind === "session"
        ? settings.bfd.name
        : settings.bfd === undefined
          ? null
          : `dyn_etrunk_${etrunk.id}`,
    bfdState: settings.bfd === undefined ? null : etrunk.bfd,
    description: settings.description ?? null,
    members: [...etrunk.members.values()].map((member) => memberView(device, etrunk, member, now)),
  };
}

/** The last decisions with everything they looked at: `why e-trunk N`. */
export const decisionView = (etrunk: Etrunk): EtrunkDecisionView => ({
  id: etrunk.id,
  state: etrunk.state,
  causation: etrunk.cause,
  decidedAt: etrunk.decidedAt,
  inputs: etrunk.inputs ?? null,
  members: [...etrunk.members.values()].map(({ trunk, state, cause, inputs, side }) => ({
    id: trunk,
    state,
    causation: cause,
    side: side ?? null,
    inputs: inputs ?? null,
  })),
});
