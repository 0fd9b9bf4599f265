import { createRequire } from "node:module";

/**
 * The N-API addon in `native/`. What the operating system refuses comes back as a negative errno; a TypeError or
 * RangeError means that the caller passed nonsense.
 */
export interface Addon {
  /**
   * A slot's size is a power of two, of which a few dozen octets are the kernel's; a longer frame is cut. The number of
   * slots is rounded up to whole blocks of 64 KiB. The filter is classic BPF, four numbers an instruction.
   */
  ringOpen(
    protocol: number,
    ifindex: number,
    slotSize: number,
    slots: number,
    filter: Uint32Array | undefined,
    readable: () => void,
  ): Ring | number;
  /** Gives the last batch back to the kernel, writes up to `most` rows of RING_ROW numbers; returns how many. */
  ringNext(ring: Ring, meta: Uint32Array, most: number): number;
  ringMember(ring: Ring, ifindex: number, group: number, join: boolean): number;
  /** Frames the kernel dropped for want of a slot since the ring was opened. */
  ringDropped(ring: Ring): number;
  /** The last errno of the socket since the last call, ENETDOWN when its interface went down; 0 for none. */
  ringError(ring: Ring): number;
  ringClose(ring: Ring): void;

  senderOpen(): Sender | number;
  send(sender: Sender, bytes: DataView | Uint8Array, start: number, length: number, ifindex: number): number;
  /** Rows of start, length, ifindex and the answer, 0 or errno; returns how many frames went out. */
  sendBatch(sender: Sender, bytes: DataView | Uint8Array, rows: Uint32Array, count: number): number;
  senderClose(sender: Sender): void;

  netlinkOpen(): Netlink | number;
  linkSet(
    netlink: Netlink,
    name: string,
    up: boolean | undefined,
    alias: string | undefined,
    mac: number | undefined,
    mtu: number | undefined,
  ): number;
  linkGet(netlink: Netlink, nameOrIndex: string | number): KernelLink | number;
  netlinkClose(netlink: Netlink): void;

  /** Both ends down; the group marks the peer, whose MTU is the greatest. */
  vethCreate(netlink: Netlink, name: string, peer: string, mac: number, group: number): number;
  linkRemove(netlink: Netlink, ifindex: number): number;
  /** Every link of a group at once. */
  linkRemoveGroup(netlink: Netlink, group: number): number;
  linkGroup(netlink: Netlink, ifindex: number, group: number): number;
  linkPromiscuous(netlink: Netlink, ifindex: number, on: boolean): number;

  /** A device of kind dummy, vlan or bridge, down. `main` and `vlan` are a VLAN device's, else 0. */
  deviceCreate(
    netlink: Netlink,
    kind: string,
    name: string,
    mac: number | undefined,
    group: number,
    main: number,
    vlan: number,
  ): number;
  /** What this kernel has; loads its modules. Nothing is seen without CAP_NET_ADMIN. */
  deviceKinds(netlink: Netlink): DeviceKinds;
  linkList(netlink: Netlink): KernelLink[] | number;
  /** Port of a bridge; 0 of none. */
  linkMaster(netlink: Netlink, ifindex: number, master: number): number;
  /** `pvid`: the VLAN that new ports and the bridge itself are in untagged, 0 for none. */
  bridgeFilter(netlink: Netlink, ifindex: number, on: boolean, pvid: number | undefined): number;
  /** `self`: the bridge itself. `flags` of PORT_VLAN. */
  portVlan(
    netlink: Netlink,
    ifindex: number,
    on: boolean,
    self: boolean,
    first: number,
    last: number,
    flags: number,
  ): number;
  /** Of every port and bridge. */
  portVlans(netlink: Netlink): KernelPortVlan[] | number;
  /** Writes the VLANs of one port into a bitmap of 512 octets; EINVAL or EOPNOTSUPP from a kernel that cannot tell. */
  portVlanSet(netlink: Netlink, port: number, set: Uint8Array): number;

