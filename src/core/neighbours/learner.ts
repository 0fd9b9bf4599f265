import { isGroupMac, type Mac, NO_MAC } from "../base/address.js";
import { NO_ROW } from "../base/neighbours/change-list.js";
import type { NeighbourTable } from "../base/neighbours/table.js";
import { ARP_REPLY, type ArpFault, ArpView } from "../wire/arp.js";
import { type NeighbourFault, NeighbourView } from "../wire/neighbour-discovery.js";
import { Conflicts } from "./conflicts.js";
import { isIn, isOwnAddress, type Segment } from "./segment.js";

/** Why a sound packet taught nothing. */
type Untaught = "own" | "zero" | "group" | "foreign" | "conflict" | "room";

/** What was heard of one service. */
export interface LearnerCounters {
  received: number;
  /** Packets that are not as the standard says. */
  faulty: number;
  added: number;
  changed: number;
  readonly untaught: { [Reason in Untaught]: number };
}

const noCounters = (): LearnerCounters => ({
  received: 0,
  faulty: 0,
  added: 0,
  changed: 0,
  untaught: { own: 0, zero: 0, group: 0, foreign: 0, conflict: 0, room: 0 },
});

/** What one packet says of its sender. */
interface Lesson {
  readonly octets: Uint8Array;
  readonly mac: Mac;
  /** Undefined: as it is known. */
  readonly isRouter: boolean | undefined;
  /** An unknown host is added. */
  readonly mayAdd: boolean;
  /** A known MAC address is replaced. */
  readonly mayChange: boolean;
}

const arp = new ArpView();
const nd = new NeighbourView();

/**
 * Learns the hosts behind an interface from the frames it carries:
 *
 *   ARP  RFC 826: who sends to one of our addresses is added, who is known is changed by any packet
 *   ND   RFC 4861 7.2.3, 7.2.5: who solicits one of our addresses, or answers us, is added; advertisements change
 *
 * Never our own, the zero or a group address, nor one outside the networks of the interface.
 */
export class Learner {
  readonly counters = { arp: noCounters(), nd: noCounters() };
  readonly conflicts = new Conflicts();
  readonly #host4 = new Uint8Array(4);
  readonly #host6 = new Uint8Array(16);
  readonly #target4 = new Uint8Array(4);
  readonly #other6 = new Uint8Array(16);
  #events = 0;

  resetCounters(): void {
    Object.assign(this.counters, { arp: noCounters(), nd: noCounters() });
  }

