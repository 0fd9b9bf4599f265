import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { KernelLink } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { findLink, prepareMember, readOriginal, restoreMember, setMemberMtu } from "./member-settings.js";
import type { Counts, MemberState } from "./plane.js";
import type { Original, RecordedMember } from "./record.js";

/** An interface in a trunk, and what it was before. */
export class Member implements MemberState {
  readonly index: InterfaceIndex;
  readonly name: string;
  readonly slot: number;
  collecting = false;
  readonly #mac: number;
  #original: Original;
  #mtu: number;
  #wantedMtu: number;
  #prepared = false;
  #wantsRecord: boolean;
  #counted: Counts;

  constructor(netlink: Netlink, link: KernelLink, slot: number, recorded: RecordedMember | undefined) {
    this.index = link.index;
    this.name = link.name;
    this.slot = slot;
    this.#mac = link.mac;
    this.#mtu = link.mtu;
    this.#wantedMtu = link.mtu;
    this.#original = recorded?.original ?? readOriginal(netlink, link);
    this.#counted = recorded?.counts ?? [0, 0, 0, 0, 0];
    this.#wantsRecord = recorded === undefined;
  }

  get hadQdisc(): boolean {
    return this.#original.qdisc;
  }

  /** Counted by earlier processes and earlier planes. */
  get counted(): Counts {
    return this.#counted;
  }

  /** A plane ends that counted so much. */
  count(counts: Counts): void {
    this.#counted = this.#counted.map((count, at) => count + (counts[at] ?? 0));
  }

  /** Notes what `prepare` is going to change. `mtu` undefined is the MTU the interface came with. */
  plan(mtu: number | undefined): void {
    this.#wantedMtu = mtu ?? this.#original.mtu ?? this.#mtu;
    if (this.#wantedMtu === this.#mtu || this.#original.mtu !== undefined) return;
    this.#original = { ...this.#original, mtu: this.#mtu };
    this.#wantsRecord = true;
  }

  /** It must not be changed before the record says what it was. */
  get wantsRecord(): boolean {
    return this.#wantsRecord;
  }

  recorded(): void {
    this.#wantsRecord = false;
  }

  /** Takes from the interface what a member must not have, and gives it the trunk's MTU. */
  prepare(netlink: Netlink): void {
    const changes = this.#wantedMtu !== this.#mtu;
    if (this.#prepared && !changes) return;
    const link = findLink(netlink, this.index);
    if (!link) throw new Error("the interface is gone");
    if (!this.#prepared) prepareMember(netlink, link);
    this.#prepared = true;
    if (changes) setMemberMtu(netlink, link.name, this.#wantedMtu);
    this.#mtu = this.#wantedMtu;
  }

  restore(netlink: Netlink): void {
    const link = findLink(netlink, this.index);
    // Gone, or another interface has its number now.
    if (link?.mac === this.#mac) restoreMember(netlink, link, this.#original);
  }

  record(trunk: number, counts: Counts): RecordedMember {
    return {
      index: this.index,
      mac: this.#mac,
      trunk,
      slot: this.slot,
      original: this.#original,
      counts,
    };
  }
}
