import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { KernelLink } from "../native/link.js";
import type { ChangeProblem, InterfaceChanges, Wishes } from "../undo/changes.js";
import type { LinkTable } from "../undo/settings.js";
import type { Counts, MemberState } from "./plane.js";
import type { RecordedMember } from "./record.js";

/**
 * What an interface is as a member. It has no addresses and answers no ARP: the trunk has them, and answers. It is promiscuous,
 * for the frames it takes are addressed to the trunk, or to stations behind the bridge the trunk is in; giving it the trunk's
 * MAC address would cover only the first, and take its own from the LACPDUs. All of it outlives this process.
 */
const MEMBER: Wishes = new Map([
  ["ipv4/conf/*/arp_ignore", "8"],
  ["ipv6/conf/*/disable_ipv6", "1"],
  ["promiscuous", "true"],
]);
const NONE: Wishes = new Map();

/** An interface in a trunk, and what it was before. */
export class Member implements MemberState {
  readonly index: InterfaceIndex;
  readonly name: string;
  readonly slot: number;
  readonly hadQdisc: boolean;
  collecting = false;
  readonly #mac: number;
  readonly #changes: InterfaceChanges;
  #wishes: Wishes = MEMBER;
  /** What was brought to the interface last. */
  #prepared: Wishes | undefined;
  #counted: Counts;

  constructor(changes: InterfaceChanges, link: KernelLink, { slot, qdisc, counts }: MemberPast) {
    this.#changes = changes;
    this.index = link.index;
    this.name = link.name;
    this.#mac = link.mac;
    this.slot = slot;
    this.hadQdisc = qdisc;
    this.#counted = counts;
  }

  /** Counted by earlier processes and earlier planes. */
  get counted(): Counts {
    return this.#counted;
  }

  /** A plane ends that counted so much. */
  count(counts: Counts): void {
    this.#counted = this.#counted.map((count, at) => count + (counts[at] ?? 0));
  }

  /** Notes what `prepare` is going to change; an undefined MTU is the one the interface came with. True: save the record. */
  plan(mtu: number | undefined, table: LinkTable): boolean {
    const text = mtu === undefined ? undefined : String(mtu);
    if (this.#wishes.get("mtu") !== text)
      this.#wishes = text === undefined ? MEMBER : new Map([...MEMBER, ["mtu", text]]);
    return this.#prepared !== this.#wishes && this.#changes.plan(this.#wanted(), table);
  }

  /** Takes from the interface what a member must not have, and gives it the trunk's MTU. Throws what the kernel refused. */
  prepare(table: LinkTable): void {
    if (this.#prepared === this.#wishes) return;
    if (table.at(this.index) === undefined) throw new Error("the interface is gone");
    const problems = [
      ...this.#changes.undoOf(this.index, this.#wishes, table),
      ...this.#changes.apply(this.#wanted(), table),
    ];
    if (problems.length > 0) throw new Error(problems.map((problem) => this.#textOf(problem)).join("; "));
    this.#prepared = this.#wishes;
  }

  #wanted(): ReadonlyMap<InterfaceIndex, Wishes> {
    return new Map([[this.index, this.#wishes]]);
  }

  #textOf({ what, error }: ChangeProblem): string {
    if (what === "mtu") return `MTU ${this.#wishes.get(what)}: ${error.code}`;
    return what === "promiscuous" ? `promiscuous mode: ${error.code}` : error.message;
  }

  /** Gives the interface back as it was found. What cannot be put back is left: the interface is on its way out. */
  restore(table: LinkTable): void {
    giveBack(this.#changes, { index: this.index, mac: this.#mac }, table);
  }

  record(trunk: number, counts: Counts): RecordedMember {
    const { index, slot, hadQdisc } = this;
    return { index, mac: this.#mac, trunk, slot, qdisc: hadQdisc, changes: this.#changes.of(index), counts };
  }
}

/** What a member brings along from an earlier process. */
export type MemberPast = Pick<RecordedMember, "slot" | "qdisc" | "counts">;

/** Undoes what was changed of a member, unless it is gone or another interface has its number now. */
export function giveBack(
  changes: InterfaceChanges,
  { index, mac }: Pick<RecordedMember, "index" | "mac">,
  table: LinkTable,
): void {
  if (table.at(index)?.mac === mac) changes.undoOf(index, NONE, table);
  else changes.forget(index);
}
