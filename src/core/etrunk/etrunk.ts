import type { Mac } from "../base/address.js";
import { isGroupMac } from "../base/address.js";
import type { IncomingDatagram, OutgoingDatagram } from "../base/datagram.js";
import type { Digests } from "../base/digests.js";
import { earliest, later, type Micros, micros, NEVER, seconds } from "../base/time.js";
import type { DesiredEtrunk, DesiredEtrunkMember } from "../contract/desired/etrunk.js";
import { HelloView, SEQUENCE_CHECK, writeHello } from "../wire/etrunk-hello.js";
import { ETRUNK_STATES } from "../wire/etrunk-names.js";
import { Attentions, attentionsOf } from "./attention.js";
import { Authenticator, MISMATCH_TIME, type Mismatch } from "./authenticator.js";
import { compareWith } from "./comparison.js";
import { DROP_OF, type DropClass, newDrops } from "./drops.js";
import { type Decision, type ElectionInputs, elect } from "./election.js";
import type { EtrunkEvent, LacpIdentity } from "./etrunk-event.js";
import { fixedPart, helloMembers } from "./hello-content.js";
import { HelloSchedule } from "./hello-schedule.js";
import { History } from "./history.js";
import { hasTakenOver, judgeMember } from "./judge-member.js";
import { EtrunkMember, type MemberFacts } from "./member.js";
import { Freshness, Peer } from "./peer.js";
import type { SavedEtrunk } from "./saved.js";
import { SplitBrain } from "./split-brain.js";

const LEAVING_TIME = seconds(1);
/** A Master that does not hear us is given this long to hear us again. */
const DEAF_TIME = seconds(1);
const POLICED_TIME = seconds(10);
const TTL = 255;

/** The tracked BFD session, as far as the E-Trunk cares. `none`: nothing is tracked, or it was never up. */
export type BfdState = "none" | "up" | "down" | "admin-down";

/**
 * One E-Trunk: two PEs that agree which of them carries each member trunk (behaviour.md 3, formats/e-trunk-hello.md).
 * Hellos over UDP, election, members, sides. Left out: Global-VE members.
 */
export class Etrunk {
  readonly id: number;
  settings: DesiredEtrunk;
  readonly deviceMac: Mac;
  readonly authenticator: Authenticator;
  readonly freshness: Freshness;
  readonly members = new Map<number, EtrunkMember>();
  readonly identities = new Map<number, LacpIdentity>();
  state: Decision["state"] = "Init";
  cause: Decision["cause"] = "INIT";
  /** What the last decision looked at, and when it was made. */
  inputs: ElectionInputs | undefined;
  decidedAt: Micros = micros(0);
  readonly history = new History<Decision["state"], Decision["cause"]>();
  peer: Peer | undefined;
  hearing = false;
  sourceHere = false;
  /** Why its UDP socket cannot be opened. */
  socketTrouble: string | undefined;
  bfd: BfdState = "none";
  readonly counters = { received: 0, sent: 0, sentDropped: 0, receivedDropped: 0, halfwayMembers: 0, wentBackwards: 0 };
  readonly drops = newDrops();
  /** The last refusal that names a difference between the two configurations. */
  mismatch: Mismatch | undefined;

  /** Until when the last hello dropped by session-CAR is worth an alarm. */
  policedUntil: Micros = NEVER;

  #now: Micros = micros(0);
  #startedAt: Micros = NEVER;
  #everHeard = false;
  #bfdDown = false;
  #deafSince: Micros = NEVER;
  #leavingSince: Micros = NEVER;
  #handedOver = false;
  readonly #splitBrain = new SplitBrain();
  readonly #schedule = new HelloSchedule();
  readonly #attentions: Attentions;
  readonly #events: EtrunkEvent[] = [];
  readonly #view = new HelloView();
  readonly #software: string;

  /** What the process before left: it holds until the peer is heard or its silence counts. */
  readonly #resumed: SavedEtrunk | undefined;

  constructor(
    settings: DesiredEtrunk,
    deviceMac: Mac,
    epoch: number,
    digests: Digests,
    software: string,
    resumed?: SavedEtrunk,
  ) {
    this.#resumed = resumed;
    this.id = settings.id;
    this.#attentions = new Attentions(settings.id);
    this.settings = settings;
    this.deviceMac = deviceMac;
    this.authenticator = new Authenticator(digests, settings);
    this.freshness = new Freshness(epoch);
    this.#software = software;
  }

  // Commands.

