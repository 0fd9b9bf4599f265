import type { NeighbourTable } from "../base/neighbours/table.js";
import type { ProfileState } from "../wire/rbs/names.js";

/** What decides whose the entries of a profile are. */
export interface ProfileRole {
  readonly local: ProfileState;
  /** Null while the peer's is not known. */
  readonly peer: ProfileState | null;
  /** Of the peer's run; null while it is not known. */
  readonly peerEpoch: number | null;
  /** Both ends carry at once (`force-master`). */
  readonly isActiveActive: boolean;
  /** Tables of which the peer is not heeded (`backup block receive`). */
  readonly unheard: readonly NeighbourTable[];
}

/**
 * The claims of a table follow the role of its profile (formats/rbs.md 6): who becomes master makes copies its own, in active-active once
 * the peer is known to be master no more, or to have begun anew; who becomes slave makes own entries copies. No entry of the kernel changes by it.
 */
export class TableRoles {
  #claims = false;
  #local: ProfileState = "init";
  #peer: ProfileState | null = null;
  /** The latest that was known. */
  #peerEpoch: number | null = null;
  /** Tables that the kernel's entries were not read into yet. */
  #unrestored: NeighbourTable[] = [];

  /** A table was restored meanwhile: `follow` is to be called. */
  get hasRestored(): boolean {
    return this.#unrestored.some(({ isRestored }) => isRestored);
  }

  follow(role: ProfileRole, tables: readonly NeighbourTable[]): void {
    const { local, peer, peerEpoch } = role;
    const claims = local === "master" && mayClaim(role);
    // What the peer told while both were master is ours as soon as it is not.
    const isLeft = this.#peer === "master" && peer !== "master";
    // A peer that began anew knows nothing of what it told before.
    const isForgotten = this.#peerEpoch !== null && peerEpoch !== null && this.#peerEpoch !== peerEpoch;
    const becomesSlave = local === "slave" && this.#local !== "slave";
    for (const table of tables) {
      const wasRestored = table.isRestored && this.#unrestored.includes(table);
      if ((claims && (!this.#claims || isLeft)) || (local === "master" && isForgotten)) table.claimCopies();
      // What was read from the kernel stands there as own.
      if (becomesSlave || (local === "slave" && wasRestored)) table.yieldOwns();
      table.copiesAge = doCopiesAge(role) || role.unheard.includes(table);
    }
    this.#unrestored = tables.filter(({ isRestored }) => !isRestored);
    this.#local = local;
    this.#peer = peer;
    this.#peerEpoch = peerEpoch ?? this.#peerEpoch;
    this.#claims = claims;
  }
}

function mayClaim({ peer, isActiveActive }: ProfileRole): boolean {
  return isActiveActive ? peer !== null && peer !== "master" : true;
}

/** Not while their owner can delete them. */
function doCopiesAge({ local, peer, isActiveActive }: ProfileRole): boolean {
  if (peer === null) return true;
  return local === "master" && !(isActiveActive && peer === "master");
}
