import { constants } from "node:os";
import type { Mac } from "../../core/base/address.js";
import { innerName, subInterfaceInnerName, TRUNK_MTU, trunkDevice } from "../../core/base/trunk-names.js";
import type { TrunkDevice, TrunkSubInterface } from "../../core/contract/host.js";
import { asked } from "../answer.js";
import { findLink } from "../find-link.js";
import { localMac } from "../local-mac.js";
import { deviceAddon, MOST_MTU } from "../native/device.js";
import { IFF_UP, type KernelLink, linkAddon } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { systemError } from "../system-error.js";
import { readSysctl, writeSysctl } from "../undo/sysctl.js";
import type { PlaneFinding } from "./plane.js";

/** What a trunk is and its members become; both have defaults. */
export interface TrunkLooks {
  readonly trunk: number;
  readonly mac: Mac;
  readonly mtu: number;
}

export const looksOf = ({ trunk, mac, mtu }: TrunkDevice, deviceMac: Mac): TrunkLooks => ({
  trunk,
  mac: mac ?? localMac(`${deviceMac}/${trunk}`),
  mtu: mtu ?? TRUNK_MTU,
});

/** Group of inner ends ("ET"), given as the kernel makes them: a device in it is ours, whatever was interrupted. */
const GROUP = 0x4554;
/** Group of inner ends that are being removed. */
const LEAVING_GROUP = 0x4555;

/** An inner end takes whatever the trunk sends. */
const INNER_MTU = MOST_MTU;

const isOurs = (inner: KernelLink): boolean => inner.group === GROUP || inner.group === LEAVING_GROUP;

/** Names of a pair: what users see, and its inner end. */
export interface PairNames {
  readonly outer: string;
  readonly inner: string;
}

export const trunkNames = (trunk: number): PairNames => ({ outer: trunkDevice(trunk), inner: innerName(trunk) });

export const subInterfaceNames = (trunk: number, { vlan, device }: TrunkSubInterface): PairNames => ({
  outer: device,
  inner: subInterfaceInnerName(trunk, vlan),
});

/** Both ends of the pair; `made` when it was not there. */
export interface DevicePair {
  readonly outer: KernelLink;
  readonly inner: KernelLink;
  readonly made: boolean;
}

const check = (result: number, what: string): void => {
  if (result < 0) throw systemError(what, -result);
};

/** The pair; undefined when neither end exists. Throws an Error of one line when a name belongs to a foreign interface. */
function findPair(netlink: Netlink, names: PairNames): DevicePair | undefined {
  const [outer, inner] = [findLink(netlink, names.outer), findLink(netlink, names.inner)];
  if (!outer && !inner) return undefined;
  if (outer && inner && isOurs(inner) && inner.iflink === outer.index && outer.iflink === inner.index)
    return { outer, inner, made: false };
  if (!outer && inner && isOurs(inner))
    throw new Error(`interface ${names.outer} was renamed or moved away: frames still go to it`);
  const peer = outer && !inner && outer.iflink > 0 ? findLink(netlink, outer.iflink) : undefined;
  if (outer && peer && isOurs(peer) && peer.iflink === outer.index)
    throw new Error(`interface ${names.inner} was renamed to ${peer.name}`);
  throw new Error(
    `interface ${outer ? names.outer : names.inner} exists and was not made by etrunkd: remove or rename it`,
  );
}

/** Finds the pair, or makes it with both ends down. */
function makePair(netlink: Netlink, names: PairNames, mac: Mac): DevicePair {
  const { outer, inner } = names;
  const there = findPair(netlink, names);
  if (there) {
    // An earlier process died while it removed the pair.
    if (there.inner.mtu !== INNER_MTU) setMtu(netlink, inner, INNER_MTU);
    if (there.inner.group !== GROUP) check(linkAddon().linkGroup(netlink, there.inner.index, GROUP), there.inner.name);
    return there;
  }
  check(
    deviceAddon().vethCreate(netlink, { name: outer, peer: inner, mac, group: GROUP, mtu: INNER_MTU }),
    `veth pair ${outer}, ${inner}`,
  );
  check(linkAddon().linkSet(netlink, inner, { alias: `etrunkd: inner end of ${outer}` }), inner);
  const made = findPair(netlink, names);
  if (!made) throw new Error(`interface ${outer} vanished`);
  return { ...made, made: true };
}

type Sysctls = readonly (readonly [path: string, value: string])[];

/** Keeps addresses off an inner end. */
const INNER_SYSCTLS: Sysctls = [
  ["ipv6/conf/*/disable_ipv6", "1"],
  ["ipv4/conf/*/arp_ignore", "8"],
];
/** Keeps the neighbours of a trunk through a loss of carrier. */
const OUTER_SYSCTLS: Sysctls = [
  ["ipv4/conf/*/arp_evict_nocarrier", "0"],
  ["ipv6/conf/*/ndisc_evict_nocarrier", "0"],
];

/** Tells of each end why some cannot be set, or that all are: they protect, and frames go without them. */
export function setPairSysctls(
  { outer, inner }: DevicePair,
  unprotected: (device: string, text: string | undefined) => void,
): void {
  unprotected(outer.name, setSysctls(outer.name, OUTER_SYSCTLS));
  unprotected(inner.name, setSysctls(inner.name, INNER_SYSCTLS));
}

