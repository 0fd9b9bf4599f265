import { type Mac, macToColons } from "../../core/base/address.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import { trunkDevice } from "../../core/base/trunk-names.js";
import type { KernelLink } from "../native/link.js";
import type { ChangeProblem, InterfaceChanges, Wishes } from "../undo/changes.js";
import { type LinkTable, readSetting } from "../undo/settings.js";
import type { RecordedCounts } from "./counts.js";
import type { Counts, MemberState, PlaneFinding } from "./plane.js";
import type { RecordedMember } from "./record.js";
import type { TrunkLooks } from "./trunk-device.js";

/**
 * Settings of an interface while it is a member. The trunk has the addresses and answers ARP, so a member does not. It takes
 * frames that are addressed to the trunk, whose MAC address it therefore has: macvlan, a virtual function and a switch of virtual
 * machines let no others pass. For stations behind the bridge of the trunk it is promiscuous. A frame fits on every member or on
 * none, so all have the trunk's MTU. Its alias, which `ip link` shows, says whose it is. The settings outlive this process.
 */
const memberWishes = ({ trunk, mac, mtu }: TrunkLooks): Wishes =>
  new Map([
    ["alias", `etrunkd: member of ${trunkDevice(trunk)}`],
    ["ipv4/conf/*/arp_ignore", "8"],
    ["ipv6/conf/*/disable_ipv6", "1"],
    ["promiscuous", "true"],
    ["mac", String(mac)],
    ["mtu", String(mtu)],
  ]);
const NONE: Wishes = new Map();

const isSysctl = (what: string): boolean => what.includes("*");
/** Frames go without it: a sysctl protects, the alias tells. */
const isCosmetic = (what: string): boolean => isSysctl(what) || what === "alias";

/** A member of a trunk as a Linux interface. */
export class MemberInterface implements MemberState {
  readonly index: InterfaceIndex;
  readonly name: string;
  readonly slot: number;
  readonly hadQdisc: boolean;
  collecting = false;
  /** Its counts as they were recorded last. */
  last: RecordedCounts | undefined;
  /** The MAC address the interface was found with. */
  readonly #mac: number;
  readonly #changes: InterfaceChanges;
  #wishes: Wishes = NONE;
  #counted: Counts;

  constructor(changes: InterfaceChanges, link: KernelLink, { mac, slot, qdisc, counts }: MemberPast) {
    this.#changes = changes;
    this.index = link.index;
    this.name = link.name;
    this.#mac = mac;
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

  /** Records the settings `prepare` is going to change. True: save the record. */
  plan(trunk: TrunkLooks, table: LinkTable): boolean {
    this.#wishes = memberWishes(trunk);
    return this.#changes.plan(this.#wanted(table), table);
  }

  /**
   * Gives the interface the settings of a member, whatever it has now. Throws when the kernel refuses one that frames need;
   * returns why others are refused, which protect only.
   */
  prepare(table: LinkTable): string | undefined {
    if (table.at(this.index) === undefined) throw new Error("the interface is gone");
    const problems = [
      ...this.#changes.undoOf(this.index, this.#wishes, table),
      ...this.#changes.apply(this.#wanted(table), table),
    ];
    const needed = problems.filter(({ what }) => !isCosmetic(what));
    if (needed.length > 0) throw new Error(needed.map((problem) => textOf(problem)).join("; "));
    const protecting = problems.map(({ what, error }) => `${what.replace("*", this.name)}: ${error.code}`);
    return protecting.length === 0 ? undefined : protecting.join("; ");
  }

  /** What somebody changed of the settings. */
  findings(table: LinkTable): PlaneFinding[] {
    const link = table.at(this.index);
    // The core hears of it by itself.
    if (link === undefined) return [];
    return [...this.#wishes].flatMap(([what, value]) => {
      if (what === "alias") return [];
      const now = readSetting(what, link, table);
      if (now === undefined || now === value) return [];
      const protects = isSysctl(what) ? this.name : undefined;
      return [{ member: this.index, protects, text: this.#findingOf(what, now, value) }];
    });
  }

  #findingOf(what: string, now: string, value: string): string {
    if (what === "mac") return `MAC address of ${this.name} is another one`;
    if (what === "promiscuous") return `promiscuous mode of ${this.name} was switched off`;
    return `${what === "mtu" ? `MTU of ${this.name}` : what.replace("*", this.name)} is ${now}, not ${value}`;
  }

  /** The settings without the alias where somebody else gave one: a description, or a name of a tool. */
  #wanted(table: LinkTable): ReadonlyMap<InterfaceIndex, Wishes> {
    const there = table.at(this.index)?.alias ?? "";
    const wishes = new Map(this.#wishes);
    if (there !== "" && there !== this.#changes.of(this.index).alias?.made) wishes.delete("alias");
    return new Map([[this.index, wishes]]);
  }

  /** Gives the interface back as it was found. Throws an Error of one line when a setting cannot be put back. */
  restore(table: LinkTable): void {
    giveBack(this.#changes, { index: this.index, mac: this.#mac, changes: this.#changes.of(this.index) }, table);
  }

  record(trunk: number, counts: Counts): RecordedMember {
    const { index, slot, hadQdisc } = this;
    return { index, mac: this.#mac, trunk, slot, qdisc: hadQdisc, changes: this.#changes.of(index), counts };
  }
}

/** A refusal with what the interface has and what it should have. */
function textOf({ link, what, value, error }: ChangeProblem): string {
  if (what === "mtu") return `MTU ${link.mtu}, the trunk's is ${value}: ${error.code}`;
  if (what === "mac") return `MAC address of the trunk, ${macToColons(Number(value) as Mac)}: ${error.code}`;
  return what === "promiscuous" ? `promiscuous mode: ${error.code}` : error.message;
}

/** The part of a member's record that its interface does not tell. */
export type MemberPast = Pick<RecordedMember, "mac" | "slot" | "qdisc" | "counts">;

type Recorded = Pick<RecordedMember, "index" | "mac" | "changes">;

/** Whether this is the interface of the record still: it has the MAC address it was found with, or the one it was given. */
export const isTheSame = (link: KernelLink | undefined, { mac, changes }: Recorded): boolean =>
  link !== undefined && (link.mac === mac || String(link.mac) === changes.mac?.made);

/**
 * Undoes the changes of a member, unless its interface is gone or another one has its index now. Throws an Error of one line when
 * a setting cannot be put back; it is left.
 */
export function giveBack(changes: InterfaceChanges, member: Recorded, table: LinkTable): void {
  if (!isTheSame(table.at(member.index), member)) {
    changes.forget(member.index);
    return;
  }
  const problems = changes
    .undoOf(member.index, NONE, table)
    .map(({ link, what, error }) => `${link.name}: ${what}: ${error.message}`);
  if (problems.length > 0) throw new Error(problems.join("; "));
}
