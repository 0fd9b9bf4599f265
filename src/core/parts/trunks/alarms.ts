import { macToColons } from "../../base/address.js";
import { seconds } from "../../base/time.js";
import { trunkDevice, trunkName } from "../../base/trunk-names.js";
import type { Device } from "../../device/device.js";
import type { TrunkEntry } from "../../device/trunk-entry.js";
import { forwards, type Member } from "../../ethtrunk/member.js";
import type { Trunk } from "../../ethtrunk/trunk.js";
import type { OwnSystem } from "../../lacp/lacp-event.js";
import type { SelectionReason } from "../../lacp/selection.js";
import type { AlarmKind, Condition } from "../alarm.js";
import { otherUses } from "./other-uses.js";
import { reasonOf } from "./reasons.js";

const TOTAL_LINK_LOSS: AlarmKind = {
  id: "0x0e010001",
  name: "hwLacpTotalLinkLoss",
  level: "Critical",
  resumed: "hwLacpTotalLinkLossResume",
};
const PARTIAL_LINK_LOSS: AlarmKind = {
  id: "0x0e010002",
  name: "hwLacpPartialLinkLoss",
  level: "Major",
  resumed: "hwLacpPartialLinkLossResume",
};
const NEGOTIATE_FAILED: AlarmKind = {
  id: "0x0e010003",
  name: "hwLacpNegotiateFailed",
  level: "Minor",
  resumed: "hwLacpNegotiateResume",
};
const PARTNER_EXPIRED: AlarmKind = { id: "0x0e010004", name: "hwLacpPartnerExpiredLoss", level: "Minor" };
const OWN_SYSTEM_ID: AlarmKind = { id: "0x0e010005", name: "lacpOwnSystemIdReceived", level: "Major" };
const FORWARDING_FAILED: AlarmKind = { id: "0x0e010006", name: "ethTrunkForwardingFailed", level: "Major" };
const TRUNK_DOWN: AlarmKind = { id: "0x0e010007", name: "ethTrunkDown", level: "Critical" };
const MEMBER_DOWN: AlarmKind = { id: "0x0e010008", name: "ethTrunkMemberDown", level: "Minor" };
const SET_DOWN: AlarmKind = { id: "0x0e010009", name: "ethTrunkDeviceDown", level: "Warning" };
const USED_ELSEWHERE: AlarmKind = { id: "0x0e01000b", name: "ethTrunkMemberUsedElsewhere", level: "Warning" };
const UNPROTECTED: AlarmKind = { id: "0x0e01000a", name: "ethTrunkSettingRefused", level: "Warning" };

export const trunksAlarms = [
  TOTAL_LINK_LOSS,
  PARTIAL_LINK_LOSS,
  NEGOTIATE_FAILED,
  PARTNER_EXPIRED,
  OWN_SYSTEM_ID,
  FORWARDING_FAILED,
  TRUNK_DOWN,
  MEMBER_DOWN,
  SET_DOWN,
  UNPROTECTED,
  USED_ELSEWHERE,
];

/** A trunk or member that was not up yet has so much time: links come up, and LACP waits and negotiates. */
const START = seconds(10);
/** A member that carried has so much time to carry again, when it is wanted again. */
const RETURN = seconds(1);

const OWN_SYSTEM_TEXT: { readonly [form in OwnSystem]: string } = {
  "looped-back": "the port hears its own LACPDUs: the link is looped back",
  "cabled-together": "two ports of this device are cabled together",
  "cloned-system-id": "another device uses this device's LACP system ID: one of them was cloned, give it its own",
};

/** What is wrong with the interfaces that trunks are made of. */
export interface PlaneConditions {
  /** What the data plane does not serve, `member` undefined: the trunk as a whole. */
  unserved(): Iterable<{ readonly trunk: number; readonly member: string | undefined; readonly text: string }>;
  /** Settings that only protect and are refused, by Linux name of the interface. */
  unprotected(): Iterable<{ readonly trunk: number; readonly device: string; readonly text: string }>;
  /** Trunks whose device somebody set down. */
  setDown(): Iterable<number>;
}

/** Reasons of members that could carry if the trunk had enough of them. */
const SHORTAGES: readonly string[] = [
  "below lower link threshold",
  "below bandwidth threshold",
] satisfies SelectionReason[];

/** One cause has one alarm: what the data plane does not serve, or somebody set down, is told as that. */
export function* trunksConditions(device: Device, plane: PlaneConditions): Generator<Condition> {
  const setDown = new Set(plane.setDown());
  const unserved = new Set(Array.from(plane.unserved(), ({ trunk, member }) => unservedKey(trunk, member)));
  const usesOf = otherUses(device);
  for (const entry of device.trunks) {
    const { id } = entry.trunk;
    if (setDown.has(id)) continue;
    yield* trunkConditions(entry);
    for (const member of entry.trunk.members()) {
      if (unserved.has(unservedKey(id, undefined)) || unserved.has(unservedKey(id, member.name))) continue;
      const { index } = member.link;
      if (index !== undefined) yield* useConditions(entry, member, usesOf(index));
      // Most members are well, and a turn judges all.
      const ownSystem = entry.aggregator?.port(member.name)?.ownSystem;
      if (member.link.up && forwards(member.status) && ownSystem === undefined) continue;
      yield* ownSystemConditions(entry, member);
      if (device.names.interface(member.name)?.shutdown !== true) yield* memberConditions(entry, member);
    }
  }
  yield* planeConditions(plane);
}

