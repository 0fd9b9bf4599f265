import { later, type Micros, NEVER } from "../base/time.js";

/** Facts about a member of a 1:1 trunk. */
export interface PairMember {
  readonly name: string;
  readonly up: boolean;
  /** `port-master`. */
  readonly isMaster: boolean;
}

export interface PairSettings {
  /** Delay before traffic returns to the master; undefined, the default: it does not return. */
  readonly preemptDelay: Micros | undefined;
}

export interface Switch {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly reason: string;
}

/**
 * The decision of a manual 1:1 trunk (behaviour.md 2.1 to 2.3): of two members one works, the other waits. Without a
 * `port-master` the member that was up first is master. Traffic moves when the working member fails, by
 * `protect-switch`, or when the other member is made master; it returns by itself only with preemption.
 */
export class BackupPair {
  #working: string | undefined;
  /** The member that is master without `port-master`. */
  #natural: string | undefined;
  /** The configured master at the last decision; null before the first one. */
  #named: string | undefined | null = null;
  /**
   * `protect-switch` moved traffic away from a master that is up: it stays away until another `protect-switch`, or
   * until the master has failed and come back.
   */
  #swapped = false;
  #preemptAt: Micros = NEVER;

  /** The member that works; undefined while neither is up. */
  get working(): string | undefined {
    return this.#working;
  }
  get natural(): string | undefined {
    return this.#natural;
  }

  /** Continues from the state of an earlier process. */
  restore(working: string, natural: string | undefined): void {
    this.#working = working;
    this.#natural = natural;
  }

  masterOf(members: readonly PairMember[]): string | undefined {
    const named = members.find(({ isMaster }) => isMaster);
    const natural = members.find(({ name }) => name === this.#natural);
    return (named ?? natural ?? members.find(({ up }) => up) ?? members[0])?.name;
  }

  /** Decides which member works; returns the switch-over when there is one. */
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
      // The delay begins anew when the master fails again.
      this.#preemptAt = NEVER;
      return undefined;
    }
    if (this.#preemptAt === NEVER) this.#preemptAt = later(now, preemptDelay);
    return now >= this.#preemptAt ? this.#move(master.name, "preemption") : undefined;
  }

  /** `protect-switch`: moves to the other member; returns the switch-over, or a text that says why not. */
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
