import { earliest, later, type Micros, millis, NEVER, seconds } from "../base/time.js";
import type { RbsBody, RbsOpen, RbsProfile } from "../wire/rbs/bodies.js";
import { RbsFramer } from "../wire/rbs/framer.js";
import { GREATEST_BACKUP_ID, RbsView } from "../wire/rbs/message.js";
import { CLOSE_CODES, type CloseCode } from "../wire/rbs/names.js";
import type { RbsWriter } from "../wire/rbs/writer.js";
import type { EntryExchange } from "./exchange.js";
import type { OwnSide } from "./own-side.js";

/** Seconds without a message after which this end sends KEEPALIVE, and how many of them the peer waits for one. */
const KEEPALIVE = 20;
const MULTIPLIER = 8;
/** For the first message of the peer. */
const OPENING_TIME = seconds(10);
/** What is received is acknowledged so much later at most, and after so many octets. */
const ACK_DELAY = millis(100);
const ACK_OCTETS = 256 * 1024;
/** Octets that may wait for an ACK: beyond, entries wait in their tables. */
const MOST_UNACKNOWLEDGED = 4 * 1024 * 1024;

/** What the peer told of itself. */
export interface PeerSide {
  readonly epoch: number;
  /** Seconds. */
  readonly keepalive: number;
  readonly multiplier: number;
  readonly profiles: ReadonlyMap<number, RbsProfile>;
}

export interface RbsCounters {
  messagesSent: number;
  messagesReceived: number;
  octetsSent: number;
  octetsReceived: number;
}

/** A message that waits for its ACK. */
interface Sent {
  readonly sequence: number;
  readonly octets: number;
}

const view = new RbsView();

/** One TCP connection, from the moment it stands: the protocol of formats/rbs.md over its octets. */
export class RbsConnection {
  /** The Host's number of it. */
  readonly id: number;
  readonly #own: OwnSide;
  readonly #counters: RbsCounters;
  readonly #framer = new RbsFramer();
  #received = 0;
  #sent = 0;
  #peer: (PeerSide & { readonly profiles: Map<number, RbsProfile> }) | undefined;
  /** Profiles of an OPEN that goes on. */
  #begun: RbsProfile[] | undefined;
  /** Grows with each change of what the peer told. */
  peerChanges = 0;
  readonly openedAt: Micros;
  #heardAt: Micros;
  #sentAt: Micros;

  /** What is told: the list of profiles, and the changes of state, each as far as they were told. */
  #listTold = -1;
  #nextProfile = 0;
  readonly #statesTold = new Map<number, number>();
  /** The search for changes of state: all until then are told, and where among the profiles it goes on. */
  readonly #search = { told: 0, since: 0, at: 0 };
  readonly #generations = new Map<number, number>();
  #ackAt = NEVER;
  #unconfirmed = 0;
  readonly #unacknowledged: Sent[] = [];
  #unacknowledgedOctets = 0;
  /** When something unacknowledged was sent first, or something was acknowledged last. */
  #progressAt: Micros;

  /** The Host takes no more octets for now. */
  isBlocked = false;
  #ending: { readonly code: CloseCode | undefined; readonly text: string } | undefined;
  #closeIsSent = false;
  readonly #opens: (now: Micros) => void;
  /** The entries; undefined before this is the connection in use. */
  exchange: EntryExchange | undefined;

  /** `opens`: called when both ends have opened, before any further message. */
  constructor(id: number, own: OwnSide, counters: RbsCounters, now: Micros, opens: (now: Micros) => void) {
    this.#opens = opens;
    this.id = id;
    this.#own = own;
    this.#counters = counters;
    this.openedAt = now;
    this.#heardAt = now;
    this.#sentAt = now;
    this.#progressAt = now;
  }

  /** What the peer told of itself; undefined before its first list of profiles is whole. */
  get peer(): PeerSide | undefined {
    return this.#peer;
  }
  /** Both ends have opened, and none has closed. */
  get isOpen(): boolean {
    return this.#peer !== undefined && this.#listTold >= 0 && this.#ending === undefined;
  }
  /** Why it ends; undefined while it does not. */
  get reason(): string | undefined {
    return this.#ending?.text;
  }
  /** It ends, and what it had to say has left or cannot leave. */
  get isOver(): boolean {
    return this.#ending !== undefined && (this.#ending.code === undefined || this.#closeIsSent || this.isBlocked);
  }
  get unacknowledgedOctets(): number {
    return this.#unacknowledgedOctets;
  }

  /** Ends the connection; with a code the peer is told. The first reason stands. */
  end(code: CloseCode | undefined, text: string): void {
    this.#ending ??= { code, text };
  }