  /** `flags` are IFA_F_*; the mark is IFA_PROTO, which kernels before 5.18 do not keep. */
  addressAdd(
    netlink: Netlink,
    ifindex: number,
    address: Uint8Array,
    length: number,
    flags: number,
    mark: number,
  ): number;
  addressRemove(netlink: Netlink, ifindex: number, address: Uint8Array, length: number, flags: 0, mark: 0): number;
  addressList(netlink: Netlink): KernelAddress[] | number;
  addressWatchOpen(readable: () => void): AddressEvents | number;
  /** The next address that came, changed or went; -EAGAIN when none waits, -ENOBUFS when some got lost. */
  addressWatchNext(watch: AddressEvents): KernelAddress | number;
  addressWatchClose(watch: AddressEvents): void;

  /** The mark is the protocol number; `gateways` are 1 to 16 addresses in a row. */
  routeAdd(
    netlink: Netlink,
    destination: Uint8Array,
    length: number,
    metric: number,
    mark: number,
    gateways: Uint8Array,
    replace: boolean,
  ): number;
  /** Only one with that mark. */
  routeRemove(netlink: Netlink, destination: Uint8Array, length: number, metric: number, mark: number): number;
  /** Of the main table, those with that mark. */
  routeList(netlink: Netlink, mark: number): KernelRoute[] | number;
  /** Whether it is a neighbour's address, so that it can be a gateway. */
  routeReaches(netlink: Netlink, address: Uint8Array): boolean;

  /** Loads maps and programs of a trunk; `log` gets what the verifier says when it refuses, ended by a 0. */
  planeOpen(log: Uint8Array): Plane | number;
  /** What runs at a hook goes on running. */
  planeClose(plane: Plane): void;
  /** 65 interface indexes by slot and 256 slots by bucket; the hash by number of trunk_hash. */
  planeSpread(plane: Plane, hash: number, seed: Uint32Array, ports: Uint32Array, buckets: Uint8Array): number;
  planeMember(plane: Plane, ifindex: number, slot: number, collecting: boolean, inner: number): number;
  /** Frames of a VLAN arrive at another inner end; 0 for the trunk's own. */
  planeVlan(plane: Plane, vlan: number, inner: number): number;
  planeForget(plane: Plane, ifindex: number): number;
  /** Frames and octets received, frames and octets sent, frames dropped. */
  planeCounters(plane: Plane, slot: number, counts: Float64Array): number;
  planeClear(plane: Plane, slot: number): number;
  /** Program 0 at a member, 1 at the inner end, 2 at that of a sub-interface, whose VLAN ID it gets. */
  planeHook(plane: Plane, netlink: Netlink, ifindex: number, program: number, vlan: number, name: string): number;
  /** `qdisc`: also the clsact qdisc, if nobody else uses it. */
  hookRemove(netlink: Netlink, ifindex: number, qdisc: boolean): number;
  /** Whether there is a clsact or ingress qdisc. */
  hookQdisc(netlink: Netlink, ifindex: number): boolean;

  /** Dynamic entries of a bridge's port, of one VLAN or for 0 of all. EINVAL or EOPNOTSUPP from a kernel before 5.19. */
  fdbFlush(netlink: Netlink, bridge: number, port: number, vlan: number): number;
  /** The same one by one, of any set of VLANs (a bitmap of 512 octets) and on any kernel; returns how many. */
  fdbSweep(netlink: Netlink, bridge: number, port: number, vlans: Uint8Array | undefined): number;
  /** Probes ARP and ND entries of an interface, so many at once and the others at their next use; returns how many. */
  neighbourProbe(netlink: Netlink, ifindex: number, most: number): number;
  /** Writes rows of ifindex and VLAN of the VLAN devices on an interface; returns how many there are. */
  vlanDevices(netlink: Netlink, ifindex: number, rows: Uint32Array): number;

  watchOpen(readable: () => void): Watch | number;
  /** What is new, oldest first; undefined when nothing waits. */
  watchNext(watch: Watch): KernelLink | CarrierAnswer | DumpMark | undefined;
  watchPoll(watch: Watch, indexes: Uint32Array): number;
  watchClose(watch: Watch): void;