  /** An ARP packet from its first octet on, heard at `now` (seconds). */
  arp(bytes: DataView, start: number, length: number, segment: Segment, now: number): ArpFault | undefined {
    const counters = this.counters.arp;
    counters.received++;
    const fault = arp.wrap(bytes, start, length).fault();
    if (fault !== undefined) {
      counters.faulty++;
      return fault;
    }
    if (segment.arp === undefined) return undefined;
    arp.copySender(this.#host4);
    arp.copyTarget(this.#target4);
    const isForUs = isOwnAddress(segment.ipv4, this.#target4);
    const mayAdd = isForUs && (arp.operation !== ARP_REPLY || arp.targetMac === segment.mac);
    const lesson = { octets: this.#host4, mac: arp.senderMac, isRouter: undefined, mayAdd, mayChange: true };
    this.#learn(segment.arp, segment, lesson, counters, now);
    return undefined;
  }

  /** An IPv6 packet from its header on that is a neighbour solicitation or advertisement. */
  nd(bytes: DataView, start: number, length: number, segment: Segment, now: number): NeighbourFault | undefined {
    const counters = this.counters.nd;
    nd.wrap(bytes, start, length);
    counters.received++;
    const fault = nd.fault();
    if (fault !== undefined) {
      counters.faulty++;
      return fault;
    }
    if (segment.nd === undefined) return undefined;
    const lesson = nd.isSolicitation ? this.#solicited(segment) : this.#advertised(segment, segment.nd);
    if (lesson !== undefined) this.#learn(segment.nd, segment, lesson, counters, now);
    return undefined;
  }

  #solicited(segment: Segment): Lesson | undefined {
    const mac = nd.linkLayer;
    // Who asks whether an address is free has none yet.
    if (mac === undefined) return undefined;
    nd.copySource(this.#host6);
    nd.copyTarget(this.#other6);
    const mayAdd = isOwnAddress(segment.ipv6, this.#other6);
    return { octets: this.#host6, mac, isRouter: undefined, mayAdd, mayChange: true };
  }

  #advertised(segment: Segment, table: NeighbourTable): Lesson | undefined {
    nd.copyTarget(this.#host6);
    nd.copyDestination(this.#other6);
    const { isRouter, linkLayer } = nd;
    const known = table.find(segment.vlans, this.#host6);
    // The answer to a unicast solicitation may leave the option out (RFC 4861 4.4).
    const mac = linkLayer ?? (known === NO_ROW ? undefined : table.mac(known));
    if (mac === undefined) return undefined;
    const mayAdd = nd.isSolicited && linkLayer !== undefined && isOwnAddress(segment.ipv6, this.#other6);
    return { octets: this.#host6, mac, isRouter, mayAdd, mayChange: nd.isOverride };
  }

  #learn(table: NeighbourTable, segment: Segment, lesson: Lesson, counters: LearnerCounters, now: number): void {
    const { octets, mac, mayAdd } = lesson;
    const untaught = unfit(segment, lesson);
    if (untaught !== undefined) {
      counters.untaught[untaught]++;
      return;
    }
    const row = table.find(segment.vlans, octets);
    const isKnown = row !== NO_ROW && table.hasClaim(row);
    const changes = isKnown && table.mac(row) !== mac;
    if (changes && !lesson.mayChange) return;
    if (changes && !this.#admits(segment, octets, [table.mac(row), mac], now)) {
      counters.untaught.conflict++;
      return;
    }
    const isRouter = lesson.isRouter ?? (isKnown && table.isRouter(row));
    const heard = table.hear(segment.vlans, octets, 0, { mac, isRouter }, now, mayAdd);
    if (heard === NO_ROW && mayAdd) counters.untaught.room++;
    if (heard === NO_ROW) return;
    if (!isKnown) counters.added++;
    else if (changes) counters.changed++;
  }

  #admits({ name }: Segment, octets: Uint8Array, macs: readonly [Mac, Mac], now: number): boolean {
    const admits = this.conflicts.admits({ interface: name, octets: octets.slice(), macs }, now);
    if (!admits) this.#events++;
    return admits;
  }

  /** Refused changes since the last call: alarms may differ. */
  takeConflicts(): number {
    const events = this.#events;
    this.#events = 0;
    return events;
  }
}

/** Why it must not be learned. */
function unfit({ mac: ownMac, ipv4, ipv6 }: Segment, { octets, mac }: Lesson): Untaught | undefined {
  const networks = octets.length === 4 ? ipv4 : ipv6;
  if (mac === ownMac || isOwnAddress(networks, octets)) return "own";
  if (mac === NO_MAC || octets.every((octet) => octet === 0)) return "zero";
  const first = octets[0] as number;
  if (isGroupMac(mac) || (octets.length === 4 ? first >= 224 : first === 0xff)) return "group";
  const isForeign = !networks.some((network) => isIn(network, octets));
  return isForeign || isBroadcast(networks, octets) ? "foreign" : undefined;
}

/** The first and the last address of an IPv4 network, which are no host's (RFC 1122 3.2.1.3); a /31 has none (RFC 3021). */
function isBroadcast(networks: Segment["ipv4"], address: Uint8Array): boolean {
  if (address.length !== 4) return false;
  return networks.some(({ octets, length }) => {
    if (length > 30) return false;
    const mask = 0xffffffff >>> length;
    const [own, other] = [numberOf(octets), numberOf(address)];
    const host = (other & mask) >>> 0;
    return (own & ~mask) === (other & ~mask) && (host === 0 || host === mask >>> 0);
  });
}

const numberOf = (octets: Uint8Array): number => octets.reduce((all, octet) => (all << 8) | octet, 0);
