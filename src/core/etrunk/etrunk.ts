import type { Mac } from "../base/address.js";
import type { IncomingDatagram, OutgoingDatagram } from "../base/datagram.js";
import type { Digests } from "../base/digests.js";
import { isEqual } from "../base/equal.js";
import { type MemberKey, memberName } from "../base/member-key.js";
import { earliest, later, type Micros, NEVER, seconds } from "../base/time.js";
import type { DesiredEtrunk, DesiredEtrunkMember } from "../contract/desired/etrunk.js";
import { writeHello } from "../wire/etrunk-hello.js";
import { attentionsOf } from "./attention.js";
import { decide } from "./decision.js";
import type { Attention, EtrunkEvent } from "./etrunk-event.js";
import { Authenticator } from "./hello/authenticator.js";
import type { Drops } from "./hello/drops.js";
import { Freshness } from "./hello/freshness.js";
import { expireMismatch } from "./hello/mismatch.js";
import type { HelloNumbers } from "./hello/numbers.js";
import { HelloReception, type PathChecks } from "./hello/reception.js";
import { fixedPart, HelloSchedule, helloContent, helloMembers } from "./hello/sending.js";
import { hasTakenOver, judgeMember } from "./judge-member.js";
import { EtrunkMember, type MemberFacts } from "./member.js";
import { bfdMoved, followBfd, forgetPeer, noticeSilence, peerHeard } from "./peer-life.js";
import { SplitBrain } from "./split-brain.js";
import {
  type BfdState,
  canSpeak,
  decisionDeadline,
  type EtrunkVariables,
  hasPath,
  isLeaving,
  isLeavingOver,
  isResuming,
  isUrgent,
  newVariables,
  type SavedEtrunk,
  trackedSession,
  type Writable,
} from "./state.js";

const POLICED_TIME = seconds(10);
const TTL = 255;

/**
 * One E-Trunk: two PEs agree by hellos over UDP which of them carries each member (behaviour.md 3). The format of a
 * hello and the rules of both ends are in formats/e-trunk-hello.md.
 *
 *   variables  state.ts
 *   receiving  hello/reception.ts: addresses, digest; hello/freshness.ts: freshness; peer-life.ts: the peer is heard, falls silent
 *   deciding   decision.ts by the table of election.ts; judge-member.ts by the tables of member.ts and sides.ts;
 *              then split-brain.ts (two Masters) and attention.ts (alarms)
 *   sending    hello/sending.ts, hello/authenticator.ts
 *
 * In each table the first row that holds decides. Commands only change variables, and `settle` decides once for all of
 * them. Global-VE members are left out.
 */
export class Etrunk {
  readonly id: number;
  /** Counts of hellos that left, and of hellos that the host could not send. */
  readonly #transmissions = { sent: 0, sentDropped: 0 };
  readonly #members = new Map<string, EtrunkMember>();
  readonly #variables: Writable<EtrunkVariables>;
  readonly #authenticator: Authenticator;
  readonly #numbers: HelloNumbers;
  readonly #freshness: Freshness;
  readonly #schedule = new HelloSchedule();
  readonly #reception: HelloReception;
  readonly #splitBrain = new SplitBrain();
  #attentions: ReadonlyMap<Attention, string> = new Map();
  readonly #events: EtrunkEvent[] = [];
  readonly #software: string;
  /** A variable changed since the last decision. */
  #isDue = false;

  constructor(
    settings: DesiredEtrunk,
    deviceMac: Mac,
    numbers: HelloNumbers,
    digests: Digests,
    software: string,
    resumed?: SavedEtrunk,
  ) {
    this.id = settings.id;
    this.#variables = newVariables(settings, deviceMac, resumed, this.#members);
    this.#authenticator = new Authenticator(digests, settings);
    this.#numbers = numbers;
    this.#freshness = new Freshness(numbers);
    this.#reception = new HelloReception(this.#authenticator, this.#freshness, this.#schedule);
    this.#software = software;
  }

  // Commands.

