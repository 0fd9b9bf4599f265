import type { Mac } from "../../core/base/address.js";
import { atOnce, type Steps } from "../../core/base/steps.js";
import type { NetworkInterface, NetworkWish, PortVlans } from "../../core/contract/desired/network.js";
import type { Network } from "../../core/contract/host.js";
import { asked } from "../answer.js";
import { type DeviceKinds, deviceAddon } from "../native/device.js";
import type { KernelLink } from "../native/link.js";
import { type Netlink, netlinkAddon } from "../native/netlink.js";
import { Refusals, type TellRefusal } from "../refusals.js";
import { Slices } from "../slices.js";
import { systemError } from "../system-error.js";
import { type ChangeProblem, InterfaceChanges, type Wishes } from "../undo/changes.js";
import { wantedVlansText } from "../undo/port-vlans.js";
import type { RecordStore } from "../undo/record-store.js";
import { Addresses, wantedAddresses } from "./addresses.js";
import { ConnectedRoutes } from "./connected-routes.js";
import { isVlanDevice, MadeDevices, vlanifPort } from "./devices.js";
import { Links } from "./links.js";
import type { NetworkRecord } from "./record.js";
import type { NoteRefusal } from "./refusal.js";
import { RouteWatch } from "./route-watch.js";
import { Routes } from "./routes.js";
import { Standing } from "./standing.js";

/** Subject of a refusal without which nothing can be done: the kernel does not list what there is. */
const WHOLE = "network of this host";

/** Interfaces whose settings are changed in one step; afterwards all links are listed anew. */
const AT_ONCE = 32;

export interface NetworkOptions {
  readonly deviceMac: Mac;
  readonly record: RecordStore<NetworkRecord>;
  /** Somebody changed these since the last `apply`, as `eth1: address 10.0.0.1/24`; they were put back. */
  changed(subjects: readonly string[]): void;
  /** Somebody took away a route that was added here: ask for all of it anew. */
  routeGone(): void;
  /** The kernel does not let something be: an address, a route, a device, a setting. Told once for each `prepare` and `apply`. */
  readonly refused: TellRefusal<string>;
}

/** The network of this host by rtnetlink and sysctl. Needs CAP_NET_ADMIN. */
export function openNetwork(options: NetworkOptions): LinuxNetwork {
  const netlink = netlinkAddon().netlinkOpen();
  if (typeof netlink === "number") throw systemError("rtnetlink socket", -netlink);
  return new LinuxNetwork(netlink, options);
}

/**
 * Brings addresses, Layer 2 mode, sub-interfaces and routes to what is wished, when it is asked. What it adds bears a mark,
 * what it changes on interfaces of others is recorded: that and no more is undone, by this process or the next. One etrunkd
 * for each network namespace. A host of many interfaces takes it long, so it works in slices of the event loop.
 */
export class LinuxNetwork implements Network {
  readonly #options: NetworkOptions;
  readonly #netlink: Netlink;
  readonly #kinds: DeviceKinds;
  readonly #devices: MadeDevices;
  readonly #changes: InterfaceChanges;
  readonly #addresses: Addresses;
  readonly #connected: ConnectedRoutes;
  readonly #routes: Routes;
  readonly #routeWatch: RouteWatch;
  readonly #standing = new Standing();
  readonly #refusals: Refusals<string>;
  /** What this round found to be refused: a text for each subject. */
  #found = new Map<string, string>();
  readonly #slices = new Slices();
  /** Wished since the work under way began. */
  #next: NetworkWish | undefined;
  /** The record as it was saved last, in JSON. */
  #saved: string;

