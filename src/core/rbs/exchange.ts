import type { NeighbourTable } from "../base/neighbours/table.js";
import { RBS_SERVICES } from "../base/rbs.js";
import { later, type Micros, NEVER, seconds } from "../base/time.js";
import type { RbsBody, RbsProfile } from "../wire/rbs/bodies.js";
import type { HostService } from "../wire/rbs/host-records.js";
import { PROFILE_STATES, REFRESH_REASONS, rbsService } from "../wire/rbs/names.js";
import type { RbsWriter } from "../wire/rbs/writer.js";
import type { OwnSide } from "./own-side.js";
import { Publisher } from "./publisher.js";
import { Replica } from "./replica.js";

const MASTER = PROFILE_STATES.indexOf("master");
const SLAVE = PROFILE_STATES.indexOf("slave");
/** Between digests of a table. */
const AUDIT = seconds(60);
/** Between two requests of a batch because digests differ. */
const PATIENCE = seconds(60);
/** Digests that differ in a row, of which the last is an alarm. */
const TOO_MANY = 3;

export type RefreshReason = (typeof REFRESH_REASONS)[number];

export interface Trouble {
  readonly backupId: number;
  readonly service: HostService;
  /** `differs`: digests differed too often. `full`: entries found no room. */
  readonly what: "differs" | "full";
}

/** One profile and service that both ends name and this end has a table of. */
class Place {
  readonly backupId: number;
  readonly code: number;
  readonly service: HostService;
  readonly table: NeighbourTable;
  readonly replica: Replica;
  publisher: Publisher | undefined;
  peerState = -1;
  asks: RefreshReason | undefined;
  mayAskAt: Micros = 0 as Micros;
  /** What the peer tells is not heeded. */
  isBlocked = false;
  /** As it was told. */
  trouble: Trouble["what"] | undefined;

  constructor(backupId: number, code: number, service: HostService, table: NeighbourTable, replica: Replica) {
    this.backupId = backupId;
    this.code = code;
    this.service = service;
    this.table = table;
    this.replica = replica;
  }

  close(): void {
    this.publisher?.close();
    this.replica.close();
  }
}

const keyOf = (backupId: number, code: number): number => backupId * 256 + code;
const secondsOf = (now: Micros): number => Math.floor(now / seconds(1));

/** The entries of all profiles of one connection: who publishes which table, and what the peer publishes. */
export class EntryExchange {
  readonly #own: OwnSide;
  #peers: ReadonlyMap<number, RbsProfile> = new Map();
  readonly #places = new Map<number, Place>();
  /** As of which change of this end's tables and profiles the places stand. */
  #followed = -1;
  #auditAt: Micros;
  /** Grows when there are other troubles. */
  troubleChanges = 0;

  constructor(own: OwnSide, now: Micros) {
    this.#own = own;
    this.#auditAt = later(now, AUDIT);
  }