function setSysctls(device: string, sysctls: Sysctls): string | undefined {
  const problems = sysctls.flatMap(([path, value]) => {
    try {
      writeSysctl(path, device, value);
      return [];
    } catch (error) {
      return [`${path.replace("*", device)}: ${(error as NodeJS.ErrnoException).code}`];
    }
  });
  return problems.length === 0 ? undefined : problems.join("; ");
}

/** Makes the device, or brings an existing one to the wish. A new device has its inner end down, so no carrier. */
export function ensureDevice(netlink: Netlink, device: TrunkDevice, deviceMac: Mac): DevicePair {
  const native = linkAddon();
  const { trunk, alias = "" } = device;
  const { mac, mtu } = looksOf(device, deviceMac);
  const names = trunkNames(trunk);
  const pair = makePair(netlink, names, mac);
  const { name } = pair.outer;
  if (pair.outer.mtu !== mtu) setMtu(netlink, name, mtu);
  if (pair.outer.mac !== mac) check(native.linkSet(netlink, name, { mac }), `${name}: MAC address`);
  check(native.linkSet(netlink, name, { alias }), `${name}: alias`);
  return pair;
}

const ofTrunk = (text: string): PlaneFinding => ({ member: undefined, text });

/** What somebody changed of the device of a trunk, apart from its pair. */
export function deviceFindings(netlink: Netlink, device: TrunkDevice, deviceMac: Mac): PlaneFinding[] {
  const { mtu, mac } = looksOf(device, deviceMac);
  const outer = findLink(netlink, trunkDevice(device.trunk));
  if (outer === undefined) return [];
  return [
    ...(outer.mtu === mtu ? [] : [ofTrunk(`MTU of ${outer.name} is ${outer.mtu}, not ${mtu}`)]),
    ...(outer.mac === mac ? [] : [ofTrunk(`MAC address of ${outer.name} is another one`)]),
  ];
}

/** What somebody changed of a pair of any kind, and of what only protects it. `carrier`: what the inner end is to give it. */
export function pairFindings(netlink: Netlink, names: PairNames, carrier: boolean): PlaneFinding[] {
  const pair = findPair(netlink, names);
  // The core hears of it by itself.
  if (pair === undefined) return [];
  const { name, mtu, flags } = pair.inner;
  const isUp = (flags & IFF_UP) !== 0;
  return [
    ...(isUp === carrier ? [] : [ofTrunk(`${name} was set ${isUp ? "up" : "down"}`)]),
    ...(mtu === INNER_MTU ? [] : [ofTrunk(`MTU of ${name} is ${mtu}, not ${INNER_MTU}`)]),
    ...changedSysctls(names.outer, OUTER_SYSCTLS),
    ...changedSysctls(names.inner, INNER_SYSCTLS),
  ];
}

function changedSysctls(device: string, sysctls: Sysctls): PlaneFinding[] {
  return sysctls.flatMap(([path, value]) => {
    const now = readSysctl(path, device);
    if (now === undefined || now === value) return [];
    return [{ member: undefined, protects: device, text: `${path.replace("*", device)} is ${now}, not ${value}` }];
  });
}

/** As `ensureDevice`, for a sub-interface. A new one has the trunk's MAC address and MTU, which the caller may change. */
export function ensureSubInterface(netlink: Netlink, main: KernelLink, names: PairNames): DevicePair {
  const pair = makePair(netlink, names, main.mac as Mac);
  if (pair.made) setMtu(netlink, names.outer, main.mtu);
  return pair;
}

function setMtu(netlink: Netlink, name: string, mtu: number): void {
  check(linkAddon().linkSet(netlink, name, { mtu }), `${name}: MTU ${mtu}`);
}

/** Sets the carrier of a device by the admin state of its inner end. */
export function setCarrier(netlink: Netlink, inner: string, on: boolean): void {
  const native = linkAddon();
  // Nothing happens in the kernel where the state is the same.
  check(native.linkSet(netlink, inner, { up: on }), `carrier by ${inner}`);
  if (!on) return;
  // A worker of the kernel opens queues and bridge ports, on a busy machine much later; a query of the link opens them at once.
  const link = native.linkGet(netlink, inner);
  if (typeof link !== "number") native.linkGet(netlink, link.iflink);
}

export function setUp(netlink: Netlink, link: KernelLink): void {
  check(linkAddon().linkSet(netlink, link.name, { up: true }), `${link.name}: up`);
}

/**
 * Removes the pairs of these inner ends, all at once; devices that are not ours stay. Throws an Error of one line when some
 * cannot be removed, after it removed the others.
 */
export function removeDevices(netlink: Netlink, inners: Iterable<string>): void {
  const native = linkAddon();
  const found = [...inners].map((name) => asked(() => findLink(netlink, name)));
  const ours = found.flatMap(({ value = [] }) => value).filter(isOurs);
  const results = ours.map(({ index }) => native.linkGroup(netlink, index, LEAVING_GROUP));
  results.push(native.linkRemoveGroup(netlink, LEAVING_GROUP));
  // What does not go with the others goes alone.
  const alone = results.some((result) => result < 0) ? ours : [];
  const removed = alone.map((link) => asked(() => removeLink(netlink, link)));
  const refusals = [...found, ...removed].flatMap(({ refusal = [] }) => refusal);
  if (refusals.length > 0) throw new Error(refusals.join("; "));
}

function removeLink(netlink: Netlink, { index, name }: KernelLink): void {
  const answer = linkAddon().linkRemove(netlink, index);
  if (answer !== -constants.errno.ENODEV) check(answer, `removal of ${name}`);
}