  constructor(netlink: Netlink, options: NetworkOptions) {
    const refused: NoteRefusal = (subject, text) => void this.#found.set(subject, text);
    const recorded = options.record.load() ?? { changed: [], addresses: [] };
    this.#options = options;
    this.#saved = JSON.stringify(recorded);
    this.#netlink = netlink;
    this.#refusals = new Refusals(options.refused, (subject) => subject);
    this.#kinds = deviceAddon().deviceKinds(netlink);
    this.#devices = new MadeDevices({
      netlink,
      kinds: this.#kinds,
      deviceMac: options.deviceMac,
      refused,
      look: this.#standing.look,
    });
    this.#changes = new InterfaceChanges({ netlink, recorded: recorded.changed, save: () => this.#saveNow() });
    this.#addresses = new Addresses(netlink, recorded.addresses, refused, this.#standing.look);
    this.#connected = new ConnectedRoutes(netlink, refused, this.#standing.look);
    this.#routes = new Routes(netlink, refused, this.#standing.look);
    this.#routeWatch = new RouteWatch(() => options.routeGone());
  }

  /** Takes back what is no longer wished of interfaces, before they become something else. An `apply` must follow. */
  prepare(wish: NetworkWish): void {
    this.#end();
    if (this.#changes.isEmpty) return;
    this.#round(() => {
      const links = new Links(this.#netlink);
      this.#note(this.#changes.undo(this.#wishes(wish, links), links));
    });
    // Only a part was asked for, so what is not refused here may still be.
    for (const [subject, text] of this.#found) this.#refusals.answered(subject, text);
  }

  /** Brings everything to what is wished, in slices, from the next turn of the event loop on. */
  apply(wish: NetworkWish): void {
    this.#next = wish;
    // What is under way is not begun anew, for links that keep changing would keep it from its end.
    if (!this.#slices.has(this)) this.#slices.beginSoon(this, this.#work());
  }

  /** Resolves when everything that is wished has been asked for. */
  settled(): Promise<void> {
    return this.#slices.idle();
  }

  /** Leaves for good: what was made goes, the rest is as it was found. Returns what could not be undone, each in one line. */
  leave(): string[] {
    this.#end();
    this.#round(() => {
      const links = new Links(this.#netlink);
      this.#routes.apply([]);
      atOnce(this.#addresses.apply([], links, () => {}));
      this.#note(this.#changes.undo(new Map(), links));
      this.#devices.removeAll();
    });
    this.#options.record.save(this.#record());
    this.#close();
    return [...this.#found].map(([subject, text]) => `${subject}: ${text}`);
  }

  /** Stops for a restart: everything stays. */
  release(): void {
    this.#end();
    this.#close();
  }

  #close(): void {
    netlinkAddon().netlinkClose(this.#netlink);
    this.#routeWatch.close();
  }

  /** What is under way goes no further. */
  #end(): void {
    this.#next = undefined;
    this.#slices.end(this);
  }

  #round(action: () => void): void {
    this.#found = new Map();
    const { refusal } = asked(action);
    if (refusal !== undefined) this.#found.set(WHOLE, refusal);
  }

  #note(problems: readonly ChangeProblem[]): void {
    for (const { link, what, error } of problems) this.#found.set(`${link.name}: ${what}`, error.message);
  }

  #record(): NetworkRecord {
    return { changed: this.#changes.record(), addresses: this.#addresses.record() };
  }

  #saveNow(): void {
    const record = this.#record();
    this.#options.record.saveNow(record);
    this.#saved = JSON.stringify(record);
  }

  #saveChanged(): void {
    const record = this.#record();
    const text = JSON.stringify(record);
    if (text === this.#saved) return;
    this.#options.record.save(record);
    this.#saved = text;
  }

  *#work(): Steps<void> {
    const wish = this.#next;
    if (wish === undefined) return;
    this.#next = undefined;
    this.#found = new Map();
    this.#standing.begin();
    try {
      yield* this.#bring(wish);
    } catch (error) {
      this.#found.set(WHOLE, (error as Error).message);
    }
    this.#refusals.answeredAll(this.#found);
    const changed = this.#standing.end(this.#found.keys());
    if (changed.length > 0) this.#options.changed(changed);
    this.#saveChanged();
    // In a later turn, for a refusal that is over in the turn that tells of it is told to nobody.
    if (this.#next !== undefined) this.#slices.beginSoon(this, this.#work());
  }

  *#bring(wish: NetworkWish): Steps<void> {
    const links = new Links(this.#netlink);
    yield* this.#devices.apply(wish, links);
    yield* this.#devices.dress(wish, links);
    const changes = this.#wishes(wish, links);
    yield;
    this.#note(this.#changes.undo(changes, links));
    yield;
    const all = [...changes];
    for (let at = 0; at < all.length; at += AT_ONCE) {
      this.#change(new Map(all.slice(at, at + AT_ONCE)), links);
      yield;
    }
    const wanted = wish.interfaces.flatMap((each) => {
      const { link, isLoopback } = this.#linkOf(each, links);
      return link === undefined ? [] : [wantedAddresses(each, link, isLoopback)];
    });
    yield;
    yield* this.#addresses.apply(wanted, links, () => this.#saveNow());
    yield;
    this.#connected.apply(wanted, links);
    yield;
    this.#routes.apply(wish.routes);
  }

  #change(wishes: ReadonlyMap<number, Wishes>, links: Links): void {
    const differing = new Set<string>();
    const subjectOf = ({ name }: KernelLink, what: string) => `${name}: ${what}`;
    this.#note(this.#changes.apply(wishes, links, (link, what) => differing.add(subjectOf(link, what))));
    for (const [index, settings] of wishes) {
      const link = links.at(index);
      if (link === undefined) continue;
      for (const [what, value] of settings) {
        const subject = subjectOf(link, what);
        this.#standing.look(subject, !differing.has(subject), value);
      }
    }
  }

  /** What is to change of interfaces, by interface index. */
  #wishes(wish: NetworkWish, links: Links) {
    const changes = this.#layer2(wish, links);
    for (const each of wish.interfaces) {
      const { link, isLoopback } = this.#linkOf(each, links);
      if (link === undefined) continue;
      const own = changes.get(link.index) ?? new Map<string, string>();
      changes.set(link.index, own);
      for (const [what, value] of changesOf(each, isLoopback)) own.set(what, value);
    }
    return changes;
  }

  /** A loopback interface is `lo` where the kernel has no dummy devices. */
  #linkOf({ device, made }: NetworkInterface, links: Links): { link: KernelLink | undefined; isLoopback: boolean } {
    const isLoopback = made?.kind === "loopback" && !this.#kinds.dummy;
    return { link: links.named(isLoopback ? "lo" : device), isLoopback };
  }

  /** The bridge and its ports: what is to change of them. */
  #layer2({ bridge, interfaces }: NetworkWish, links: Links) {
    const changes = new Map<number, Map<string, string>>();
    const master = bridge && links.named(bridge.device);
    if (bridge === undefined || master?.kind !== "bridge") return changes;
    const own = new Map<string, string>();
    changes.set(master.index, own);
    if (this.#kinds.vlanFiltering) own.set("filtering", "true");
    // The host is in the VLANs where it has a Vlanif, and nowhere else.
    if (this.#devices.isOurs(master)) own.set("ipv6/conf/*/disable_ipv6", "1");
    const join = (device: string, vlans: PortVlans) => {
      const link = links.named(device);
      if (link === undefined) return;
      const wishes = new Map([
        ["ipv6/conf/*/disable_ipv6", "1"],
        ["master", String(master.index)],
      ]);
      if (this.#kinds.vlanFiltering) wishes.set("vlans", wantedVlansText(vlans));
      changes.set(link.index, wishes);
    };
    for (const { device, vlans } of bridge.ports) join(device, vlans);
    for (const { device, made } of interfaces) {
      if (made?.kind !== "vlanif") continue;
      if (!isVlanDevice(made.vlan, bridge, this.#kinds)) join(vlanifPort(device), { untagged: made.vlan, tagged: [] });
      else if (this.#kinds.vlanFiltering) own.set(`self-vlan/${made.vlan}`, "true");
    }
    return changes;
  }
}

/** On an interface that was made here its MAC address and MTU are set with it. */
function* changesOf(wish: NetworkInterface, isLoopback: boolean): Generator<readonly [what: string, value: string]> {
  const { mac, mtu, made, ipv6, ipv6Mtu, linkLocal, isShared } = wish;
  if (isLoopback) yield ["up", "true"];
  if (made === undefined && mac !== undefined) yield ["mac", String(mac)];
  if (made === undefined && mtu !== undefined) yield ["mtu", String(mtu)];
  if (isShared) yield* SHARED;
  if (linkLocal !== undefined) yield ["ipv6/conf/*/addr_gen_mode", "1"];
  if (ipv6) yield ["ipv6/conf/*/disable_ipv6", "0"];
  if (ipv6Mtu !== undefined) yield ["ipv6/conf/*/mtu", String(ipv6Mtu)];
}

/** Two devices bear the same addresses, and whichever takes over has to speak at once. */
const SHARED: readonly (readonly [path: string, value: string])[] = [
  ["ipv6/conf/*/accept_dad", "0"],
  ["ipv6/conf/*/dad_transmits", "0"],
  ["ipv4/conf/*/arp_evict_nocarrier", "0"],
  ["ipv6/conf/*/ndisc_evict_nocarrier", "0"],
];
