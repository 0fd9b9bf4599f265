import type { Mac } from "../base/address.js";
import type { IpAddress } from "../base/ip-address.js";
import type { InterfaceIndex, Outgoing } from "../base/protocol.js";
import { later, type Micros, millis, NEVER } from "../base/time.js";
import { ETHERTYPE_ARP, writeGratuitousArp } from "../wire/arp.js";
import { EthernetView, ethernet } from "../wire/ethernet.js";
import { ALL_NODES_MAC, ETHERTYPE_IPV6, writeUnsolicitedAdvertisement } from "../wire/neighbour-discovery.js";

const BROADCAST = 0xffffffffffff as Mac;
/** Frames that leave at once, and the time between two such bursts (behaviour.md 7.1). */
const BURST = 1_000;
const PACE = millis(10);
/** Delays of the three announcements of an address; the first may meet a path that is not open yet. */
const AGAIN = [millis(0), millis(100), millis(500)];

/** Addresses of one interface to announce. */
export interface Announcement {
  readonly trunk: number;
  readonly reason: string;
  /**
   * Interface that sends: the trunk's, a sub-interface, or a Vlanif, whose bridge floods the frame to the trunk too.
   */
  readonly index: InterfaceIndex;
  readonly mac: Mac;
  readonly addresses: readonly IpAddress[];
}

/** What was announced of one interface. */
export interface Announced {
  readonly kind: "announced";
  readonly trunk: number;
  readonly reason: string;
  readonly count: number;
}

interface Task {
  readonly announcement: Announcement;
  readonly at: Micros;
  next: number;
}

const header = new EthernetView();

/**
 * Announcements after a takeover (behaviour.md 3.8): both PEs of an E-Trunk have the same addresses, so the network must
 * learn the new path to them.
 *
 *   IPv4  gratuitous ARP, a broadcast request for the sender's own address (RFC 5227 3)
 *   IPv6  unsolicited NA with the Override flag, to all nodes (RFC 4861 7.2.6)
 *
 * Each address is announced three times, at once and after 100 and 500 ms. Frames leave in bursts of 1,000 with 10 ms
 * between two bursts (behaviour.md 7.1). A newer announcement of an interface replaces an older one.
 */
export class Announcer {
  #tasks: Task[] = [];
  readonly #events: Announced[] = [];
  #burst = 0;
  #pausedUntil: Micros = 0 as Micros;

  /** Announces now and twice more. Announcements that still wait on that interface are dropped. */
  announce(announcement: Announcement, now: Micros): void {
    this.#tasks = this.#tasks.filter((task) => task.announcement.index !== announcement.index);
    for (const delay of AGAIN) this.#tasks.push({ announcement, at: later(now, delay), next: 0 });
    const { trunk, reason, addresses } = announcement;
    this.#events.push({ kind: "announced", trunk, reason, count: addresses.length });
  }

  /** Drops a trunk's announcements, since the other PE announces its addresses now. */
  stop(trunk: number): void {
    this.#tasks = this.#tasks.filter((task) => task.announcement.trunk !== trunk);
  }

  nextDeadline(): Micros {
    let next = NEVER;
    for (const { at } of this.#tasks) if (at < next) next = at;
    return next < this.#pausedUntil ? this.#pausedUntil : next;
  }

  transmit(out: Outgoing, now: Micros): boolean {
    if (now < this.#pausedUntil) return false;
    const task = this.#tasks.find(({ at }) => at <= now);
    if (task === undefined) {
      this.#burst = 0;
      return false;
    }
    const address = task.announcement.addresses[task.next++];
    if (address === undefined || task.next >= task.announcement.addresses.length)
      this.#tasks = this.#tasks.filter((other) => other !== task);
    if (address === undefined) return this.transmit(out, now);
    write(task.announcement, address, out);
    if (++this.#burst >= BURST) {
      this.#burst = 0;
      this.#pausedUntil = later(now, PACE);
    }
    return true;
  }

  nextEvent(): Announced | undefined {
    return this.#events.shift();
  }
}

function write({ index, mac }: Announcement, address: IpAddress, out: Outgoing): void {
  const body = out.start + ethernet.size;
  header.wrap(out.bytes, out.start, ethernet.size);
  header.source = mac;
  header.destination = address.isIpv4 ? BROADCAST : ALL_NODES_MAC;
  header.type = address.isIpv4 ? ETHERTYPE_ARP : ETHERTYPE_IPV6;
  const length = address.isIpv4
    ? writeGratuitousArp(out.bytes, body, address.octets.subarray(12), mac)
    : writeUnsolicitedAdvertisement(out.bytes, body, address.octets, mac, true);
  out.length = ethernet.size + length;
  out.to = index;
}