  /** The connection ends: what was told stays. */
  close(): void {
    for (const place of this.#places.values()) place.close();
    this.#places.clear();
  }

  // Following the profiles.

  /** The peer's profiles are these. */
  peerChanged(peers: ReadonlyMap<number, RbsProfile>): void {
    this.#peers = peers;
    this.#follow();
  }

  /** The state of one of the peer's profiles is another. */
  peerStateChanged(peer: RbsProfile): void {
    const own = this.#own.profiles.find(({ backupId }) => backupId === peer.backupId);
    if (own !== undefined) for (const place of this.#placesOf(own, peer)) this.#setRoles(place, own, peer);
  }

  /** Profiles, roles or tables of this end may have changed. */
  ownChanged(): void {
    if (this.#followed !== this.#own.changes) this.#follow();
  }

  #follow(): void {
    this.#followed = this.#own.changes;
    const wanted = new Set<number>();
    for (const profile of this.#own.profiles) {
      const peer = this.#peers.get(profile.backupId);
      if (peer === undefined) continue;
      for (const place of this.#placesOf(profile, peer)) {
        wanted.add(keyOf(profile.backupId, place.code));
        this.#setRoles(place, profile, peer);
      }
    }
    for (const [key, place] of this.#places) {
      if (wanted.has(key)) continue;
      place.close();
      this.#places.delete(key);
    }
  }

  #placesOf(profile: RbsProfile, peer: RbsProfile): Place[] {
    return profile.services.flatMap((code) =>
      peer.services.includes(code) ? (this.#placeOf(profile, peer, code) ?? []) : [],
    );
  }

  #placeOf({ backupId }: RbsProfile, peer: RbsProfile, code: number): Place | undefined {
    const service = rbsService(code);
    if (service !== "arp" && service !== "nd") return undefined;
    const table = this.#own.tables.of(backupId, service);
    if (table === undefined) return undefined;
    const key = keyOf(backupId, code);
    const known = this.#places.get(key);
    if (known?.replica.isOf(table, peer.trunk) === true) return known;
    known?.close();
    const of = { code, trunk: peer.trunk, newBatch: () => this.#own.newBatch() };
    const replica = new Replica(of, table, this.#own.countersOf(backupId, service).received);
    const place = new Place(backupId, code, service, table, replica);
    this.#places.set(key, place);
    return place;
  }

  #setRoles(place: Place, profile: RbsProfile, peer: RbsProfile): void {
    const { backupId, code, service, table } = place;
    this.#block(place);
    if (profile.state !== MASTER || this.#own.blocked.send.includes(service)) {
      place.publisher?.close();
      place.publisher = undefined;
    } else if (place.publisher === undefined) {
      const under = { backupId, service, code, trunk: profile.trunk };
      const counters = this.#own.countersOf(backupId, service).sent;
      place.publisher = new Publisher(under, table, (now) => this.#own.tables.wholeness.isWhole(table, now), counters);
    } else if (peer.state === SLAVE && place.peerState !== SLAVE) {
      // Its own entries became copies, which only a batch clears.
      place.publisher?.refresh();
    }
    if (peer.state === SLAVE && place.peerState !== SLAVE) place.replica.cut();
    place.peerState = peer.state;
  }

  /** What the peer told while it was not heeded is asked for. */
  #block(place: Place): void {
    const isBlocked = this.#own.blocked.receive.includes(place.service);
    if (isBlocked === place.isBlocked) return;
    place.isBlocked = isBlocked;
    if (isBlocked) place.replica.cut();
    else place.asks = "asked for";
  }

  // Receiving.

  heed(body: RbsBody, now: Micros): void {
    if (body.kind === "ENTRIES") {
      const place = this.#publishedBy(body);
      if (place !== undefined && body.hosts !== undefined) {
        place.replica.take(body.hosts, body.generation, secondsOf(now));
        this.#noteTrouble(place);
      }
    } else if (body.kind === "BATCH-BEGIN") this.#publishedBy(body)?.replica.begin(body.generation);
    else if (body.kind === "BATCH-END") {
      const place = this.#publishedBy(body);
      const isAlike = place?.replica.end(body);
      if (place !== undefined) this.#compared(place, isAlike, now);
      if (isAlike === true && place !== undefined) this.#own.tables.wholeness.learned(place.table, now);
    } else if (body.kind === "DIGEST") {
      const place = this.#publishedBy(body);
      if (place !== undefined) this.#compared(place, place.replica.compare(body), now);
    } else if (body.kind === "REFRESH") this.#places.get(keyOf(body.backupId, body.service))?.publisher?.refresh();
  }

  /** The place of entries that the peer may tell: it says that it is master, and is heeded. */
  #publishedBy({ backupId, service }: { readonly backupId: number; readonly service: number }): Place | undefined {
    const place = this.#places.get(keyOf(backupId, service));
    if (place?.peerState === MASTER && !place.isBlocked) return place;
    this.#own.ignored++;
    return undefined;
  }

  #compared(place: Place, isAlike: boolean | undefined, now: Micros): void {
    this.#noteTrouble(place);
    if (isAlike !== false || now < place.mayAskAt) return;
    place.mayAskAt = later(now, PATIENCE);
    place.asks = "digests differ";
  }

  #noteTrouble(place: Place): void {
    const trouble = troubleOf(place);
    if (trouble !== place.trouble) this.troubleChanges++;
    place.trouble = trouble;
  }

  /** A person wants a new batch of the peer. */
  ask(backupId: number, service: HostService, reason: RefreshReason): void {
    for (const place of this.#places.values())
      if (place.backupId === backupId && place.service === service) place.asks = reason;
  }

  /** A person wants a new batch for the peer. */
  refresh(service: HostService | undefined): void {
    for (const place of this.#places.values())
      if (service === undefined || place.service === service) place.publisher?.refresh();
  }

  // Time and sending.

  expire(now: Micros): void {
    if (now < this.#auditAt) return;
    this.#auditAt = later(now, AUDIT);
    for (const { publisher } of this.#places.values()) publisher?.audit();
  }

  nextDeadline(): Micros {
    return this.#places.size === 0 ? NEVER : this.#auditAt;
  }

  /** Writes the next message; 0 where none is due. */
  write(writer: RbsWriter, sequence: number, now: Micros): number {
    for (const place of this.#places.values()) {
      const { backupId, code, asks } = place;
      if (asks !== undefined) {
        place.asks = undefined;
        return writer.refresh(sequence, backupId, code, REFRESH_REASONS.indexOf(asks) + 1);
      }
      const length = place.publisher?.write(writer, sequence, now) ?? 0;
      if (length > 0) return length;
    }
    return 0;
  }

  // What is shown.

  /** Why the tables of a profile and service cannot be kept alike; undefined while they are. */
  troubleOf(backupId: number, service: HostService): Trouble["what"] | undefined {
    return this.#places.get(keyOf(backupId, RBS_SERVICES[service]))?.trouble;
  }

  /** Profiles and services of which the tables cannot be kept alike, and why. */
  *troubles(): Generator<Trouble> {
    for (const place of this.#places.values()) {
      const { backupId, service, trouble } = place;
      if (trouble !== undefined) yield { backupId, service, what: trouble };
    }
  }
}

function troubleOf({ replica }: Place): Trouble["what"] | undefined {
  if (!replica.isComparing) return "full";
  return replica.mismatchesInARow >= TOO_MANY ? "differs" : undefined;
}
