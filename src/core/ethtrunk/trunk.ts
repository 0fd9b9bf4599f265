import { earliest, later, type Micros, NEVER, seconds } from "../base/time.js";
import type { DesiredTrunk } from "../contract/desired/trunk.js";
import { BackupPair, type PairMember, type Switch } from "./backup-pair.js";
import {
  forwards,
  isForcing,
  judgeByLacp,
  judgeByLink,
  type Member,
  type MemberLacp,
  type MemberLink,
  type MemberSettings,
  type MemberStatus,
  NO_LACP,
  newMember,
} from "./member.js";
import type { TrunkEvent } from "./trunk-event.js";

/** Time for which a trunk that changes from manual to static keeps its old forwarding (behaviour.md 1.2). */
const MODE_CHANGE_GRACE = seconds(90);

/**
 * Time for which frames of a partner are still taken after it was told to stop; Open vSwitch never says that it
 * stopped.
 */
const LINGER = seconds(1);

/**
 * An Eth-Trunk: which members carry traffic, and whether the trunk is up (behaviour.md 1.2, 1.3).
 *
 *   mode    a member carries while
 *   manual  its link is up
 *   static  LACP distributes on it; `lacpChanged` brings what LACP says
 *   backup  its link is up and it is the one of two that works (backup-pair.ts)
 *
 * The trunk is up while enough members carry (`least active-linknumber`, `least active-bandwidth`) and neither `shutdown` nor its
 * E-Trunk holds it.
 */
