import { later, type Micros, NEVER } from "../base/time.js";

/** A member of a 1:1 trunk as its decision sees it. */
export interface PairMember {
  readonly name: string;
  readonly up: boolean;
  /** `port-master`. */
  readonly isMaster: boolean;
}

export interface PairSettings {
  /** Delay before traffic returns to the master; undefined = it stays where it is (the default). */
  readonly preemptDelay: Micros | undefined;
}

export interface Switch {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly reason: string;
}

/**
 * Manual 1:1 master/backup (behaviour.md 2.1 to 2.3): of two members one works, the other waits. Without a named
 * master the one that was there first and is up becomes it. Traffic moves when the working one fails, by hand, or when
 * the other one is made master; back by itself only with preemption.
 */
export class BackupPair {
  #working: string | undefined;
  /** The member that is master without being named so. */
  #natural: string | undefined;
  /** The named master of the last decision; null before the first, when nobody was renamed. */
  #named: string | undefined | null = null;
  /** Away from a master that is up, by hand: it takes over again by hand, or when it comes back from a failure. */
  #swapped = false;
  #preemptAt: Micros = NEVER;

  /** The member that works; undefined while neither is up. */
  get working(): string | undefined {
    return this.#working;
  }
  get natural(): string | undefined {
    return this.#natural;
  }

  /** Goes on from what an earlier process left. */
  restore(working: string, natural: string | undefined): void {
    this.#working = working;
    this.#natural = natural;
  }

  masterOf(members: readonly PairMember[]): string | undefined {
    const named = members.find(({ isMaster }) => isMaster);
    const natural = members.find(({ name }) => name === this.#natural);
    return (named ?? natural ?? members.find(({ up }) => up) ?? members[0])?.name;
  }

  /** Decides anew; the switch it made, if it made one. */
  decide(members: readonly PairMember[], settings: PairSettings, now: Micros): Switch | undefined {
    const named = members.find(({ isMaster }) => isMaster)?.name;
    const renamed = this.#named !== null && named !== undefined && named !== this.#named;
    this.#named = named;
    if (!members.some(({ name }) => name === this.#natural)) this.#natural = undefined;
    this.#natural ??= members.find(({ up }) => up)?.name;
    const master = members.find(({ name }) => name === this.masterOf(members));
    const working = members.find(({ name }) => name === this.#working);
    if (working?.up !== true) return this.#move(this.#substitute(members, master), this.#whyLost(working));
    if (renamed && master?.up === true) return this.#move(master.name, "another port was made master");
    return this.#preempt(master, settings, now);
  }

  #substitute(members: readonly PairMember[], master: PairMember | undefined): string | undefined {
    return master?.up === true ? master.name : members.find(({ up }) => up)?.name;
  }

  #whyLost(working: PairMember | undefined): string {
    if (working !== undefined) return "the working port went down";
    return this.#working === undefined ? "a port came up" : "the working port was removed";
  }

  #preempt(master: PairMember | undefined, { preemptDelay }: PairSettings, now: Micros): Switch | undefined {
    const isAway = master?.up === true && master.name !== this.#working;
    if (!isAway) this.#swapped = false;
    if (!isAway || this.#swapped || preemptDelay === undefined) {
      // A master that fails again begins its delay anew.
      this.#preemptAt = NEVER;
      return undefined;
    }
    if (this.#preemptAt === NEVER) this.#preemptAt = later(now, preemptDelay);
    return now >= this.#preemptAt ? this.#move(master.name, "preemption") : undefined;
  }

  /** `protect-switch`: to the other member; why not, or the switch. */
  swap(members: readonly PairMember[]): Switch | string {
    const other = members.find(({ name }) => name !== this.#working);
    if (members.length < 2 || other === undefined) return "The Eth-Trunk has no other member interface.";
    if (!other.up) return `${other.name} is down.`;
    this.#swapped = true;
    return this.#move(other.name, "protect-switch") ?? `${other.name} works already.`;
  }

  #move(to: string | undefined, reason: string): Switch | undefined {
    this.#preemptAt = NEVER;
    if (to === this.#working) return undefined;
    const from = this.#working;
    this.#working = to;
    return { from, to, reason };
  }

  nextDeadline(): Micros {
    return this.#preemptAt;
  }
}
