import { later, type Micros, NEVER, seconds } from "../base/time.js";
import type { DesiredTrunk } from "../desired.js";

/**
 * An Eth-Trunk: which members carry traffic and whether the trunk is up (protocol-facts 1.2, 1.3).
 * In mode manual a member carries while its link is up; in mode static LACP decides, and tells through `lacpChanged`.
 */
export type MemberStatus = "Selected" | "Unselect" | "Indep" | "ForceUp" | "Up" | "Down" | "Offline";

export interface MemberLink {
  readonly present: boolean;
  /** Administratively up and with carrier. */
  readonly up: boolean;
  /** Mbit/s. */
  readonly speed: number;
}

/** What LACP says of a member. */
export interface MemberLacp {
  readonly collects: boolean;
  readonly distributes: boolean;
  /** No partner is heard. */
  readonly defaulted: boolean;
  /** The partner does not aggregate. */
  readonly individual: boolean;
  readonly reason: string;
}

const NO_LINK: MemberLink = { present: false, up: false, speed: 0 };
const NO_LACP: MemberLacp = {
  collects: false,
  distributes: false,
  defaulted: true,
  individual: false,
  reason: "no partner heard",
};

export interface Member {
  readonly name: string;
  weight: number;
  forceUp: boolean;
  link: MemberLink;
  lacp: MemberLacp;
  /** It carried when the mode changed to static: it goes on while the partner changes too. */
  graced: boolean;
  status: MemberStatus;
  reason: string;
  collecting: boolean;
  distributing: boolean;
}

export type TrunkEvent =
  | {
      readonly kind: "port-state";
      readonly trunk: number;
      readonly port: string;
      readonly from: MemberStatus;
      readonly to: MemberStatus;
      readonly reason: string;
    }
  | { readonly kind: "trunk-state"; readonly trunk: number; readonly up: boolean };

/** protocol-facts 1.2: how long a trunk that changes from manual to static keeps its old forwarding. */
const MODE_CHANGE_GRACE = seconds(90);

const carries = (status: MemberStatus): boolean =>
  status === "Selected" || status === "Indep" || status === "ForceUp" || status === "Up";

export class Trunk {
  readonly id: number;
  #desired: DesiredTrunk;
  readonly #members = new Map<string, Member>();
  readonly #events: TrunkEvent[] = [];
  #up = false;
  #graceUntil: Micros = NEVER;

  constructor(desired: DesiredTrunk) {
    this.id = desired.id;
    this.#desired = desired;
  }

  get desired(): DesiredTrunk {
    return this.#desired;
  }
  get isUp(): boolean {
    return this.#up;
  }
  /** How many members carry traffic. */
  get carrying(): number {
    let count = 0;
    for (const member of this.#members.values()) if (carries(member.status)) count++;
    return count;
  }
  members(): Iterable<Member> {
    return this.#members.values();
  }
  member(name: string): Member | undefined {
    return this.#members.get(name);
  }

  configure(desired: DesiredTrunk, now: Micros): void {
    const changesMode = this.#desired.mode !== desired.mode;
    this.#desired = desired;
    if (changesMode) this.#changeMode(now);
    this.#judge();
  }

  #changeMode(now: Micros): void {
    const toStatic = this.#desired.mode === "static";
    for (const member of this.#members.values()) {
      member.lacp = NO_LACP;
      member.graced = toStatic && carries(member.status);
    }
    this.#graceUntil = toStatic ? later(now, MODE_CHANGE_GRACE) : NEVER;
  }

  setMember(name: string, settings: { readonly weight: number; readonly forceUp: boolean }): void {
    const member = this.#members.get(name);
    if (member === undefined)
      this.#members.set(name, {
        name,
        ...settings,
        link: NO_LINK,
        lacp: NO_LACP,
        graced: false,
        status: this.#desired.mode === "static" ? "Unselect" : "Offline",
        reason: "added",
        collecting: false,
        distributing: false,
      });
    else Object.assign(member, settings);
    this.#judge();
  }

  removeMember(name: string): void {
    this.#members.delete(name);
    this.#judge();
  }

  linkChanged(name: string, link: MemberLink | undefined): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    member.link = link ?? NO_LINK;
    this.#judge();
  }

  lacpChanged(name: string, lacp: MemberLacp): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    member.lacp = lacp;
    if (!lacp.defaulted) member.graced = false;
    this.#judge();
  }

  expire(now: Micros): void {
    if (now < this.#graceUntil) return;
    this.#graceUntil = NEVER;
    for (const member of this.#members.values()) member.graced = false;
    this.#judge();
  }

  nextDeadline(): Micros {
    return this.#graceUntil;
  }

  nextEvent(): TrunkEvent | undefined {
    return this.#events.shift();
  }

  /** Decides anew who carries, and tells each change once. */
  #judge(): void {
    for (const member of this.#members.values()) {
      const { status, reason } =
        this.#desired.mode === "static" ? this.#judgeStatic(member) : this.#judgeManual(member);
      if (status !== member.status)
        this.#events.push({
          kind: "port-state",
          trunk: this.id,
          port: member.name,
          from: member.status,
          to: status,
          reason,
        });
      member.status = status;
      member.reason = reason;
    }
    const up = this.#judgeTrunk();
    for (const member of this.#members.values()) {
      const carrying = up && carries(member.status);
      // Between Collecting and Distributing (independent control) a member receives but does not send.
      const collectsOnly = up && member.status === "Unselect" && member.lacp.collects;
      member.collecting = carrying || collectsOnly;
      member.distributing = carrying;
    }
    if (up !== this.#up) this.#events.push({ kind: "trunk-state", trunk: this.id, up });
    this.#up = up;
  }

  #judgeManual({ link }: Member): { status: MemberStatus; reason: string } {
    if (!link.present) return { status: "Offline", reason: "interface missing" };
    return link.up ? { status: "Up", reason: "link up" } : { status: "Down", reason: "link down" };
  }

  #judgeStatic({ link, lacp, forceUp, graced }: Member): { status: MemberStatus; reason: string } {
    if (!link.present) return { status: "Unselect", reason: "interface missing" };
    if (!link.up) return { status: "Unselect", reason: "link down" };
    if (lacp.distributes) return { status: lacp.individual ? "Indep" : "Selected", reason: lacp.reason };
    if (lacp.defaulted && !this.#desired.shutdown) {
      if (forceUp) return { status: "ForceUp", reason: "forced up without a partner" };
      if (graced) return { status: "ForceUp", reason: "the mode is changing" };
    }
    return { status: "Unselect", reason: lacp.reason };
  }

  #judgeTrunk(): boolean {
    const { shutdown, leastLinks, leastBandwidth } = this.#desired;
    if (shutdown) return false;
    let links = 0;
    let bandwidth = 0;
    for (const member of this.#members.values()) {
      if (!carries(member.status)) continue;
      links++;
      bandwidth += member.link.speed;
    }
    return links >= Math.max(1, leastLinks ?? 1) && bandwidth >= (leastBandwidth ?? 0);
  }
}