  /** Addresses have 16 octets, IPv4 as v4-mapped. `device`: a VRF or interface, empty for none. */
  udpOpen(address: Uint8Array, port: number, device: string, readable: () => void): Udp | number;
  /** One batch: a slot of `bytes` and a row of UDP_ROW numbers each. How many came; negative errno. */
  udpNext(udp: Udp, bytes: Uint8Array, slot: number, rows: Uint32Array): number;
  /** An unspecified source and interface 0 are the kernel's choice. */
  udpSend(
    udp: Udp,
    bytes: DataView | Uint8Array,
    start: number,
    length: number,
    source: Uint8Array,
    destination: Uint8Array,
    port: number,
    ttl: number,
    trafficClass: number,
    ifindex: number,
  ): number;
  /** From now on only these addresses are heard, 16 octets each and of the socket's family; none: everybody. */
  udpAdmit(udp: Udp, addresses: Uint8Array): number;
  /** Datagrams the kernel dropped because nobody read them in time, or because it was not admitted. */
  udpDropped(udp: Udp): number;
  udpClose(udp: Udp): void;

  pacerOpen(readable: () => void): BfdPacer | number;
  /** The number of an endpoint, which receives at this port whatever the address and sends from any port. */
  pacerListen(pacer: BfdPacer, port: number, ipv4: boolean, device: string): number;
  pacerUnlisten(pacer: BfdPacer, endpoint: number): void;
  pacerJoin(pacer: BfdPacer, endpoint: number, group: Uint8Array, ifindex: number, join: boolean): number;
  /** PACER_NUMBERS numbers; a packet of 24 octets. */
  pacerPace(
    pacer: BfdPacer,
    numbers: Float64Array,
    packet: Uint8Array,
    source: Uint8Array,
    destination: Uint8Array,
  ): number;
  /** Received, sent, longest silence in microseconds; false when it does not pace the session. */
  pacerCounts(pacer: BfdPacer, discriminator: number, counts: Float64Array): boolean;
  pacerRelease(pacer: BfdPacer, discriminator: number, counts: Float64Array): boolean;
  /** Turns, worst lateness in microseconds since the last call, reports lost, send errors, kernel drops, sessions. */
  pacerStats(pacer: BfdPacer, counts: Float64Array): void;
  /** Of the numbers the first eight. */
  pacerSend(
    pacer: BfdPacer,
    bytes: DataView | Uint8Array,
    start: number,
    length: number,
    numbers: Float64Array,
    source: Uint8Array,
    destination: Uint8Array,
  ): number;
  /** A slot of PACER_SLOT octets and a row of PACER_ROW numbers each. How many; negative errno. */
  pacerNext(pacer: BfdPacer, bytes: Uint8Array, rows: Uint32Array): number;
  pacerClose(pacer: BfdPacer): void;

  channelOpen(readable: () => void): Channel | number;
  channelRead(channel: Channel, bytes: Uint8Array): number;
  channelClose(channel: Channel): void;

  /** CLOCK_MONOTONIC in microseconds. */
  now(): number;
  /** The effective capabilities as a number: bit n is capability n. */
  capabilities(): number;
  /** Moves this thread into the network namespace of a path or process; sockets that are open stay where they are. */
  setns(pathOrPid: string | number): number;

  notify(path: string, text: string): number;
  lock(descriptor: number): number;
  /** 0, or -EADDRINUSE while another process of this network namespace has the name. */
  holdName(name: string): number;
}

/** A receive ring. `buffer` is the map the kernel writes to; closing the ring empties it. */
export interface Ring {
  readonly kind: "ring";
  readonly buffer: ArrayBuffer;
}
export interface Sender {
  readonly kind: "sender";
}
export interface Netlink {
  readonly kind: "netlink";
}
export interface Watch {
  readonly kind: "watch";
}
export interface AddressEvents {
  readonly kind: "address-events";
}
export interface Udp {
  readonly kind: "udp";
}
export interface BfdPacer {
  readonly kind: "pacer";
}
/** Maps and programs of one trunk. */
export interface Plane {
  readonly kind: "plane";
}
/** A message channel to a child process; `far` is the descriptor the child gets. */
export interface Channel {
  readonly kind: "channel";
  readonly far: number;
}