  configure(settings: DesiredEtrunk): void {
    const before = this.#variables.settings;
    if (!isEqual(settings, before)) this.#schedule.trigger();
    this.#isDue = true;
    this.#variables.settings = settings;
    this.#authenticator.configure(settings);
    if (!isEqual(settings.addresses, before.addresses)) {
      // An administrative change is no first start: roles stay until the new peer is heard, as after a restart.
      if (this.#variables.state !== "Init") this.#variables.resumed = this.checkpoint();
      forgetPeer(this.#variables);
      this.#freshness.forget();
    }
    // The tracked session is another one, whose state is not known yet.
    if (trackedSession(settings) !== trackedSession(before)) bfdMoved(this.#variables, "none", this.#variables.now);
  }

  setMember(key: MemberKey, desired: DesiredEtrunkMember, facts: MemberFacts): void {
    const member = this.#members.get(memberName(key)) ?? this.#addMember(key, desired);
    this.#isDue = true;
    member.desired = desired;
    this.memberChanged(key, facts);
  }

  #addMember(key: MemberKey, desired: DesiredEtrunkMember): EtrunkMember {
    const member = new EtrunkMember(key, desired);
    this.#members.set(memberName(key), member);
    const saved = isResuming(this.#variables)
      ? this.#variables.resumed?.members.find((each) => isEqual(each.member, key))
      : undefined;
    if (saved === undefined) return member;
    member.side = saved.identity.side;
    member.state = saved.carries ? "Master" : "Backup";
    member.identity = saved.identity;
    this.#events.push({ kind: "member-role", etrunk: this.id, member: key, isNewIdentity: false });
    return member;
  }

  removeMember(key: MemberKey): void {
    this.#isDue = this.#members.delete(memberName(key)) || this.#isDue;
  }

  /** Takes over the state of a member's interface and its LACP. */
  memberChanged(key: MemberKey, facts: MemberFacts): void {
    const member = this.#members.get(memberName(key));
    if (member === undefined || isEqual(facts, member.facts)) return;
    member.cameUp = facts.up && (member.cameUp || !member.facts.up);
    member.facts = facts;
    this.#isDue = true;
  }

  /** Takes over whether the source address is on this host. */
  sourceChanged(here: boolean): void {
    this.#isDue ||= here !== this.#variables.sourceHere;
    this.#variables.sourceHere = here;
  }

  /** Takes over why the UDP socket cannot be opened; undefined when it is open. */
  socketChanged(trouble: string | undefined): void {
    this.#isDue ||= trouble !== this.#variables.socketTrouble;
    this.#variables.socketTrouble = trouble;
  }

  bfdChanged(state: BfdState, now: Micros): void {
    bfdMoved(this.#variables, state, now);
    this.#judge(now);
  }

  /** Begins a planned stop: hellos ask the peer to take over, and `handed-over` follows within a second. */
  leave(now: Micros): void {
    if (isLeaving(this.#variables)) return;
    this.#variables.leavingSince = now;
    this.#schedule.trigger();
    this.#isDue = true;
  }

  // The contract, for datagrams.

  receive(datagram: IncomingDatagram, path: PathChecks, now: Micros): void {
    const given = this.#reception.read(this.#variables, datagram, path, now);
    if ("drop" in given) {
      this.#isDue ||= given.isNews;
      if (given.drop === "sessionCar" || given.drop === "flood") this.#policed(now);
      return;
    }
    if (peerHeard(this.#variables, given.hello, given.isFresh, now)) this.#schedule.trigger();
    for (const member of this.#members.values())
      if (this.#variables.peer?.fitsHalfway(member)) this.#reception.counters.halfwayMembers++;
    // Each believed hello has its own decision, also when several arrive in one turn.
    this.#judge(now);
  }

  /** Datagrams with the peer's address come too fast, and one was dropped. */
  #policed(now: Micros): void {
    const variables = this.#variables;
    // The datagram may have been a hello, so it must not count as silence while BFD is up.
    if (variables.bfd === "up") variables.peer?.excuse(now);
    this.#isDue ||= variables.policedUntil === NEVER;
    variables.policedUntil = later(now, POLICED_TIME);
  }

  expire(now: Micros): void {
    this.#judge(now);
  }

  /** Decides when a variable changed since the last decision. */
  settle(now: Micros): void {
    if (this.#isDue) this.#judge(now);
  }

  nextDeadline(): Micros {
    const next = earliest(decisionDeadline(this.#variables), this.#splitBrain.nextDeadline(this.#variables.now));
    return canSpeak(this.#variables) ? earliest(next, this.#sendAt) : next;
  }

  transmit(out: OutgoingDatagram, now: Micros): boolean {
    const { settings } = this.#variables;
    const { addresses } = settings;
    if (addresses === undefined || !canSpeak(this.#variables) || now < this.#sendAt) return false;
    const isAnswer = this.#schedule.taken(settings.helloInterval, isUrgent(this.#variables), now);
    const { echoes, answered } = this.#freshness.takeEchoes();
    const written = writeHello(
      out.bytes,
      out.start,
      {
        ...fixedPart(this.#variables),
        epoch: this.#numbers.epoch,
        sequence: this.#numbers.next(),
        peerEpoch: (isAnswer ? answered : undefined) ?? this.#freshness.peerEpoch,
      },
      {
        members: helloMembers(this.#variables, now),
        software: this.#software,
        echoes,
        authentication: { mode: this.#authenticator.mode, keyId: settings.sendKeyId },
      },
    );
    this.#authenticator.sign(out.bytes, out.start, written.length, written.digestAt, addresses.source, addresses.peer);
    out.length = written.length;
    out.source = addresses.source;
    out.destination = addresses.peer;
    out.sourcePort = settings.udpPort;
    out.destinationPort = settings.udpPort;
    out.ttl = TTL;
    out.to = undefined;
    out.vrf = addresses.vrf;
    return true;
  }

  /** Counts the hello written last: it left, or the host could not send it. */
  transmitted(left: boolean): void {
    this.#transmissions[left ? "sent" : "sentDropped"]++;
  }

  nextEvent(): EtrunkEvent | undefined {
    return this.#events.shift();
  }

  checkpoint(): SavedEtrunk {
    const members = [...this.#members.values()].flatMap(({ key, carries, identity }) =>
      identity === undefined ? [] : [{ member: key, carries, identity }],
    );
    return { etrunk: this.id, state: this.#variables.state, members };
  }

  // Questions of displays.

  get variables(): EtrunkVariables {
    return this.#variables;
  }
  /** Epoch of the peer's last fresh hello; 0 before the first. */
  get peerEpoch(): number {
    return this.#freshness.peerEpoch;
  }
  get attention(): readonly string[] {
    return [...this.#attentions.values()];
  }
  /** The attentions that stand, each with a text that names the cause. */
  get attentions(): ReadonlyMap<Attention, string> {
    return this.#attentions;
  }
  get counters(): Readonly<HelloReception["counters"] & { sent: number; sentDropped: number }> {
    return { ...this.#reception.counters, ...this.#transmissions };
  }
  get drops(): Readonly<Drops> {
    return this.#reception.drops;
  }
  resetStatistics(): void {
    const { counters, drops } = this.#reception;
    for (const each of [counters, drops, this.#transmissions] as { [counter: string]: number }[])
      for (const counter of Object.keys(each)) each[counter] = 0;
  }

  // Deciding.

  #judge(now: Micros): void {
    const variables = this.#variables;
    this.#isDue = false;
    variables.now = now;
    if (variables.startedAt === NEVER && hasPath(variables)) variables.startedAt = now;
    const silence = noticeSilence(variables, now);
    // After BFD told silence only a hello proves life that was sent after it.
    if (silence !== undefined) this.#freshness.askProof(silence === "bfd");
    if (this.#numbers.renewIfUsedUp()) this.#events.push({ kind: "epoch", epoch: this.#numbers.epoch });
    if (now >= variables.policedUntil) variables.policedUntil = NEVER;
    expireMismatch(variables, now);
    followBfd(variables, now);
    this.#events.push(...decide(variables, now));
    for (const member of this.#members.values()) this.#events.push(...judgeMember(variables, member, now));
    // The network may have learned addresses from the other Master, so the one that stays announces them again.
    if (this.#splitBrain.follow(variables, now)) this.#announce("split brain healed", () => true);
    this.#attend(attentionsOf(variables, this.#splitBrain.isTrouble(now)));
    this.#noticeHandOver(now);
    this.#schedule.saying(helloContent(variables));
    this.#announce("takeover", ({ cameUp }) => cameUp);
    for (const member of this.#members.values()) member.cameUp = false;
  }

  #attend(attentions: ReadonlyMap<Attention, string>): void {
    if (isEqual([...attentions], [...this.#attentions])) return;
    this.#attentions = attentions;
    this.#events.push({ kind: "attention", etrunk: this.id });
  }

  #announce(reason: "takeover" | "split brain healed", which: (member: EtrunkMember) => boolean): void {
    for (const member of this.#members.values())
      if (member.carries && which(member))
        this.#events.push({ kind: "announce", etrunk: this.id, member: member.key, reason });
  }

  get #sendAt(): Micros {
    return this.#schedule.sendAt(this.#variables.settings.helloInterval, isUrgent(this.#variables));
  }

  #noticeHandOver(now: Micros): void {
    const variables = this.#variables;
    if (!isLeaving(variables) || variables.handedOver) return;
    if (variables.hearing && !hasTakenOver(variables) && !isLeavingOver(variables, now)) return;
    variables.handedOver = true;
    this.#events.push({ kind: "handed-over", etrunk: this.id });
  }
}
