import { constants } from "node:os";
import type { Mac } from "../../core/base/address.js";
import type { Steps } from "../../core/base/steps.js";
import type {
  MadeInterface,
  NetworkBridge,
  NetworkInterface,
  NetworkWish,
} from "../../core/contract/desired/network.js";
import { localMac } from "../local-mac.js";
import { bridgeAddon } from "../native/bridge.js";
import { type DeviceKinds, deviceAddon, MOST_MTU } from "../native/device.js";
import { IFF_UP, type KernelLink, type LinkWish, linkAddon } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { errorCode } from "../system-error.js";
import { Links } from "./links.js";
import type { NoteRefusal } from "./refusal.js";
import type { Look } from "./standing.js";

/** Group of what is made here ("EV"), given when the kernel makes it: what bears it is ours; of a pair the inner end. */
const GROUP = 0x4556;

/** A device to be made. `main` and `vlan` are a VLAN device's; `inner` is the other end of a pair. */
interface Plan {
  readonly name: string;
  readonly kind: "dummy" | "vlan" | "bridge" | "veth";
  readonly mac?: Mac;
  readonly main?: KernelLink;
  readonly vlan?: number;
  readonly inner?: string;
}

/** The inner end of a Vlanif that is a port of the bridge instead of a VLAN device on it. */
export const vlanifPort = (device: string): string => `${device}-br`;

/** What a Vlanif is: a VLAN device on the bridge where it can be, else a pair that is a port of it. */
export function isVlanDevice(vlan: number, bridge: NetworkBridge | undefined, kinds: DeviceKinds): boolean {
  if (!kinds.vlan) return false;
  // A bridge that does not filter gives frames without a tag to itself without one.
  return kinds.vlanFiltering || (bridge?.ports.every(({ vlans }) => vlans.tagged.includes(vlan)) ?? false);
}

interface MadeDevicesOptions {
  readonly netlink: Netlink;
  readonly kinds: DeviceKinds;
  readonly deviceMac: Mac;
  readonly refused: NoteRefusal;
  readonly look: Look;
}

/** Makes and removes devices: loopback interfaces, VLAN devices, Vlanif, the bridge. */
export class MadeDevices {
  readonly #native = linkAddon();
  readonly #netlink: Netlink;
  readonly #kinds: DeviceKinds;
  readonly #deviceMac: Mac;
  readonly #refused: NoteRefusal;
  readonly #look: Look;
  /** Set at the kernel last, by device. */
  readonly #aliases = new Map<string, string>();
  /** Settings of links that the kernel was asked for. */
  #sets = 0;

  constructor({ netlink, kinds, deviceMac, refused, look }: MadeDevicesOptions) {
    this.#netlink = netlink;
    this.#kinds = kinds;
    this.#deviceMac = deviceMac;
    this.#refused = refused;
    this.#look = look;
  }

  isOurs(link: KernelLink): boolean {
    return link.group === GROUP;
  }

  /** Makes what is wanted and removes what is not, in the order in which one stands on another. */
  *apply(wish: NetworkWish, links: Links): Steps<void> {
    const wanted = new Set<string>();
    yield* this.#inOneGo(this.#bridge(wish, links), links, wanted);
    yield* this.#inOneGo(this.#interfaces(wish, links), links, wanted);
    // What was made above may have taken others with it.
    const unwanted = links.all.filter((link) => this.isOurs(link) && !wanted.has(link.name));
    for (const link of unwanted) {
      this.#remove(link);
      yield;
    }
    if (unwanted.length > 0) links.changed();
  }

  /** What is there is listed once for all of them. */
  *#inOneGo(plans: readonly Plan[], links: Links, wanted: Set<string>): Steps<void> {
    let isChanged = false;
    for (const plan of plans) {
      if (this.#ensure(plan, links, wanted)) isChanged = true;
      yield;
    }
    if (isChanged) links.changed();
  }

