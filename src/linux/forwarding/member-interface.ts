import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { KernelLink } from "../native/link.js";
import type { ChangeProblem, InterfaceChanges, Wishes } from "../undo/changes.js";
import type { LinkTable } from "../undo/settings.js";
import type { Counts, MemberState } from "./plane.js";
import type { RecordedMember } from "./record.js";

/**
 * Settings of an interface while it is a member. The trunk has the addresses and answers ARP, so a member does not. A member is
 * promiscuous, for the frames it takes are addressed to the trunk, or to stations behind the bridge of the trunk; the trunk's
 * MAC address would cover only the first, and replace the member's own in LACPDUs. The settings outlive this process.
 */
const MEMBER: Wishes = new Map([
  ["ipv4/conf/*/arp_ignore", "8"],
  ["ipv6/conf/*/disable_ipv6", "1"],
  ["promiscuous", "true"],
]);
const NONE: Wishes = new Map();

const isSysctl = (what: string): boolean => what.includes("*");

/** A member of a trunk as a Linux interface. */
export class MemberInterface implements MemberState {
  readonly index: InterfaceIndex;
  readonly name: string;
  readonly slot: number;
  readonly hadQdisc: boolean;
  collecting = false;
  readonly #mac: number;
  readonly #changes: InterfaceChanges;
  #wishes: Wishes = MEMBER;
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

  /** Counts of earlier processes and earlier planes. */
  get counted(): Counts {
    return this.#counted;
  }

  /** Adds the counts of a plane that ends. */
  count(counts: Counts): void {
    this.#counted = this.#counted.map((count, at) => count + (counts[at] ?? 0));
  }

  /** Records the settings `prepare` is going to change; without an MTU the interface keeps its own. True: save the record. */
  plan(mtu: number | undefined, table: LinkTable): boolean {
    const text = mtu === undefined ? undefined : String(mtu);
    if (this.#wishes.get("mtu") !== text)
      this.#wishes = text === undefined ? MEMBER : new Map([...MEMBER, ["mtu", text]]);
    return this.#changes.plan(this.#wanted(), table);
  }

  /**
   * Gives the interface the settings of a member, whatever it has now. Throws when the kernel refuses one that frames need;
   * returns why others are refused, which protect only.
   */
  prepare(table: LinkTable): string | undefined {
    if (table.at(this.index) === undefined) throw new Error("the interface is gone");
    const problems = [
      ...this.#changes.undoOf(this.index, this.#wishes, table),
      ...this.#changes.apply(this.#wanted(), table),
    ];
    const needed = problems.filter(({ what }) => !isSysctl(what));
    if (needed.length > 0) throw new Error(needed.map((problem) => this.#textOf(problem)).join("; "));
    const protecting = problems.map(({ what, error }) => `${what.replace("*", this.name)}: ${error.code}`);
    return protecting.length === 0 ? undefined : protecting.join("; ");
  }

  #wanted(): ReadonlyMap<InterfaceIndex, Wishes> {
    return new Map([[this.index, this.#wishes]]);
  }

  #textOf({ what, error }: ChangeProblem): string {
    if (what === "mtu") return `MTU ${this.#wishes.get(what)}: ${error.code}`;
    return what === "promiscuous" ? `promiscuous mode: ${error.code}` : error.message;
  }

  /** Gives the interface back as it was found. Throws an Error of one line when a setting cannot be put back. */
  restore(table: LinkTable): void {
    giveBack(this.#changes, { index: this.index, mac: this.#mac }, table);
  }

  record(trunk: number, counts: Counts): RecordedMember {
    const { index, slot, hadQdisc } = this;
    return { index, mac: this.#mac, trunk, slot, qdisc: hadQdisc, changes: this.#changes.of(index), counts };
  }
}

/** The part of a member's record that does not come from the interface. */
export type MemberPast = Pick<RecordedMember, "slot" | "qdisc" | "counts">;

/**
 * Undoes the changes of a member, unless its interface is gone or another one has its index now. Throws an Error of one line when
 * a setting cannot be put back; it is left.
 */
export function giveBack(
  changes: InterfaceChanges,
  { index, mac }: Pick<RecordedMember, "index" | "mac">,
  table: LinkTable,
): void {
  if (table.at(index)?.mac !== mac) {
    changes.forget(index);
    return;
  }
  const problems = changes
    .undoOf(index, NONE, table)
    .map(({ link, what, error }) => `${link.name}: ${what}: ${error.message}`);
  if (problems.length > 0) throw new Error(problems.join("; "));
}