  // Receiving.

  receive(bytes: DataView, start: number, length: number, now: Micros): void {
    this.#counters.octetsReceived += length;
    if (this.#ending !== undefined) return;
    const fault = this.#framer.take(bytes, start, length, (message, at, octets) => {
      this.#take(message, at, octets, now);
      return this.#ending === undefined;
    });
    if (fault !== undefined) this.end(fault === "version" ? "version" : "malformed", `wrong ${fault} of a message`);
  }

  #take(bytes: DataView, start: number, length: number, now: Micros): void {
    const fault = view.wrap(bytes, start, length).fault();
    const { body, sequence, type } = view;
    if (fault !== undefined) {
      this.end("malformed", `message ${this.#received + 1}: wrong ${fault}`);
      return;
    }
    if (sequence !== ++this.#received) {
      this.end("malformed", `sequence ${sequence} after ${this.#received - 1}`);
      return;
    }
    const mustOpen = this.#peer === undefined || this.#begun !== undefined;
    if (mustOpen && body?.kind !== "OPEN" && body?.kind !== "CLOSE") {
      this.end("malformed", `type ${type} where OPEN must stand`);
      return;
    }
    this.#heardAt = now;
    this.#counters.messagesReceived++;
    if (body?.kind !== "ACK" && body?.kind !== "KEEPALIVE") this.#askForAck(length, now);
    if (body !== undefined) this.#heed(body, now);
  }

  #askForAck(octets: number, now: Micros): void {
    this.#unconfirmed += octets;
    this.#ackAt = this.#unconfirmed >= ACK_OCTETS ? now : earliest(this.#ackAt, later(now, ACK_DELAY));
  }

  #heed(body: RbsBody, now: Micros): void {
    if (body.kind === "OPEN") this.#opened(body, now);
    else if (body.kind === "PROFILE-STATE") this.#stateChanged(body.backupId, body.state);
    else if (body.kind === "ACK" || body.kind === "KEEPALIVE") this.#acknowledged(body.acknowledged, now);
    else if (body.kind === "CLOSE") {
      const text = body.text === "" ? "" : `: ${body.text}`;
      this.end(undefined, `closed by the peer, ${CLOSE_CODES[body.code - 1]}${text}`);
    } else this.exchange?.heed(body, now);
  }

  #opened({ epoch, keepalive, multiplier, goesOn, profiles }: RbsOpen, now: Micros): void {
    const all = [...(this.#begun ?? []), ...profiles];
    this.#begun = goesOn ? all : undefined;
    const byId = new Map(all.map((profile) => [profile.backupId, profile]));
    if (byId.size < all.length || all.length > GREATEST_BACKUP_ID) {
      this.end("malformed", "a backup-id twice in OPEN");
      return;
    }
    if (goesOn) return;
    this.#peer = { epoch, keepalive, multiplier, profiles: byId };
    this.peerChanges++;
    if (this.exchange === undefined && this.isOpen) this.#opens(now);
    this.exchange?.peerChanged(byId);
  }

  #stateChanged(backupId: number, state: number): void {
    const peer = this.#peer;
    const profile = peer?.profiles.get(backupId);
    // The list may have changed while the message was underway.
    if (peer === undefined || profile === undefined || profile.state === state) return;
    const changed = { ...profile, state };
    peer.profiles.set(backupId, changed);
    this.peerChanges++;
    this.exchange?.peerStateChanged(changed);
  }

  #acknowledged(sequence: number, now: Micros): void {
    if (sequence > this.#sent) {
      this.end("malformed", `acknowledges ${sequence} of ${this.#sent}`);
      return;
    }
    for (
      let [first] = this.#unacknowledged;
      first !== undefined && first.sequence <= sequence;
      [first] = this.#unacknowledged
    ) {
      this.#unacknowledged.shift();
      this.#unacknowledgedOctets -= first.octets;
      this.#progressAt = now;
    }
  }

  // Time.

  #silence(): Micros {
    return this.#peer === undefined ? OPENING_TIME : seconds(this.#peer.keepalive * this.#peer.multiplier);
  }

  expire(now: Micros): void {
    this.exchange?.expire(now);
    const silence = this.#silence();
    const time = `${silence / seconds(1)} s`;
    if (this.#peer === undefined && now >= later(this.openedAt, silence))
      this.end("silent for too long", `no OPEN for ${time}`);
    else if (now >= later(this.#heardAt, silence)) this.end("silent for too long", `nothing heard for ${time}`);
    else if (this.#unacknowledged.length > 0 && now >= later(this.#progressAt, silence))
      this.end("silent for too long", `nothing acknowledged for ${time}`);
  }

  nextDeadline(): Micros {
    if (this.#ending !== undefined) return NEVER;
    const silence = this.#silence();
    const silent = later(this.#peer === undefined ? this.openedAt : this.#heardAt, silence);
    const stuck = this.#unacknowledged.length > 0 ? later(this.#progressAt, silence) : NEVER;
    const own = this.isBlocked ? NEVER : earliest(this.#ackAt, later(this.#sentAt, seconds(KEEPALIVE)));
    const audit = this.exchange?.nextDeadline() ?? NEVER;
    return earliest(earliest(silent, stuck), earliest(own, audit));
  }

  // Sending.

  /** Writes the message that is due; 0 where none is. */
  write(writer: RbsWriter, now: Micros): number {
    if (this.isBlocked || this.isOver) return 0;
    const length = this.#writeDue(writer, now);
    if (length === 0) return 0;
    this.#sentAt = now;
    this.#counters.messagesSent++;
    this.#counters.octetsSent += length;
    return length;
  }

  #writeDue(writer: RbsWriter, now: Micros): number {
    if (this.#ending !== undefined) return this.#writeClose(writer, this.#ending);
    if (this.#listTold !== this.#own.listChanges || this.#nextProfile > 0) return this.#writeOpen(writer, now);
    const told = this.#writeState(writer, now);
    if (told > 0) return told;
    if (now >= this.#ackAt) return this.#writeAcknowledgement(writer, "ACK");
    const entries = this.#writeEntries(writer, now);
    if (entries > 0) return entries;
    return now >= later(this.#sentAt, seconds(KEEPALIVE)) ? this.#writeAcknowledgement(writer, "KEEPALIVE") : 0;
  }

  #writeOpen(writer: RbsWriter, now: Micros): number {
    const { epoch, profiles, listChanges } = this.#own;
    // A list that changes while it is told in parts is told to its end, and then anew.
    if (this.#nextProfile === 0) this.#listTold = listChanges;
    const head = { epoch, keepalive: KEEPALIVE, multiplier: MULTIPLIER };
    const { length, next } = writer.open(++this.#sent, head, profiles, Math.min(this.#nextProfile, profiles.length));
    this.#nextProfile = next < profiles.length ? next : 0;
    for (const { backupId } of profiles) this.#statesTold.set(backupId, this.#own.changesOf(backupId));
    return this.#needsAck(length, now);
  }

  #writeState(writer: RbsWriter, now: Micros): number {
    const { profiles, stateChanges } = this.#own;
    const search = this.#search;
    while (search.told !== stateChanges) {
      if (search.at === 0) search.since = stateChanges;
      for (let profile = profiles[search.at]; profile !== undefined; profile = profiles[search.at]) {
        search.at++;
        const changes = this.#own.changesOf(profile.backupId);
        if (this.#statesTold.get(profile.backupId) === changes) continue;
        this.#statesTold.set(profile.backupId, changes);
        return this.#writeStateOf(writer, profile, now);
      }
      search.at = 0;
      search.told = search.since;
    }
    return 0;
  }

  #writeStateOf(writer: RbsWriter, { backupId, state }: RbsProfile, now: Micros): number {
    const generation = (this.#generations.get(backupId) ?? 0) + 1;
    this.#generations.set(backupId, generation);
    return this.#needsAck(writer.profileState(++this.#sent, backupId, state, generation), now);
  }

  #writeEntries(writer: RbsWriter, now: Micros): number {
    if (this.#peer === undefined || this.#unacknowledgedOctets >= MOST_UNACKNOWLEDGED) return 0;
    const length = this.exchange?.write(writer, this.#sent + 1, now) ?? 0;
    if (length === 0) return 0;
    this.#sent++;
    return this.#needsAck(length, now);
  }

  #writeAcknowledgement(writer: RbsWriter, type: "ACK" | "KEEPALIVE"): number {
    this.#ackAt = NEVER;
    this.#unconfirmed = 0;
    return writer.acknowledgement(type, ++this.#sent, this.#received);
  }

  #writeClose(
    writer: RbsWriter,
    { code, text }: { readonly code: CloseCode | undefined; readonly text: string },
  ): number {
    if (code === undefined) return 0;
    this.#closeIsSent = true;
    return writer.close(++this.#sent, code, text);
  }

  #needsAck(octets: number, now: Micros): number {
    if (this.#unacknowledged.length === 0) this.#progressAt = now;
    this.#unacknowledged.push({ sequence: this.#sent, octets });
    this.#unacknowledgedOctets += octets;
    return octets;
  }
}
