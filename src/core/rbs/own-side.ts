import type { NeighbourTable } from "../base/neighbours/table.js";
import type { Blocked } from "../contract/desired/rbs.js";
import type { RbsProfile } from "../wire/rbs/bodies.js";
import type { HostService } from "../wire/rbs/host-records.js";
import { type EntryCounters, noEntryCounters } from "./entry-counters.js";
import type { Wholeness } from "./wholeness.js";

/** The tables of this end. */
export interface OwnTables {
  /** Undefined where the profile does not back up the service. */
  of(backupId: number, service: HostService): NeighbourTable | undefined;
  readonly wholeness: Wholeness;
}

/** What this end tells of itself, and when it changed: connections compare the counts with what they have told. */
export class OwnSide {
  readonly epoch: number;
  #profiles: readonly RbsProfile[] = [];
  /** Changes of the list but for states. */
  listChanges = 0;
  /** Changes of state, of all profiles and by backup-id. */
  stateChanges = 0;
  readonly #changesOf = new Map<number, number>();
  #blocked: Blocked = { send: [], receive: [] };
  /** Changes of any kind, those of tables too. */
  changes = 0;
  readonly tables: OwnTables;
  readonly #counters = new Map<string, EntryCounters>();
  #batches = 0;
  /** Messages about entries that are not known at both ends, or that the peer may not tell. */
  ignored = 0;

  constructor(epoch: number, tables: OwnTables) {
    this.epoch = epoch;
    this.tables = tables;
  }

  /** Of a profile and service, over all connections. */
  countersOf(backupId: number, service: HostService): EntryCounters {
    const key = `${backupId} ${service}`;
    const counters = this.#counters.get(key) ?? noEntryCounters();
    this.#counters.set(key, counters);
    return counters;
  }
  resetCounters(): void {
    this.ignored = 0;
    for (const { sent, received } of this.#counters.values()) {
      const zero = noEntryCounters();
      Object.assign(sent, zero.sent);
      Object.assign(received, zero.received);
    }
  }

  /** A number for a batch of the peer that no other has. */
  newBatch(): number {
    return ++this.#batches;
  }

  get profiles(): readonly RbsProfile[] {
    return this.#profiles;
  }

  /** How often the state of a profile has changed. */
  changesOf(backupId: number): number {
    return this.#changesOf.get(backupId) ?? 0;
  }

  /** Of which services the peer is told nothing, and not heeded. */
  get blocked(): Blocked {
    return this.#blocked;
  }
  set blocked(blocked: Blocked) {
    this.#blocked = blocked;
    this.changes++;
  }

  /** The profiles are now these, in the order of their numbers. */
  set(profiles: readonly RbsProfile[]): void {
    this.changes++;
    const before = this.#profiles;
    this.#profiles = profiles;
    if (before.length !== profiles.length || before.some((old, n) => !isSameButState(old, profiles[n])))
      this.listChanges++;
    const states = new Map(before.map(({ backupId, state }) => [backupId, state]));
    for (const { backupId, state } of profiles) {
      const old = states.get(backupId);
      if (old === undefined || old === state) continue;
      this.stateChanges++;
      this.#changesOf.set(backupId, this.changesOf(backupId) + 1);
    }
  }
}

const isSameButState = (one: RbsProfile, other: RbsProfile | undefined): boolean =>
  other !== undefined && JSON.stringify({ ...one, state: 0 }) === JSON.stringify({ ...other, state: 0 });
