import { createHash } from "node:crypto";
import type { Mac } from "../../core/base/address.js";
import type { TrunkDevice } from "../../core/host.js";
import { addon, type KernelLink, type Netlink } from "../addon.js";
import { systemError } from "../system-error.js";
import { findLink } from "./member-settings.js";
import { writeSysctl } from "./sysctl.js";

const IFF_UP = 1;
const DEFAULT_MTU = 1500;

/** Group of inner ends ("ET"), given when the kernel makes them: what bears it is ours, whatever else was interrupted. */
const GROUP = 0x4554;
/** Group of inner ends on their way out. */
const LEAVING_GROUP = 0x4555;

const isOurs = (inner: KernelLink): boolean => inner.group === GROUP || inner.group === LEAVING_GROUP;

export const trunkName = (trunk: number): string => `eth-trunk${trunk}`;
export const innerName = (trunk: number): string => `et${trunk}-ul`;

/** A locally administered address, the same for a trunk of a device each time. */
export function trunkMac(device: Mac, trunk: number): Mac {
  const digest = createHash("sha256").update(`${device}/${trunk}`).digest();
  // Bit 1 of the first octet says locally administered, bit 0 would say group.
  return (((digest[0] as number) & 0xfc) * 2 ** 40 + 2 ** 41 + digest.readUIntBE(1, 5)) as Mac;
}

/** Both ends of the pair; `made` when it was not there. */
export interface DevicePair {
  readonly outer: KernelLink;
  readonly inner: KernelLink;
  readonly made: boolean;
}

const check = (result: number, what: string): void => {
  if (result < 0) throw systemError(what, -result);
};

/** The pair of a trunk; undefined when there is neither. Throws an Error of one line when a name is somebody else's. */
export function findPair(netlink: Netlink, trunk: number): DevicePair | undefined {
  const [name, peer] = [trunkName(trunk), innerName(trunk)];
  const [outer, inner] = [findLink(netlink, name), findLink(netlink, peer)];
  if (!outer && !inner) return undefined;
  if (outer && inner && isOurs(inner) && inner.iflink === outer.index && outer.iflink === inner.index)
    return { outer, inner, made: false };
  throw new Error(`interface ${outer ? name : peer} exists and was not made by etrunkd: remove or rename it`);
}

/** Makes the pair, down, or finds it. */
function makePair(netlink: Netlink, trunk: number, mac: Mac): DevicePair {
  const there = findPair(netlink, trunk);
  if (there) {
    // An earlier process died while it left.
    if (there.inner.group !== GROUP) check(addon().linkGroup(netlink, there.inner.index, GROUP), there.inner.name);
    return there;
  }
  const [name, peer] = [trunkName(trunk), innerName(trunk)];
  check(addon().vethCreate(netlink, name, peer, mac, GROUP), `veth pair ${name}, ${peer}`);
  check(addon().linkSet(netlink, peer, undefined, `etrunkd: inner end of ${name}`, undefined, undefined), peer);
  const made = findPair(netlink, trunk);
  if (!made) throw new Error(`interface ${name} vanished`);
  return { ...made, made: true };
}

/** The inner end is no place for addresses; entries of the trunk's neighbours outlive a loss of carrier. */
function setSysctls(trunk: number): void {
  const [name, peer] = [trunkName(trunk), innerName(trunk)];
  writeSysctl("ipv6/conf/*/disable_ipv6", peer, "1");
  writeSysctl("ipv4/conf/*/arp_ignore", peer, "8");
  writeSysctl("ipv4/conf/*/arp_evict_nocarrier", name, "0");
  writeSysctl("ipv6/conf/*/ndisc_evict_nocarrier", name, "0");
}

/** Makes the device, or brings the one that is there to what it shall be. A new one has its inner end down: no carrier. */
export function ensureDevice(netlink: Netlink, device: TrunkDevice, deviceMac: Mac): DevicePair {
  const native = addon();
  const { trunk, alias = "", mtu = DEFAULT_MTU, mac = trunkMac(deviceMac, trunk) } = device;
  const pair = makePair(netlink, trunk, mac);
  setSysctls(trunk);
  const { name } = pair.outer;
  if (pair.inner.mtu !== mtu)
    check(native.linkSet(netlink, innerName(trunk), undefined, undefined, undefined, mtu), `${name}: MTU ${mtu}`);
  if (pair.outer.mtu !== mtu)
    check(native.linkSet(netlink, name, undefined, undefined, undefined, mtu), `${name}: MTU ${mtu}`);
  if (pair.outer.mac !== mac)
    check(native.linkSet(netlink, name, undefined, undefined, mac, undefined), `${name}: MAC address`);
  check(native.linkSet(netlink, name, undefined, alias, undefined, undefined), `${name}: alias`);
  return pair;
}

/** Carrier of the trunk: the admin state of its inner end. */
export function setCarrier(netlink: Netlink, trunk: number, on: boolean): void {
  check(
    addon().linkSet(netlink, innerName(trunk), on, undefined, undefined, undefined),
    `${trunkName(trunk)}: carrier`,
  );
}

export const isUp = (link: KernelLink): boolean => (link.flags & IFF_UP) !== 0;

export function setUp(netlink: Netlink, link: KernelLink): void {
  check(addon().linkSet(netlink, link.name, true, undefined, undefined, undefined), `${link.name}: up`);
}

/** Removes the devices of trunks, all at once; what is not ours stays. */
export function removeDevices(netlink: Netlink, trunks: Iterable<number>): void {
  const native = addon();
  for (const trunk of trunks) {
    const inner = findLink(netlink, innerName(trunk));
    if (inner && isOurs(inner)) native.linkGroup(netlink, inner.index, LEAVING_GROUP);
  }
  native.linkRemoveGroup(netlink, LEAVING_GROUP);
}