export class Trunk {
  readonly id: number;
  #desired: DesiredTrunk;
  readonly #members = new Map<string, Member>();
  readonly #events: TrunkEvent[] = [];
  #up = false;
  /** The trunk was up since neither `shutdown` nor its E-Trunk held it. */
  #hasBeenUp = false;
  /** The E-Trunk lets the peer carry, so this trunk must not. */
  #held = false;
  #graceUntil: Micros = NEVER;
  /** `lacp force-up` acts. */
  #isForcing = false;
  #pair = new BackupPair();
  /** An input came on which the 1:1 pair has not decided yet. */
  #pairWaits = false;
  /** The data plane has not followed the last decision yet. */
  #isForwardingBehind = true;

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
  get hasBeenUp(): boolean {
    return this.#hasBeenUp;
  }
  /** Neither `shutdown` nor the E-Trunk keeps the trunk down. */
  get isFree(): boolean {
    return !this.#held && !this.#desired.shutdown;
  }
  /** Whether the trunk's interface has carrier: the trunk is up, or a member still takes frames on their way. */
  get carrier(): boolean {
    if (this.#up) return true;
    for (const member of this.#members.values()) if (member.collecting) return true;
    return false;
  }
  /**
   * Whether frames leave by a member: it distributes. When no member distributes any more, since the peer of its
   * E-Trunk takes over or we leave, frames still leave by members whose partner has yet to follow.
   */
  sendsBy(member: Member): boolean {
    if (member.distributing) return true;
    if (member.lingerUntil === NEVER || !(this.#held || member.leaving)) return false;
    for (const { distributing } of this.#members.values()) if (distributing) return false;
    return true;
  }
  /** Number of members that carry traffic. */
  get carrying(): number {
    let count = 0;
    for (const member of this.members()) if (this.#carries(member)) count++;
    return count;
  }
  /** Mode backup: the member that works; undefined while neither is up. */
  get working(): string | undefined {
    return this.#pair.working;
  }
  /** Mode backup: the member that is master, named or not. */
  get master(): string | undefined {
    return this.#pair.masterOf(this.#pairMembers());
  }
  /** The configured members. */
  *members(): Generator<Member> {
    for (const member of this.#members.values()) if (!member.leaving) yield member;
  }
  /** The configured members, and those that still leave. */
  allMembers(): Iterable<Member> {
    return this.#members.values();
  }

  // The data plane.

  /**
   * Whether the data plane follows the decisions. `behind`: it has to be updated. `opens`: the update lets another
   * member collect.
   */
  get forwarding(): "in step" | "behind" | "opens" {
    if (!this.#isForwardingBehind) return "in step";
    for (const { collecting, collectsOn, link } of this.#members.values())
      if (collecting && link.index !== undefined && link.index !== collectsOn) return "opens";
    return "behind";
  }

  /** The data plane has followed the decisions. */
  forwardingFollowed(): void {
    this.#isForwardingBehind = false;
    for (const member of this.#members.values()) member.collectsOn = member.collecting ? member.link.index : undefined;
  }

  // Commands.

  configure(desired: DesiredTrunk, now: Micros): void {
    const changesMode = this.#desired.mode !== desired.mode;
    this.#desired = desired;
    if (changesMode) this.#changeMode(now);
    this.#isForwardingBehind = true;
    this.#judge(now);
  }

  #changeMode(now: Micros): void {
    const toStatic = this.#desired.mode === "static";
    for (const member of this.#members.values()) {
      member.lacp = NO_LACP;
      member.graced = toStatic && forwards(member.status);
    }
    this.#hasBeenUp = false;
    this.#pair = new BackupPair();
    this.#graceUntil = toStatic ? later(now, MODE_CHANGE_GRACE) : NEVER;
  }

  setMember(name: string, settings: MemberSettings, now: Micros): void {
    const member = this.#members.get(name);
    if (member === undefined || member.leaving) {
      const status = this.#desired.mode === "static" ? "Unselect" : "Offline";
      this.#members.set(name, newMember(name, settings, status));
    } else Object.assign(member, settings);
    this.#isForwardingBehind = true;
    this.#judge(now);
  }

  /** Removes a member. In mode static it still collects until `memberLeft`, for frames on their way. */
  removeMember(name: string, now: Micros): void {
    const member = this.#members.get(name);
    if (member === undefined || member.leaving) return;
    this.#tellStatus(member, this.#desired.mode === "static" ? "Unselect" : "Offline", "no member any more");
    if (this.#desired.mode === "static" && member.collecting) member.leaving = true;
    else this.#members.delete(name);
    this.#isForwardingBehind = true;
    this.#judge(now);
  }

  /** LACP has finished with a removed member. */
  memberLeft(name: string, now: Micros): void {
    if (this.#members.get(name)?.leaving !== true) return;
    this.#members.delete(name);
    this.#isForwardingBehind = true;
    this.#judge(now);
  }

  linkChanged(name: string, link: MemberLink, now: Micros): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    if (member.link.up && !link.up) member.linkDowns++;
    if (link.up) member.hasBeenUp = true;
    member.link = link;
    // The interface under the member may be another one.
    this.#isForwardingBehind = true;
    this.#judge(now);
  }

  lacpChanged(name: string, lacp: MemberLacp, now: Micros): void {
    const member = this.#members.get(name);
    if (member === undefined || member.leaving) return;
    member.lacp = lacp;
    if (!lacp.defaulted) member.graced = false;
    this.#judge(now);
  }

  /** `standby-signalling carrier`, without LACP: the CE sees by its carrier whether a member of an E-Trunk carries. */
  get signalsByCarrier(): boolean {
    return this.#desired.mode !== "static" && this.#desired.etrunk?.standbyByCarrier === true;
  }

  /** The trunk holds its links down itself, so they count as available. */
  get holdsDown(): boolean {
    return this.#held && this.signalsByCarrier;
  }

  /** Mode backup, `inactive-port shutdown enable`: the member's link is to be down while the other one works. */
  shutsDown(name: string): boolean {
    if (this.#desired.mode !== "backup" || this.#desired.backup?.shutsInactive !== true) return false;
    return this.#pair.working !== undefined && this.#pair.working !== name;
  }

  // Mode backup. The pair decides once on all inputs that came together; otherwise their order would decide.

  /** Called once per batch of inputs: decides which member works. */
  settle(now: Micros): void {
    if (!this.#pairWaits) return;
    this.#pairWaits = false;
    const settings = { preemptDelay: this.#desired.backup?.preemptDelay };
    this.#moved(this.#pair.decide(this.#pairMembers(), settings, now), now);
  }

  /** `protect-switch`: moves to the other member; returns a text that says why not, or undefined. */
  swap(now: Micros): string | undefined {
    if (this.#desired.mode !== "backup") return "The command needs mode manual backup.";
    this.settle(now);
    const outcome = this.#pair.swap(this.#pairMembers());
    if (typeof outcome === "string") return outcome;
    this.#moved(outcome, now);
    return undefined;
  }

  /** Continues from the state of an earlier process. */
  restore(working: string, natural: string | undefined): void {
    this.#pair.restore(working, natural);
  }
  /** State for `restore`; undefined when no member works. */
  savedPair(): { readonly working: string; readonly natural: string | undefined } | undefined {
    const { working, natural } = this.#pair;
    return working === undefined || this.#desired.mode !== "backup" ? undefined : { working, natural };
  }

  #pairMembers(): PairMember[] {
    return [...this.members()].map(({ name, status, isMaster = false }) => ({ name, up: status === "Up", isMaster }));
  }

  #moved(move: Switch | undefined, now: Micros): void {
    if (move === undefined) return;
    const { from = null, to = null, reason } = move;
    this.#events.push({ kind: "working-port", trunk: this.id, from, to, reason });
    this.#judge(now);
    this.#pairWaits = false;
  }

  /** Lets the E-Trunk keep the trunk from carrying. */
  hold(held: boolean, now: Micros): void {
    if (held === this.#held) return;
    this.#held = held;
    this.#judge(now);
  }

  expire(now: Micros): void {
    if (now >= this.#graceUntil) {
      this.#graceUntil = NEVER;
      for (const member of this.#members.values()) member.graced = false;
    }
    this.#judge(now);
  }

  nextDeadline(): Micros {
    let next = earliest(this.#graceUntil, this.#desired.mode === "backup" ? this.#pair.nextDeadline() : NEVER);
    for (const member of this.#members.values()) next = earliest(next, member.lingerUntil);
    return next;
  }

  nextEvent(): TrunkEvent | undefined {
    return this.#events.shift();
  }

  /** Decides which members carry, and raises one event for each change. */
  #judge(now: Micros): void {
    const { mode, shutdown } = this.#desired;
    this.#pairWaits = mode === "backup";
    this.#isForcing = mode === "static" && isForcing(this.members(), this.#isForcing);
    for (const member of this.members()) {
      const { status, reason } =
        mode === "static"
          ? judgeByLacp(member, { shutdown, forcing: this.#isForcing })
          : judgeByLink(member, this.shutsDown(member.name));
      this.#tellStatus(member, status, reason);
      member.status = status;
      member.reason = reason;
      member.hasCarried = member.link.up && this.isFree && (member.hasCarried || forwards(status));
    }
    const up = this.#judgeTrunk();
    for (const member of this.#members.values()) this.#judgeForwarding(member, up, now);
    if (up !== this.#up) {
      this.#isForwardingBehind = true;
      this.#events.push({ kind: "trunk-state", trunk: this.id, up });
    }
    this.#up = up;
    this.#hasBeenUp = this.isFree && (this.#hasBeenUp || up);
  }

  #tellStatus({ name: port, status: from }: Member, to: MemberStatus, reason: string): void {
    if (to !== from) this.#events.push({ kind: "port-state", trunk: this.id, port, from, to, reason });
  }

  /** Collecting and distributing of one member. */
  #judgeForwarding(member: Member, up: boolean, now: Micros): void {
    const { lacp, link } = member;
    const distributing = up && !member.leaving && this.#carries(member);
    // What the partner was told, Collecting, is done; with independent control before a member sends.
    let collecting = distributing || (link.up && !member.leaving && lacp.collects);
    // Both links of a 1:1 pair may lead into one network: two open ones bring the trunk's own broadcasts back.
    const isSentTo = this.#desired.mode !== "backup" && (member.leaving || lacp.partnerDistributes);
    const lingers = member.collecting && !collecting && link.up && isSentTo;
    if (!lingers) member.lingerUntil = NEVER;
    else if (member.lingerUntil === NEVER) member.lingerUntil = later(now, LINGER);
    if (lingers) collecting = now < member.lingerUntil;
    if (!collecting) member.lingerUntil = NEVER;
    if (collecting !== member.collecting || distributing !== member.distributing) this.#isForwardingBehind = true;
    member.collecting = collecting;
    member.distributing = distributing;
  }

  #carries({ name, status }: Member): boolean {
    return forwards(status) && (this.#desired.mode !== "backup" || name === this.#pair.working);
  }

  /** With LACP it is LACP that counts whether enough members agree, since their partner is told; here count the others. */
  #judgeTrunk(): boolean {
    const { leastLinks, leastBandwidth } = this.#desired;
    if (!this.isFree) return false;
    let links = 0;
    let bandwidth = 0;
    for (const member of this.members()) {
      if (!this.#carries(member)) continue;
      if (member.lacp.distributes) return true;
      links++;
      bandwidth += member.link.speed;
    }
    return links >= Math.max(1, leastLinks ?? 1) && bandwidth >= (leastBandwidth ?? 0);
  }
}
