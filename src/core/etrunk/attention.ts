import { memberName, memberType } from "../base/member-key.js";
import { NEVER } from "../base/time.js";
import { BFD_TRACKED } from "../wire/etrunk-hello.js";
import { numberOf, SELECT_MODES } from "../wire/etrunk-names.js";
import { selectsWith } from "./comparison.js";
import type { Attention } from "./etrunk-event.js";
import { isMismatchTold } from "./hello/mismatch.js";
import { isSettled, sideOf } from "./sides.js";
import { type BfdState, type EtrunkVariables, isBfdMissing, isPeerRestless, isWaiting } from "./state.js";

const KEY_TEXT = {
  default: "No security-key is set: the default key is known to everybody and authenticates nobody.",
  foreign: "The security-key was ciphered on another system; its text serves as the key.",
  unreadable: "The security-key cannot be opened on this host: type it again. No hello is sent or believed.",
} as const;

/** The attentions of an E-Trunk at this moment, each with a text that names the cause. */
export function attentionsOf(etrunk: EtrunkVariables, twoMasters: boolean): Map<Attention, string> {
  const standing = new Map<Attention, string>();
  const key = etrunk.settings.keys.find(({ id }) => id === etrunk.settings.sendKeyId);
  const origin = key?.origin ?? "default";
  if (origin !== "configured") standing.set(`${origin}-key`, KEY_TEXT[origin]);
  const { addresses } = etrunk.settings;
  if (addresses !== undefined && !etrunk.sourceHere)
    standing.set("source-missing", `The source address ${addresses.source.text} is not on this host.`);
  if (etrunk.socketTrouble !== undefined)
    standing.set("socket", `No hello can be sent or heard: ${etrunk.socketTrouble}.`);
  // Without a readable key every hello is refused, so a mismatch says nothing about the peer.
  if (origin !== "unreadable" && isMismatchTold(etrunk)) addMismatch(etrunk, standing);
  if (etrunk.policedUntil !== NEVER)
    standing.set(
      "session-car",
      "Datagrams with the peer's address come faster than they are checked, or hellos than whitelist session-car allows: some are dropped.",
    );
  if (
    addresses !== undefined &&
    etrunk.sourceHere &&
    !etrunk.hearing &&
    !isWaiting(etrunk) &&
    etrunk.mismatch === undefined &&
    etrunk.socketTrouble === undefined
  )
    standing.set("peer-silent", `No hello from ${addresses.peer.text}: ${silenceOf(etrunk)}`);
  addBfd(etrunk, standing);
  addExpectation(etrunk, standing);
  if (etrunk.hearing) addDifferences(etrunk, standing, twoMasters);
  return standing;
}

function silenceOf({ inputs, settings: { id, udpPort } }: EtrunkVariables): string {
  return inputs?.bfdDown === true
    ? "the tracked BFD session went down."
    : `is it up, has it an E-Trunk ${id}, is its e-trunk port ${udpPort} too, is the path free?`;
}

const NOT_UP_TEXT: { readonly [State in BfdState]: string } = {
  up: "it comes and goes",
  none: "it was never up",
  signalled: "the peer signals that it is down, though its hellos come",
  down: "no packet of it comes, though hellos do",
  "admin-down": "the peer says that it is administratively down",
};

function addBfd(etrunk: EtrunkVariables, standing: Map<Attention, string>): void {
  const { bfd, bfdVote, peer, now, settings } = etrunk;
  if (isBfdMissing(etrunk)) {
    const why = peer?.has(BFD_TRACKED) === false ? "the peer follows no session" : NOT_UP_TEXT[bfd];
    const failTime = (peer?.failTime || settings.multiplier * (settings.helloInterval / 100_000)) / 10;
    standing.set(
      "bfd-not-up",
      `The tracked BFD session does not stay up: ${why}. A takeover waits ${failTime} s for hellos.`,
    );
  }
  if (bfdVote.isLost(now))
    standing.set(
      "bfd-unsteady",
      "The tracked BFD session fell again and again while hellos came: it has no say until it stays up.",
    );
}