const unservedKey = (trunk: number, member: string | undefined): string => `${trunk} ${member ?? ""}`;

function* planeConditions(plane: PlaneConditions): Generator<Condition> {
  const wholly = new Set<number>();
  for (const { trunk, member, text } of plane.unserved()) {
    if (member === undefined) wholly.add(trunk);
    const where = member === undefined ? trunkName(trunk) : `${trunkName(trunk)} ${member}`;
    yield { alarm: FORWARDING_FAILED, subject: where, text: `${where}: ${text}.` };
  }
  for (const { trunk, device, text } of plane.unprotected()) {
    const where = `${trunkName(trunk)} ${device}`;
    yield { alarm: UNPROTECTED, subject: where, text: `${where}: carries, but the host may answer on it: ${text}.` };
  }
  for (const trunk of plane.setDown()) {
    // The name may be taken by somebody's device, which is down as it came.
    if (wholly.has(trunk)) continue;
    const name = trunkName(trunk);
    const text = `${name} counts as shut down: somebody set ${trunkDevice(trunk)} down.`;
    yield { alarm: SET_DOWN, subject: name, text };
  }
}

function* useConditions({ trunk }: TrunkEntry, { name }: Member, uses: readonly string[]): Generator<Condition> {
  if (uses.length === 0) return;
  const text = `${trunkName(trunk.id)} ${name} is also ${uses.join(", ")}: frames pass beside the trunk.`;
  yield { alarm: USED_ELSEWHERE, subject: name, text };
}

/** A trunk that is down, though neither the configuration nor its E-Trunk keeps it down. */
function* trunkConditions(entry: TrunkEntry): Generator<Condition> {
  const { trunk, aggregator } = entry;
  const members = [...trunk.members()];
  if (trunk.isUp || !trunk.isFree || members.length === 0) return;
  const usable = members.filter((member) => forwards(member.status) || SHORTAGES.includes(reasonOf(entry, member)));
  const isPartial = usable.length > 0;
  const reasons = new Set(members.map((member) => reasonOf(entry, member)));
  const absence = `no member is ${aggregator === undefined ? "up" : "Selected"} (${[...reasons].join(", ")})`;
  const subject = trunkName(trunk.id);
  yield {
    alarm: aggregator === undefined ? TRUNK_DOWN : isPartial ? PARTIAL_LINK_LOSS : TOTAL_LINK_LOSS,
    subject,
    text: `${subject} is down: ${isPartial ? shortage(trunk, usable) : absence}.`,
    after: trunk.hasBeenUp ? undefined : START,
  };
}

function shortage({ desired: { leastLinks = 1, leastBandwidth = 0 } }: Trunk, usable: readonly Member[]): string {
  if (usable.length < leastLinks)
    return `${usable.length} member${usable.length === 1 ? "" : "s"} can carry, it needs ${leastLinks}`;
  const bandwidth = usable.reduce((sum, { link }) => sum + link.speed, 0);
  return `the members that can carry have ${bandwidth} Mbit/s, it needs ${leastBandwidth} Mbit/s`;
}

function* ownSystemConditions({ trunk, aggregator }: TrunkEntry, { name }: Member): Generator<Condition> {
  const ownSystem = aggregator?.port(name)?.ownSystem;
  if (ownSystem === undefined) return;
  const { form, source } = ownSystem;
  yield {
    alarm: OWN_SYSTEM_ID,
    subject: name,
    text: `${trunkName(trunk.id)} ${name}: ${OWN_SYSTEM_TEXT[form]} (source ${macToColons(source)}).`,
  };
}

/** A member that is not what it should be: its link is down, in reserve too, or LACP does not select it though it is wanted. */
function* memberConditions(entry: TrunkEntry, member: Member): Generator<Condition> {
  const { trunk, aggregator } = entry;
  const { name, link } = member;
  const where = `${trunkName(trunk.id)} ${name}`;
  if (trunk.desired.shutdown || trunk.holdsDown || trunk.shutsDown(name)) return;
  const reason = reasonOf(entry, member);
  if (!link.up) {
    yield {
      alarm: MEMBER_DOWN,
      subject: name,
      text: `${where} is down: ${reason}.`,
      after: member.hasBeenUp ? undefined : START,
    };
    return;
  }
  const port = aggregator?.port(name);
  if (port === undefined || !port.portEnabled || !trunk.isFree || port.hearsOwnSystem || forwards(member.status))
    return;
  // Held in reserve, by us or by a partner that is heard: a CE has such a port towards the PE that waits.
  const isReserve = port.selected === "STANDBY" || (port.selected === "SELECTED" && port.isCurrent);
  if (isReserve || SHORTAGES.includes(reason)) return;
  yield {
    alarm: port.receiveState === "EXPIRED" || port.receiveState === "DEFAULTED" ? PARTNER_EXPIRED : NEGOTIATE_FAILED,
    subject: name,
    text: `${where} is not Selected: ${reason}.`,
    after: member.hasCarried ? RETURN : START,
  };
}
