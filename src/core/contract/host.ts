import type { Mac } from "../base/address.js";
import type { OutgoingDatagram } from "../base/datagram.js";
import type { Digests } from "../base/digests.js";
import type { IpAddress } from "../base/ip-address.js";
import type { EntryRows } from "../base/neighbours/entry-rows.js";
import type { NeighbourService } from "../base/neighbours/tables.js";
import type { InterfaceIndex, Outgoing, StreamEndpoint } from "../base/protocol.js";
import type { NetworkWish } from "./desired/network.js";
import type { HashProfile } from "./desired/trunk.js";
import type { PacedCounts, PacedNumbers, SteadySession } from "./pacing.js";

/** What the machine says of one Linux interface. An interface is known by its index while it lives. */
export interface LinkState {
  readonly index: InterfaceIndex;
  /** Linux name, e.g. `eth2`. */
  readonly name: string;
  /** False in the last report, when the interface is gone. */
  readonly present: boolean;
  /** Of one that is gone: where to, when the kernel said it. */
  readonly fate?: "deleted" | "moved" | undefined;
  /** Administratively up. */
  readonly up: boolean;
  readonly carrier: boolean;
  readonly mac: Mac;
  readonly mtu: number;
  /** Mbit/s as ethtool says, of real NICs only; 0 for a veth and where it is not known. */
  readonly speed: number;
  /** The bridge it is a port of, or another master. */
  readonly master?: InterfaceIndex | undefined;
  /** Of a VLAN, macvlan or ipvlan: the interface under it. */
  readonly parent?: InterfaceIndex | undefined;
}

/** An address of this host. */
export interface AddressState {
  readonly index: InterfaceIndex;
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** False in the last report, when it is gone. */
  readonly present: boolean;
}

/** A wish about an interface; what is left out stays as it is. */
export interface InterfaceWish {
  readonly device: string;
  readonly up?: boolean;
  readonly alias?: string;
}

/** An Eth-Trunk as a network device: what users see, bridge and put addresses on. */
export interface TrunkDevice {
  readonly trunk: number;
  readonly hash: HashProfile;
  /** Undefined: a locally administered address made from the device MAC and the trunk's ID. */
  readonly mac: Mac | undefined;
  readonly mtu: number | undefined;
  readonly alias: string | undefined;
  /** The whole list; undefined leaves them as they are. */
  readonly subInterfaces?: readonly TrunkSubInterface[];
}

/** A device whose frames bear a tag on the trunk. Where the kernel has 802.1Q devices it is one of those. */
export interface TrunkSubInterface {
  readonly vlan: number;
  /** Linux name, e.g. `eth-trunk1.10`. */
  readonly device: string;
}

export interface TrunkShare {
  readonly index: InterfaceIndex;
  readonly weight: number;
}

/** Frames and octets since the device exists. */
export interface TrafficCounters {
  readonly framesReceived: number;
  readonly framesSent: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Arrived on a member that does not collect. */
  readonly framesDropped: number;
}

/** The data plane of the Eth-Trunks. Calls act at once and have no result; what fails is told as an input. */
export interface Forwarding {
  /** What `action` asks for acts at its end at the latest: a data plane whose changes are slow makes one of them. */
  together(action: () => void): void;
  /**
   * Makes the device, or changes it where it exists; one left by an earlier process goes on without losing a frame. Sub-interfaces
   * may come later, some in each turn.
   */
  create(device: TrunkDevice): void;
  /** A member joins: neither collecting nor distributing yet, unless an earlier process left it so. */
  attach(trunk: number, member: InterfaceIndex): void;
  /** A member leaves and gets back what was changed on it. */
  detach(trunk: number, member: InterfaceIndex): void;
  /** Which members send, with what share; an empty list sends nothing. */
  setDistribution(trunk: number, shares: readonly TrunkShare[]): void;
  /** Whether frames that arrive on a member reach the trunk. */
  setCollecting(trunk: number, member: InterfaceIndex, on: boolean): void;
  setCarrier(trunk: number, on: boolean): void;
  /** As they were read last; undefined where they cannot be read, as those of a member. */
  counters(trunk: number): TrafficCounters | undefined;
  memberCounters(trunk: number, member: InterfaceIndex): TrafficCounters | undefined;
  /** Removes device, hooks and maps, and restores the members. */
  destroy(trunk: number): void;
  /** Compares all of a trunk with what was told; what differs comes as the input `drift`. Changes nothing. */
  compare(trunk: number): void;
  /** Puts back what differs, and makes again what was refused; what then still differs is refused. */
  repair(trunk: number): void;
  /** Until here calls were noted; what they say takes the place of what an earlier process left, without losing a frame. */
  commit(): void;
}