  configure(settings: DesiredEtrunk, now: Micros): void {
    const moved = JSON.stringify(settings.addresses) !== JSON.stringify(this.settings.addresses);
    if (JSON.stringify(settings) !== JSON.stringify(this.settings)) this.#schedule.trigger();
    this.settings = settings;
    this.authenticator.configure(settings);
    if (moved) this.#forgetPeer();
    this.#judge(now);
  }

  setMember(trunk: number, desired: DesiredEtrunkMember, facts: MemberFacts, now: Micros): void {
    const member = this.members.get(trunk) ?? this.#addMember(trunk, desired);
    member.desired = desired;
    this.memberChanged(trunk, facts, now);
  }

  #addMember(trunk: number, desired: DesiredEtrunkMember): EtrunkMember {
    const member = new EtrunkMember(trunk, desired);
    this.members.set(trunk, member);
    const saved = this.#resumed?.members.find((each) => each.trunk === trunk);
    if (saved === undefined) return member;
    member.side = saved.identity.side;
    member.state = saved.carries ? "Master" : "Backup";
    this.identities.set(trunk, saved.identity);
    this.#events.push({ kind: "member-role", etrunk: this.id, trunk, isNewIdentity: false });
    return member;
  }

  checkpoint(): SavedEtrunk {
    const members = [...this.members.values()].flatMap(({ trunk, carries }) => {
      const identity = this.identities.get(trunk);
      return identity === undefined ? [] : [{ trunk, carries, identity }];
    });
    return { etrunk: this.id, state: this.state, members };
  }

  removeMember(trunk: number, now: Micros): void {
    this.members.delete(trunk);
    this.identities.delete(trunk);
    this.#judge(now);
  }

  /** The trunk under a member, or its LACP, is not what it was. */
  memberChanged(trunk: number, facts: MemberFacts, now: Micros): void {
    const member = this.members.get(trunk);
    if (member === undefined) return;
    const cameUp = facts.up && !member.facts.up;
    member.facts = facts;
    this.#judge(now);
    if (cameUp && member.carries) this.#events.push({ kind: "announce", etrunk: this.id, trunk, reason: "takeover" });
  }

  /** Whether the source address stands on this host. */
  sourceChanged(here: boolean, now: Micros): void {
    if (here === this.sourceHere) return;
    this.sourceHere = here;
    this.#judge(now);
  }

  socketChanged(trouble: string | undefined, now: Micros): void {
    if (trouble === this.socketTrouble) return;
    this.socketTrouble = trouble;
    this.#judge(now);
  }

  bfdChanged(state: BfdState, now: Micros): void {
    const fell = this.bfd === "up" && state === "down";
    this.bfd = state;
    if (fell) this.#bfdDown = true;
    if (state === "none") this.#bfdDown = false;
    this.#judge(now);
  }

  /** A planned stop: the peer is asked to take over; `handed-over` follows within a second. */
  leave(now: Micros): void {
    if (this.#leavingSince !== NEVER) return;
    this.#leavingSince = now;
    this.#schedule.trigger();
    this.#judge(now);
  }

  // The contract, for datagrams.

  receive(datagram: IncomingDatagram, now: Micros): void {
    const { addresses } = this.settings;
    if (addresses?.peer.text !== datagram.source.text || addresses.source.text !== datagram.destination.text) {
      this.drop("peerAddress");
      return;
    }
    const hello = this.#view.wrap(datagram.bytes, datagram.start, datagram.length);
    const fault = hello.fault();
    if (fault !== undefined) this.drop(DROP_OF[fault]);
    else if (this.#isAuthentic(hello, datagram, now) && this.#isFresh(hello, now)) this.#believe(hello, now);
  }

  expire(now: Micros): void {
    this.#judge(now);
  }

  nextDeadline(): Micros {
    let next = this.hearing && this.peer !== undefined ? this.peer.deadline : NEVER;
    next = earliest(next, earliest(this.policedUntil, this.#splitBrain.nextDeadline(this.#now)));
    if (this.#waitsUntil() > this.#now) next = earliest(next, this.#waitsUntil());
    if (this.#deafSince !== NEVER && later(this.#deafSince, DEAF_TIME) > this.#now)
      next = earliest(next, later(this.#deafSince, DEAF_TIME));
    if (this.#leavingSince !== NEVER && !this.#handedOver)
      next = earliest(next, later(this.#leavingSince, LEAVING_TIME));
    for (const member of this.members.values()) next = earliest(next, member.nextDeadline(this.#now));
    return this.#canSpeak ? earliest(next, this.#sendAt) : next;
  }

  transmit(out: OutgoingDatagram, now: Micros): boolean {
    const { addresses } = this.settings;
    if (addresses === undefined || !this.#canSpeak || now < this.#sendAt) return false;
    const answered = this.#schedule.taken(now);
    const written = writeHello(
      out.bytes,
      out.start,
      {
        ...fixedPart(this),
        epoch: this.freshness.epoch,
        sequence: this.freshness.next(),
        peerEpoch: answered ?? this.freshness.peerEpoch,
      },
      helloMembers(this, now),
      this.#software,
      { mode: this.authenticator.mode, keyId: this.settings.sendKeyId },
    );
    this.authenticator.sign(out.bytes, out.start, written.length, written.digestAt, addresses.source, addresses.peer);
    out.length = written.length;
    out.source = addresses.source;
    out.destination = addresses.peer;
    out.sourcePort = this.settings.udpPort;
    out.destinationPort = this.settings.udpPort;
    out.ttl = TTL;
    out.to = undefined;
    out.vrf = addresses.vrf;
    return true;
  }

  /** What became of the hello written last. */
  transmitted(left: boolean): void {
    this.counters[left ? "sent" : "sentDropped"]++;
  }

  nextEvent(): EtrunkEvent | undefined {
    return this.#events.shift();
  }

  /** The session's rate is used up: somebody floods us with datagrams that bear the peer's address. */
  policed(now: Micros): void {
    this.drop("sessionCar");
    // It may have been a hello of the peer's: as long as BFD says that it lives, what is dropped here is not its silence.
    if (this.bfd === "up") this.peer?.excuse(now);
    const isNews = this.policedUntil === NEVER;
    this.policedUntil = later(now, POLICED_TIME);
    if (isNews) this.#judge(now);
  }

  /** A hello that was not read any further. */
  drop(why: DropClass): void {
    this.drops[why]++;
    this.counters.receivedDropped++;
  }

  resetStatistics(): void {
    for (const counters of [this.counters, this.drops] as { [counter: string]: number }[])
      for (const counter of Object.keys(counters)) counters[counter] = 0;
  }

  /** It is removed: what stood because of it stands no more. */
  retire(): EtrunkEvent[] {
    return this.#attentions.follow(new Map());
  }

  // What displays ask.

  get failTime(): Micros {
    return micros(this.settings.helloInterval * this.settings.multiplier);
  }
  get attention(): readonly string[] {
    return this.#attentions.texts;
  }
  revertRemaining(member: EtrunkMember, now: Micros): number {
    return member.revertUntil === NEVER ? 0 : Math.max(0, Math.ceil((member.revertUntil - now) / 1_000_000));
  }

  // Receiving.

  #isAuthentic(hello: HelloView, datagram: IncomingDatagram, now: Micros): boolean {
    const { bytes, start, length, source, destination } = datagram;
    const failure = this.authenticator.check(bytes, start, length, hello.authentication, source, destination);
    if (failure !== undefined) {
      this.mismatch = { failure, at: now, keyId: hello.authentication?.keyId };
      this.drop("authentication");
      this.#judge(now);
      return false;
    }
    if (hello.system !== 0 && !isGroupMac(hello.system)) return true;
    this.drop("systemId");
    return false;
  }

  /** Replays, and hellos of a run that does not know ours, are not believed when the check is on. */
  #isFresh(hello: HelloView, now: Micros): boolean {
    const newer = this.freshness.isNewer(hello);
    const answersUs = this.freshness.answersUs(hello);
    if (newer && !answersUs) this.#schedule.answer(hello.epoch, now);
    if (!this.settings.sequenceCheck) {
      if (!newer) this.counters.wentBackwards++;
      return true;
    }
    if ((hello.flags & SEQUENCE_CHECK) === 0) this.mismatch = { failure: "sequence", at: now };
    else if (newer && answersUs) return true;
    this.drop("sequence");
    this.#judge(now);
    return false;
  }

  #believe(hello: HelloView, now: Micros): void {
    const mayLeave = this.freshness.isNewer(hello) && this.freshness.answersUs(hello);
    this.counters.received++;
    this.freshness.believe(hello);
    this.mismatch = undefined;
    this.peer = new Peer(hello, this.failTime, now, mayLeave);
    this.hearing = true;
    this.#everHeard = true;
    this.#bfdDown = false;
    const deaf = this.peer.isDeafMaster !== undefined;
    if (!deaf) this.#deafSince = NEVER;
    else if (this.#deafSince === NEVER) {
      this.#deafSince = now;
      this.#schedule.trigger();
    }
    for (const member of this.members.values())
      if (this.peer.fitsHalfway(member.trunk, member.desired.remoteTrunk)) this.counters.halfwayMembers++;
    this.#judge(now);
  }

  #forgetPeer(): void {
    this.peer = undefined;
    this.hearing = false;
    this.#everHeard = false;
    this.#bfdDown = false;
    this.#deafSince = NEVER;
    this.#startedAt = NEVER;
    this.mismatch = undefined;
  }

  // Deciding.

  get #canSpeak(): boolean {
    return this.#isEquipped && this.sourceHere;
  }
  get #isEquipped(): boolean {
    return this.settings.addresses !== undefined && this.authenticator.sendKey !== undefined;
  }
  #waitsUntil(): Micros {
    return this.#everHeard || this.#startedAt === NEVER ? NEVER : later(this.#startedAt, this.failTime);
  }
  /** We go on from a checkpoint and have not heard the peer yet. */
  get isResuming(): boolean {
    return this.waiting && this.#resumed !== undefined;
  }
  get waiting(): boolean {
    return !this.#everHeard && (this.#startedAt === NEVER || this.#now < this.#waitsUntil());
  }

  #judge(now: Micros): void {
    this.#now = now;
    if (this.#canSpeak && this.#startedAt === NEVER) this.#startedAt = now;
    this.#noticeSilence(now);
    if (now >= this.policedUntil) this.policedUntil = NEVER;
    if (this.mismatch !== undefined && now >= later(this.mismatch.at, MISMATCH_TIME)) this.mismatch = undefined;
    this.inputs = this.#electionInputs(now);
    const { state, cause } = elect(this.inputs);
    if (state !== this.state || cause !== this.cause) this.decidedAt = now;
    if (state !== this.state) {
      this.#events.push({ kind: "etrunk-state", etrunk: this.id, from: this.state, to: state, causation: cause });
      this.history.add({ time: now, from: this.state, to: state, causation: cause });
    }
    this.state = state;
    this.cause = cause;
    for (const member of this.members.values()) this.#events.push(...judgeMember(this, member, now));
    this.#noticeTwoMasters(now);
    this.#events.push(...this.#attentions.follow(attentionsOf(this, this.#splitBrain.isTrouble(now))));
    this.#noticeHandOver(now);
    const content = JSON.stringify([
      fixedPart(this),
      helloMembers(this, now).map((m) => ({ ...m, revertRemaining: 0 })),
    ]);
    this.#schedule.saying(content);
  }

  #noticeSilence(now: Micros): void {
    if (!this.hearing || this.peer === undefined) return;
    if (this.#bfdDown) this.hearing = false;
    if (now < this.peer.deadline) return;
    this.hearing = false;
    this.#deafSince = NEVER;
    this.freshness.renew();
    this.#events.push({ kind: "epoch", epoch: this.freshness.epoch });
  }

  #electionInputs(now: Micros): ElectionInputs {
    const { peer, hearing } = this;
    const members = [...this.members.values()];
    const deaf = hearing && this.#deafSince !== NEVER && now >= later(this.#deafSince, DEAF_TIME);
    return {
      // A source address that goes after the peer was heard (its interface went, perhaps with the peer) is a path that is lost.
      canSpeak: this.#canSpeak || (this.#isEquipped && this.#everHeard),
      allMembersDown: members.length > 0 && members.every((member) => !member.facts.ready),
      bfdDown: this.#bfdDown,
      bfdSessionDown: this.bfd === "down",
      hearing,
      waiting: this.waiting,
      resumed: ETRUNK_STATES.find((state) => state === this.#resumed?.state),
      peerLeaves: peer?.leaves ?? false,
      peerHasNoMember: hearing && peer?.state === "Init" && peer.cause === "ALL_MEMBER_DOWN",
      peerDeaf: deaf ? peer?.isDeafMaster : undefined,
      comparison: peer === undefined ? -1 : compareWith(this, peer),
    };
  }

  /** After two masters the one that stays announces again: the network may have learned the other. */
  #noticeTwoMasters(now: Micros): void {
    const isHealed = this.#splitBrain.follow(this, this.#someoneLeaves, now);
    if (!isHealed) return;
    for (const member of this.members.values())
      if (member.carries)
        this.#events.push({ kind: "announce", etrunk: this.id, trunk: member.trunk, reason: "split brain healed" });
  }

  get #sendAt(): Micros {
    return this.#schedule.sendAt(this.settings.helloInterval, this.leaves);
  }
  get leaves(): boolean {
    return this.#leavingSince !== NEVER;
  }
  get #someoneLeaves(): boolean {
    return this.leaves || this.peer?.leaves === true;
  }

  #noticeHandOver(now: Micros): void {
    if (this.#leavingSince === NEVER || this.#handedOver) return;
    if (this.hearing && !hasTakenOver(this) && now < later(this.#leavingSince, LEAVING_TIME)) return;
    this.#handedOver = true;
    this.#events.push({ kind: "handed-over", etrunk: this.id });
  }
}