/** hwETrunkExpectStateChange: the state differs from the one that priority, system ID or selection lead to. */
function addExpectation(etrunk: EtrunkVariables, standing: Map<Attention, string>): void {
  const { inputs, peer, state, cause } = etrunk;
  if (inputs === undefined || peer === undefined || inputs.comparison === 0) return;
  const expected = inputs.comparison < 0 ? "Master" : "Backup";
  const by = selectsWith(etrunk, peer) ? etrunk.settings.select : "priority";
  if (state !== expected)
    standing.set("expected-state", `By ${by} it would be ${expected}; it is ${state} (${cause}).`);
}

function addMismatch(etrunk: EtrunkVariables, standing: Map<Attention, string>): void {
  switch (etrunk.mismatch?.failure) {
    case "mode":
    case "missing":
      standing.set(
        "authentication-mode",
        `Hellos of the peer are refused: their authentication-mode is not ${etrunk.settings.authentication}.`,
      );
      break;
    case "key":
      standing.set(
        "wrong-key",
        `Hellos of the peer are refused: they are signed with key ID ${etrunk.mismatch.keyId}, which is not configured here.`,
      );
      break;
    case "digest":
      standing.set("wrong-key", "Hellos of the peer are refused: its security-key is not ours.");
      break;
    case "unproven":
      standing.set(
        "unproven-hellos",
        "Hellos of the peer are refused: they do not name our last ones, so they may be recordings. Do our hellos reach it?",
      );
      break;
    case "sequence":
      standing.set("sequence-check", "Hellos of the peer are refused: sequence enable is set here and not there.");
      break;
    default:
  }
}

/** Adds the differences between our configuration and that of a peer that is heard. */
function addDifferences(etrunk: EtrunkVariables, standing: Map<Attention, string>, twoMasters: boolean): void {
  const { peer, settings } = etrunk;
  if (peer === undefined) return;
  if (peer.system === etrunk.deviceMac)
    standing.set("equal-identity", "The peer has our system ID: one of the two was cloned, give it its own.");
  if (isPeerRestless(etrunk))
    standing.set(
      "peer-runs",
      "Hellos of the peer come from one run and then another: it restarts again and again, or a second device has its address and key.",
    );
  if (twoMasters) standing.set("two-masters", "The peer is Master too.");
  if (peer.revertDelay !== settings.revertDelay)
    standing.set(
      "revert-delay",
      `timer revert delay is ${settings.revertDelay} s here and ${peer.revertDelay} s at the peer.`,
    );
  if (peer.higherFirst !== settings.higherFirst)
    standing.set("priority-order", "priority-order differs at the two ends: the smaller priority wins.");
  if (peer.selectMode !== numberOf(SELECT_MODES, settings.select, 0))
    standing.set("select-mode", "e-trunk select differs at the two ends: priorities decide.");
  if (peer.checksSequence && !settings.sequenceCheck)
    standing.set("sequence-check", "sequence enable is set at the peer and not here: it refuses our hellos.");
  addMemberDifferences(etrunk, standing);
}

function addMemberDifferences(etrunk: EtrunkVariables, standing: Map<Attention, string>): void {
  for (const member of etrunk.members.values()) {
    const { identity } = member;
    const name = memberName(member.key);
    const told = etrunk.peer?.memberOf(member);
    if (etrunk.peer?.fitsHalfway(member))
      standing.set(
        "member-ids",
        `${name}: the peer's member names another ${memberType(member.key.kind)} as its remote one.`,
      );
    if (told === undefined || identity === undefined || !isSettled(told)) continue;
    if (sideOf(told) === identity.side) standing.set("same-side", `${name}: both ends use the same LACP port numbers.`);
    if (told.system !== identity.systemId || told.systemPriority !== identity.systemPriority)
      standing.set(
        "lacp-identity",
        `${name}: lacp e-trunk system-id and priority must be equal at both ends; the CE will aggregate anew at a switch-over.`,
      );
  }
}