/** Addresses, interfaces other than trunks, the bridge and routes. Each call is told the whole of what shall be. */
export interface Network {
  /** Takes back what is no longer wished of interfaces; before trunks and members change, who keep what they find. `apply` follows. */
  prepare(wish: NetworkWish): void;
  /** Changes what differs, some of it in each turn of the event loop. */
  apply(wish: NetworkWish): void;
}

/** What a Flush empties. */
export interface FlushScope {
  /** The bridge whose ports these are; undefined where they are ports of none. */
  readonly bridge: InterfaceIndex | undefined;
  readonly ports: readonly InterfaceIndex[];
  readonly vlans: readonly number[] | "all";
  /** Sub-interfaces and Vlanif of the configuration on them in these VLANs, whatever the kernel made them of. */
  readonly above: readonly InterfaceIndex[];
}

/** The kernel's tables. Calls act at once and have no result. */
export interface Tables {
  /**
   * Dynamic entries of the forwarding database go, static and externally learned ones stay; ARP and ND entries are probed
   * rather than forgotten.
   */
  flush(scope: FlushScope): void;
}

/** A piece of what the kernel has of a service on an interface. */
export interface ListedNeighbours {
  readonly index: InterfaceIndex;
  readonly service: NeighbourService;
  /** As base/neighbours/entry-rows.ts has them. */
  readonly rows: { readonly bytes: DataView; readonly start: number; readonly length: number };
  /** There are no more. */
  readonly isLast: boolean;
}

/** The kernel's ARP and ND entries with our mark, externally learned (`ip neigh show proto 190`). Calls act at once and have no result. */
export interface Neighbours {
  /** Puts in and takes away entries. The rows are reused. */
  change(rows: EntryRows): void;
  /** Asks for what the kernel has of a service on an interface: it comes in pieces as the input `kernel-neighbours`. */
  list(index: InterfaceIndex, service: NeighbourService): void;
}

/** Frames a protocol wants. What is left out matches every frame; slow protocols come in without being asked for. */
export interface FrameFilter {
  /** Destination MAC address; a group is joined on the interface. */
  readonly destination?: Mac;
  /** EtherType, behind at most one 802.1Q tag; `802.3` where a length stands in its place. */
  readonly type?: number | "802.3";
  /** Type of an ICMPv6 message right behind the IPv6 header of an untagged frame. */
  readonly icmpv6?: number;
}

/** A Linux interface that is a member of a trunk. */
export interface MemberLink {
  readonly index: InterfaceIndex;
  readonly name: string;
}

/** Frames over AF_PACKET or pcap. */
interface Link {
  /** Slow protocol frames of exactly these interfaces are heard, and their carrier is watched; what was refused is tried again. */
  listen(members: readonly MemberLink[]): void;
  send(out: Outgoing): void;
}

/** Taps hear frames before a bridge or the data plane takes or drops them; they come in like any other frame. */
export interface Taps {
  /**
   * Frames that pass the filter are wanted from these interfaces and no others; what is wanted by other filters stays. Of a
   * frame at most the first 900 octets come in.
   */
  listen(filter: FrameFilter, interfaces: readonly InterfaceIndex[]): void;
}