  #bridge({ bridge }: NetworkWish, links: Links): Plan[] {
    if (bridge === undefined) return [];
    const there = links.named(bridge.device);
    if (there !== undefined && !this.isOurs(there)) {
      if (there.kind !== "bridge") this.#refused(bridge.device, "not a bridge: choose another name with vlan-bridge");
      return [];
    }
    // An address of its own: the one the kernel would choose changes with the ports.
    return [{ name: bridge.device, kind: "bridge", mac: localMac(`${this.#deviceMac} bridge ${bridge.device}`) }];
  }

  #interfaces(wish: NetworkWish, links: Links): Plan[] {
    return wish.interfaces.flatMap(({ device, made }) =>
      made === undefined ? [] : this.#plan(wish, device, made, links),
    );
  }

  #plan(wish: NetworkWish, name: string, made: MadeInterface, links: Links): Plan[] {
    switch (made.kind) {
      case "loopback":
        return this.#kinds.dummy ? [{ name, kind: "dummy" }] : [];
      case "sub-interface": {
        const main = links.named(made.main);
        // Without 802.1Q it is the data plane's; a main interface that is missing is waited for.
        return this.#kinds.vlan && main !== undefined ? [{ name, kind: "vlan", main, vlan: made.vlan }] : [];
      }
      case "vlanif": {
        const main = links.named(wish.bridge?.device ?? "");
        if (main?.kind !== "bridge") return [];
        return isVlanDevice(made.vlan, wish.bridge, this.#kinds)
          ? [{ name, kind: "vlan", main, vlan: made.vlan }]
          : [{ name, kind: "veth", inner: vlanifPort(name), mac: main.mac as Mac }];
      }
    }
  }

  /** True: the kernel was asked for a change. */
  #ensure(plan: Plan, links: Links, wanted: Set<string>): boolean {
    const { name, inner = name } = plan;
    wanted.add(inner);
    const there = links.named(name);
    const marked = links.named(inner);
    if (there !== undefined && marked !== undefined && this.isOurs(marked)) {
      const isAsPlanned = this.#isAsPlanned(there, marked, plan);
      this.#look(`interface ${name}`, isAsPlanned, JSON.stringify(plan));
      if (isAsPlanned) return false;
      this.#remove(marked);
    } else if (there !== undefined || marked !== undefined) {
      this.#refused(`interface ${there ? name : inner}`, "exists and was not made by etrunkd: remove or rename it");
      wanted.delete(inner);
      return false;
    }
    if (there === undefined && marked === undefined) this.#look(`interface ${name}`, false, JSON.stringify(plan));
    this.#aliases.delete(name);
    this.#check(this.#create(plan), `interface ${name}`);
    return true;
  }

  #isAsPlanned(there: KernelLink, marked: KernelLink, { kind, main, vlan, inner }: Plan): boolean {
    if (there.kind !== kind) return false;
    if (kind === "vlan") return there.iflink === main?.index && there.vlan === vlan;
    return inner === undefined || there.iflink === marked.index;
  }

  #create({ name, kind, mac, main, vlan = 0, inner }: Plan): number {
    if (kind === "veth") {
      const pair = { name, peer: inner ?? "", mac: mac ?? 0, group: GROUP, mtu: MOST_MTU };
      return deviceAddon().vethCreate(this.#netlink, pair);
    }
    const device = { kind, name, mac, group: GROUP, main: main?.index ?? 0, vlan };
    const made = deviceAddon().deviceCreate(this.#netlink, device);
    if (made < 0 || kind !== "bridge" || !this.#kinds.vlanFiltering) return made;
    const link = this.#native.linkGet(this.#netlink, name);
    // Nobody is in a VLAN he was not put into.
    return typeof link === "number" ? link : bridgeAddon().bridgeFilter(this.#netlink, link.index, true, 0);
  }

  #remove(link: KernelLink): void {
    this.#aliases.delete(link.name);
    const removed = this.#native.linkRemove(this.#netlink, link.index);
    // A device may go with the one it stands on.
    if (removed !== -constants.errno.ENODEV) this.#check(removed, `interface ${link.name}: removal`);
  }

  removeAll(): void {
    for (const link of new Links(this.#netlink).all) if (this.isOurs(link)) this.#remove(link);
  }

  /** Address, MTU, state and alias of what was made, sub-interfaces of the data plane too. */
  *dress({ interfaces, bridge }: NetworkWish, links: Links): Steps<void> {
    const before = this.#sets;
    const own = bridge && links.named(bridge.device);
    if (own !== undefined && this.isOurs(own)) this.#set(own, true, undefined, undefined);
    for (const wish of interfaces) {
      const link = links.named(wish.device);
      if (wish.made !== undefined && link !== undefined) this.#dressOne(wish, wish.made, link, links, bridge?.device);
      yield;
    }
    if (this.#sets !== before) links.changed();
  }

  #dressOne(
    { mac, mtu, device }: NetworkInterface,
    made: MadeInterface,
    link: KernelLink,
    links: Links,
    bridge: string | undefined,
  ): void {
    const main = links.named(made.kind === "sub-interface" ? made.main : (bridge ?? ""));
    const below = made.kind === "loopback" ? link : (main ?? link);
    const wantedMtu = mtu ?? (made.kind === "sub-interface" ? below.mtu : undefined);
    const port = made.kind === "vlanif" ? links.named(vlanifPort(device)) : undefined;
    // The port of the bridge first, or it would not take what the other end sends.
    if (port !== undefined) this.#set(port, true, undefined, wantedMtu);
    this.#set(link, made.up, mac ?? below.mac, wantedMtu);
    const alias = made.alias ?? "";
    if ((this.#aliases.get(device) ?? "") === alias) return;
    if (this.#check(this.#native.linkSet(this.#netlink, device, { alias }), `${device}: alias`))
      this.#aliases.set(device, alias);
  }

  #set(link: KernelLink, up: boolean | undefined, mac: number | undefined, mtu: number | undefined): void {
    const { name, flags } = link;
    const set = (what: string, wish: LinkWish) => {
      this.#sets++;
      this.#check(this.#native.linkSet(this.#netlink, name, wish), `${name}: ${what}`);
    };
    if (mac !== undefined && mac !== 0 && mac !== link.mac) set("MAC address", { mac });
    if (mtu !== undefined && mtu !== link.mtu) set(`MTU ${mtu}`, { mtu });
    if (up !== undefined && up !== ((flags & IFF_UP) !== 0)) set(up ? "up" : "down", { up });
  }

  #check(result: number, what: string): boolean {
    if (result < 0) this.#refused(what, errorCode(-result));
    return result >= 0;
  }
}
