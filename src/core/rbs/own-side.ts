import type { RbsProfile } from "../wire/rbs/bodies.js";

/** What this end tells of itself, and when it changed: connections compare the counts with what they have told. */
export class OwnSide {
  readonly epoch: number;
  #profiles: readonly RbsProfile[] = [];
  /** Changes of the list but for states. */
  listChanges = 0;
  /** Changes of state, of all profiles and by backup-id. */
  stateChanges = 0;
  readonly #changesOf = new Map<number, number>();

  constructor(epoch: number) {
    this.epoch = epoch;
  }

  get profiles(): readonly RbsProfile[] {
    return this.#profiles;
  }

  /** How often the state of a profile has changed. */
  changesOf(backupId: number): number {
    return this.#changesOf.get(backupId) ?? 0;
  }

  /** The profiles are now these, in the order of their numbers. */
  set(profiles: readonly RbsProfile[]): void {
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
