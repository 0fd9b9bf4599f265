import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { KernelLink, Netlink } from "../addon.js";
import { findLink, prepareMember, readOriginal, restoreMember, setMemberMtu } from "./member-settings.js";
import type { MemberState, SlotCounts } from "./plane.js";
import type { Original, RecordedMember } from "./record.js";

/** An interface in a trunk, and what it was before. */
export class Member implements MemberState {
  readonly index: InterfaceIndex;
  readonly name: string;
  readonly slot: number;
  collecting = false;
  /** A clsact qdisc was made for us. */
  qdisc: boolean;
  readonly #mac: number;
  #original: Original;
  #mtu: number;
  #prepared = false;
  #counted: SlotCounts;

  constructor(link: KernelLink, slot: number, recorded: RecordedMember | undefined) {
    this.index = link.index;
    this.name = link.name;
    this.slot = slot;
    this.qdisc = recorded?.qdisc ?? false;
    this.#mac = link.mac;
    this.#mtu = link.mtu;
    this.#original = recorded?.original ?? readOriginal(link);
    this.#counted = recorded?.counts ?? [0, 0, 0, 0, 0];
  }

  /** Counted by earlier processes and earlier planes. */
  get counted(): SlotCounts {
    return this.#counted;
  }

  /** A plane ends that counted so much. */
  count(counts: SlotCounts): void {
    this.#counted = this.#counted.map((count, at) => count + (counts[at] ?? 0));
  }

  /** Nothing was changed on it by this process. */
  get isNew(): boolean {
    return !this.#prepared;
  }

  wantsMtu(mtu: number | undefined): boolean {
    return mtu !== undefined && mtu !== this.#mtu;
  }

  /** Changes what a member must not have; `mtu` undefined leaves it the MTU it came with. */
  prepare(netlink: Netlink, mtu: number | undefined): void {
    const link = this.#prepared ? undefined : findLink(netlink, this.index);
    if (link) prepareMember(netlink, link);
    this.#prepared = true;
    const wanted = mtu ?? this.#original.mtu;
    if (wanted === undefined || wanted === this.#mtu) return;
    setMemberMtu(netlink, this.name, wanted);
    this.#mtu = wanted;
  }

  restore(netlink: Netlink): void {
    const link = findLink(netlink, this.index);
    // Gone, or another interface has its number now.
    if (link?.mac === this.#mac) restoreMember(netlink, link, this.#original);
  }

  record(trunk: number, counts: SlotCounts): RecordedMember {
    return {
      index: this.index,
      mac: this.#mac,
      trunk,
      slot: this.slot,
      original: this.#original,
      qdisc: this.qdisc,
      counts,
    };
  }
}