/** A UDP socket: bound to one address of this host and one port. */
export interface DatagramEndpoint {
  readonly source: IpAddress;
  readonly port: number;
  /** VRF device it is bound to. */
  readonly vrf: string | undefined;
  /** Interface on which the group `source` is joined. */
  readonly group?: InterfaceIndex | undefined;
  /** Who is expected to speak to it: in a flood of others these are still heard. Undefined: anybody. */
  readonly peers?: readonly ExpectedSender[];
}

/** What can be told of a peer's datagram by who has no key. */
export interface ExpectedSender {
  readonly address: IpAddress;
  readonly leastTtl: number;
  /** Octets at an offset of its next datagrams, a multiple of 4, that others than the peer have to guess; undefined: none is known. */
  readonly known?: { readonly offset: number; readonly octets: Uint8Array } | undefined;
}

/** E-Trunk hellos and BFD. An address that is not on this host yet is waited for. */
export interface Datagrams {
  /** Again for an endpoint that is open: its peers are now these. */
  listen(endpoint: DatagramEndpoint): void;
  close(endpoint: DatagramEndpoint): void;
  /** False: it did not leave. Counters are all that may depend on it. */
  send(out: OutgoingDatagram): boolean;
}

/** Connections of others than the peer, which are closed at once. */
export interface Strangers {
  readonly count: number;
  readonly last: string | undefined;
}

/** Streams of octets over TCP. Connections have numbers of the machine's, none of which comes again. */
export interface Streams {
  /** Takes connections of the peer and of nobody else, until `ignore`. Each comes as the input `stream-opened`. */
  listen(endpoint: StreamEndpoint): void;
  ignore(endpoint: StreamEndpoint): void;
  /** One attempt, which ends as the input `stream-opened`, as `stream-closed` without a connection, or by `giveUp`. */
  connect(endpoint: StreamEndpoint): void;
  giveUp(endpoint: StreamEndpoint): void;
  /** False: what waits is enough until the input `stream-writable`. The octets were taken all the same. */
  send(connection: number, octets: DataView): boolean;
  /** What was sent still leaves. Nothing is told of the connection any more. */
  close(connection: number): void;
  strangers(endpoint: StreamEndpoint): Strangers;
}

/** Fast BFD: a thread that sends and watches while this process may be paused. */
export interface Pacer {
  /** False: a machine without one; the engine itself sends and watches for every session. */
  readonly works: boolean;
  /** A session that is paced already goes on with this, from its last packet on; different content is sent at once. */
  pace(steady: SteadySession, numbers: PacedNumbers): void;
  /** What it counted; undefined when it did not pace the session. */
  release(session: number): PacedCounts | undefined;
  /** What it has counted so far. */
  counts(session: number): PacedCounts | undefined;
  /** The sequence number of a packet that the engine signs for a paced session; undefined when it does not pace it. */
  nextNumber(session: number): number | undefined;
}

/** What has to be known after a kill at any moment: it is kept when these return, so before anybody is told. */
export interface KillProof {
  keep(name: string, text: string): void;
  /** Roles or sides in the checkpoint are not what they were. */
  keepCheckpoint(): void;
}

/**
 * Everything the engine asks of the machine it runs on. A send has no result but for counters, and a dead link comes
 * back as an input. When a send returns the bytes are gone or copied.
 */
export interface Host {
  readonly link: Link;
  readonly forwarding: Forwarding;
  readonly network: Network;
  readonly taps: Taps;
  readonly tables: Tables;
  readonly neighbours: Neighbours;
  readonly datagrams: Datagrams;
  readonly streams: Streams;
  readonly pacer: Pacer;
  readonly digests: Digests;
  readonly interfaces: { set(wish: InterfaceWish): void };
  readonly store: KillProof;
}
