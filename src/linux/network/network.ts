import type { Mac } from "../../core/base/address.js";
import type { NetworkInterface, NetworkWish, PortVlans } from "../../core/contract/desired/network.js";
import type { LinkState, Network } from "../../core/contract/host.js";
import { type DeviceKinds, deviceAddon } from "../native/device.js";
import type { KernelLink } from "../native/link.js";
import { type Netlink, netlinkAddon } from "../native/netlink.js";
import { systemError } from "../system-error.js";
import { type ChangeProblem, InterfaceChanges } from "../undo/changes.js";
import { wantedVlansText } from "../undo/port-vlans.js";
import type { RecordStore } from "../undo/record-store.js";
import { Addresses, wantedAddresses } from "./addresses.js";
import { isVlanDevice, MadeDevices, vlanifPort } from "./devices.js";
import { Links } from "./links.js";
import type { NetworkRecord } from "./record.js";
import { Routes } from "./routes.js";

const NOTHING: NetworkWish = { interfaces: [], bridge: undefined, routes: [] };

/** Least time between two looks at what others changed, in milliseconds. */
const PAUSE = 50;

export interface NetworkOptions {
  readonly deviceMac: Mac;
  readonly record: RecordStore<NetworkRecord>;
  /** What could not be done, in one line; told once while it lasts. */
  failed(text: string): void;
}

/** The network of this host by rtnetlink and sysctl. Needs CAP_NET_ADMIN. */
export function openNetwork(options: NetworkOptions): LinuxNetwork {
  const netlink = netlinkAddon().netlinkOpen();
  if (typeof netlink === "number") throw systemError("rtnetlink socket", -netlink);
  return new LinuxNetwork(netlink, options);
}

/**
 * Brings addresses, Layer 2 mode, sub-interfaces and routes to what was wished, again and again as interfaces come and
 * go. What it adds bears a mark, what it changes on interfaces of others is recorded: that and no more is undone, by this
 * process or the next. One etrunkd for each network namespace.
 */
export class LinuxNetwork implements Network {
  readonly #options: NetworkOptions;
  readonly #netlink: Netlink;
  readonly #kinds: DeviceKinds;
  readonly #devices: MadeDevices;
  readonly #changes: InterfaceChanges;
  readonly #addresses: Addresses;
  readonly #routes: Routes;
  #wish: NetworkWish | undefined;
  /** What was told and still stands, and what this round found. */
  #told: ReadonlySet<string> = new Set();
  #problems = new Set<string>();
  readonly #seen = new Map<number, LinkState>();
  #timer: NodeJS.Timeout | undefined;

  constructor(netlink: Netlink, options: NetworkOptions) {
    const failed = (text: string) => this.#problem(text);
    const recorded = options.record.load() ?? { changed: [], addresses: [] };
    this.#options = options;
    this.#netlink = netlink;
    this.#kinds = deviceAddon().deviceKinds(netlink);
    this.#devices = new MadeDevices(netlink, this.#kinds, options.deviceMac, failed);
    this.#changes = new InterfaceChanges({ netlink, recorded: recorded.changed, save: () => this.#saveNow() });
    this.#addresses = new Addresses(netlink, recorded.addresses, failed);
    this.#routes = new Routes(netlink, failed);
  }

  /** Takes back what is no longer wished of interfaces, before they become something else. */
  prepare(wish: NetworkWish): void {
    const before = this.#told;
    this.#round(() => {
      const links = new Links(this.#netlink);
      this.#tell(this.#changes.undo(this.#wishes(wish, links), links));
    });
    // This was no look at the whole.
    this.#told = new Set([...before, ...this.#told]);
  }

  apply(wish: NetworkWish): void {
    this.#wish = wish;
    this.refresh();
  }

  /** An interface changed: what is wished of it may be due. Its carrier and its speed are of no concern. */
  linkChanged(link: LinkState): void {
    const before = this.#seen.get(link.index);
    if (link.present) this.#seen.set(link.index, link);
    else this.#seen.delete(link.index);
    if (before === undefined || CONCERNING.some((field) => before[field] !== link[field])) this.#refreshSoon();
  }

  /** An address came or went: a gateway may have become a neighbour. */
  addressChanged(): void {
    if (this.#wish !== undefined && this.#wish.routes.length > 0) this.#refreshSoon();
  }

  #refreshSoon(): void {
    if (this.#wish === undefined) return;
    this.#timer ??= setTimeout(() => this.refresh(), PAUSE);
  }

  /** Brings everything to what was wished, at once. */
  refresh(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#wish !== undefined) this.#round(() => this.#bring(this.#wish ?? NOTHING));
  }

  /** Leaves for good: what was made goes, the rest is as it was found. */
  leave(): void {
    this.#stop();
    this.#round(() => {
      const links = new Links(this.#netlink);
      this.#routes.apply([]);
      this.#addresses.apply([], links, () => {});
      this.#tell(this.#changes.undo(new Map(), links));
      this.#devices.removeAll();
    });
    this.#options.record.save(this.#record());
    netlinkAddon().netlinkClose(this.#netlink);
  }

  /** Stops for a restart: everything stays. */
  release(): void {
    this.#stop();
    netlinkAddon().netlinkClose(this.#netlink);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#wish = undefined;
  }

  /** What stands in the way is told when it begins to. */
  #round(action: () => void): void {
    this.#problems = new Set();
    try {
      action();
    } catch (error) {
      this.#problem((error as Error).message);
    }
    const before = this.#told;
    this.#told = this.#problems;
    for (const text of this.#problems) if (!before.has(text)) this.#options.failed(text);
  }

  #problem(text: string): void {
    this.#problems.add(text);
  }

  #tell(problems: readonly ChangeProblem[]): void {
    for (const { link, what, error } of problems) this.#problem(`${link.name}: ${what}: ${error.message}`);
  }

  #record(): NetworkRecord {
    return { changed: this.#changes.record(), addresses: this.#addresses.record() };
  }

  #saveNow(): void {
    this.#options.record.saveNow(this.#record());
  }

  #bring(wish: NetworkWish): void {
    const before = JSON.stringify(this.#record());
    let links = this.#devices.apply(wish, new Links(this.#netlink));
    this.#devices.dress(wish, links);
    links = new Links(this.#netlink);
    const changes = this.#wishes(wish, links);
    this.#tell([...this.#changes.undo(changes, links), ...this.#changes.apply(changes, links)]);
    // MAC addresses may be others now, and addresses are made of them.
    links = new Links(this.#netlink);
    const wanted = wish.interfaces.flatMap((each) => {
      const { link, isLoopback } = this.#linkOf(each, links);
      return link === undefined ? [] : [wantedAddresses(each, link, isLoopback)];
    });
    this.#addresses.apply(wanted, links, () => this.#saveNow());
    this.#routes.apply(wish.routes);
    if (JSON.stringify(this.#record()) !== before) this.#options.record.save(this.#record());
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

const CONCERNING = ["name", "present", "up", "mac", "mtu", "master"] as const;
