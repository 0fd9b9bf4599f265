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
 * Manual 1:1 master/backup (protocol-facts 2.1 to 2.3): of two members one works, the other waits. Without a named
 * master the one that was there first and is up becomes it. Traffic moves when the working one fails or by hand, and back
 * only with preemption.
 */
export class BackupPair {
  /** The member that works; undefined while neither is up. */
  working: string | undefined;
  /** The member that is master without being named so. */
  #natural: string | undefined;
  #preemptAt: Micros = NEVER;

  masterOf(members: readonly PairMember[]): string | undefined {
    const named = members.find(({ isMaster }) => isMaster)?.name;
    if (named !== undefined) return named;
    if (!members.some(({ name }) => name === this.#natural)) this.#natural = undefined;
    this.#natural ??= members.find(({ up }) => up)?.name;
    return this.#natural ?? members[0]?.name;
  }

  /** Decides anew; the switch it made, if it made one. */
  decide(members: readonly PairMember[], settings: PairSettings, now: Micros): Switch | undefined {
    const master = members.find(({ name }) => name === this.masterOf(members));
    const working = members.find(({ name }) => name === this.working);
    if (working?.up !== true) return this.#move(this.#substitute(members, master), this.#whyLost(working));
    return this.#preempt(master, settings, now);
  }

  #substitute(members: readonly PairMember[], master: PairMember | undefined): string | undefined {
    return master?.up === true ? master.name : members.find(({ up }) => up)?.name;
  }

  #whyLost(working: PairMember | undefined): string {
    if (working !== undefined) return "the working port went down";
    return this.working === undefined ? "a port came up" : "the working port was removed";
  }

  #preempt(master: PairMember | undefined, { preemptDelay }: PairSettings, now: Micros): Switch | undefined {
    const waits = preemptDelay !== undefined && master?.up === true && master.name !== this.working;
    if (!waits) {
      // A master that fails again begins its delay anew.
      this.#preemptAt = NEVER;
      return undefined;
    }
    if (this.#preemptAt === NEVER) this.#preemptAt = later(now, preemptDelay);
    return now >= this.#preemptAt ? this.#move(master.name, "preemption") : undefined;
  }

  /** `protect-switch`: to the other member; why not, or the switch. */
  swap(members: readonly PairMember[]): Switch | string {
    const other = members.find(({ name }) => name !== this.working);
    if (other === undefined) return "The Eth-Trunk has no other member.";
    if (!other.up) return `${other.name} is down.`;
    return this.#move(other.name, "protect-switch") ?? `${other.name} works already.`;
  }

  #move(to: string | undefined, reason: string): Switch | undefined {
    this.#preemptAt = NEVER;
    if (to === this.working) return undefined;
    const from = this.working;
    this.working = to;
    return { from, to, reason };
  }

  nextDeadline(): Micros {
    return this.#preemptAt;
  }
}