/** A row of ring meta: offset, captured length, original length, ifindex, VLAN ID or 0xffffffff, packet type. */
export const RING_ROW = 6;

/** A row of a datagram: start, true length, TTL, interface index, source port, source and destination of 4 words each. */
export const UDP_ROW = 13;

/**
 * What the pacer is told of a session, in this order: discriminator, hand-over, endpoint, source port, destination port,
 * TTL, traffic class, interface, interval (0: nothing is sent), least and greatest jitter per 1000, detection time, receive
 * interval, remote discriminator, least TTL. Times in microseconds.
 */
export const PACER_NUMBERS = 15;
/**
 * A row of the pacer: 1 for an expiry, start, length, TTL, interface index, source port, endpoint, discriminator,
 * hand-over, source and destination of 4 words each.
 */
export const PACER_ROW = 17;
export const PACER_SLOT = 256;

/** An interface as RTM_NEWLINK and RTM_DELLINK describe it. */
export interface KernelLink {
  readonly index: number;
  readonly name: string;
  /** IFF_* */
  readonly flags: number;
  /** 1, 0, or -1 when the kernel did not say. */
  readonly carrier: number;
  /** IF_OPER_* */
  readonly operstate: number;
  readonly mac: number;
  readonly mtu: number;
  readonly iflink: number;
  /** IFLA_GROUP; 0 when in none. */
  readonly group: number;
  /** Interface index of the bridge, or whatever it is a port of; 0 for none. */
  readonly master: number;
  /** IFLA_INFO_KIND: `veth`, `bridge`, `tun`; empty for a NIC. */
  readonly kind: string;
  /** Of a VLAN device; else 0. */
  readonly vlan: number;
  /** A bridge that filters by VLAN. */
  readonly filtering: boolean;
  readonly present: boolean;
  /** Of one that is gone: it went to another network namespace. Kernels before 4.16 do not say it. */
  readonly moved: boolean;
  /** Mbit/s of a NIC; 0 where unknown, and for whatever has a kind. */
  readonly speed: number;
}

/** What a kernel can make; `vlanFiltering` is a bridge's. */
export interface DeviceKinds {
  readonly dummy: boolean;
  readonly vlan: boolean;
  readonly bridge: boolean;
  readonly vlanFiltering: boolean;
}

/** BRIDGE_VLAN_INFO_*: frames without a tag are of this VLAN; frames of it leave without a tag. */
export const PORT_VLAN = { pvid: 2, untagged: 4 } as const;

/** A VLAN of a bridge port, or of a bridge itself. */
export interface KernelPortVlan {
  readonly index: number;
  readonly vlan: number;
  readonly flags: number;
}

export interface KernelAddress {
  readonly index: number;
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly length: number;
  /** IFA_F_* */
  readonly flags: number;
  /** IFA_PROTO; 0 where there is none. */
  readonly mark: number;
  readonly present: boolean;
}

export interface KernelRoute {
  readonly destination: Uint8Array;
  readonly length: number;
  readonly metric: number;
  /** In a row. */
  readonly gateways: Uint8Array;
}

export interface CarrierAnswer {
  readonly index: number;
  readonly carrier: number;
}

/** Around the links of a dump: one that is not in it is gone. */
export interface DumpMark {
  readonly dump: "begin" | "end";
}

const PATH = "../../native/build/Release/etrunkd.node";

function load(): Addon {
  try {
    return createRequire(import.meta.url)(PATH) as Addon;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = message.split("\n")[0];
    throw new Error(
      code === "MODULE_NOT_FOUND"
        ? "the native addon is not built: run `npm run native`"
        : `the native addon cannot be loaded (${reason}): run \`npm run native\``,
    );
  }
}

let loaded: Addon | undefined;

/** The addon, loaded when first asked for. Throws an Error of one line when it is not built or does not load. */
export function addon(): Addon {
  loaded ??= load();
  return loaded;
}
