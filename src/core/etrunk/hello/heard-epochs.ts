import type { HelloEcho } from "../../wire/etrunk-hello.js";

/** Epochs that are remembered. */
const MOST_EPOCHS = 64;
/** Echoes in one hello. */
const MOST_ECHOES = 8;

interface Heard {
  /** The greatest sequence number that was heard in the epoch. */
  sequence: number;
  /** The sequence number that we echoed last. */
  echoed: number;
  /** Place of that echo among all; 0 for none. */
  turn: number;
}

/**
 * The epochs of authentic hellos and what of them we still have to echo. A recording is authentic too, so the peer's own epoch
 * must not wait behind recorded ones: an epoch that was never echoed goes first, and of these the greatest.
 */
export class HeardEpochs {
  readonly #epochs = new Map<number, Heard>();
  #turn = 0;

  /** Takes note of an authentic hello. */
  note({ epoch, sequence }: HelloEcho): void {
    const heard = this.#epochs.get(epoch);
    if (heard !== undefined) heard.sequence = Math.max(heard.sequence, sequence);
    else {
      if (this.#epochs.size >= MOST_EPOCHS) this.#dropOne();
      this.#epochs.set(epoch, { sequence, echoed: 0, turn: 0 });
    }
  }

  /** The epoch that was echoed before and is the smallest; without one, the smallest of all. */
  #dropOne(): void {
    const worse = ([a, one]: [number, Heard], [b, other]: [number, Heard]): number =>
      Number(other.turn > 0) - Number(one.turn > 0) || a - b;
    const [worst] = [...this.#epochs].sort(worse);
    if (worst !== undefined) this.#epochs.delete(worst[0]);
  }

  /** An echo is still owed to a hello of an epoch. */
  owes(epoch: number): boolean {
    const heard = this.#epochs.get(epoch);
    return heard !== undefined && heard.sequence > heard.echoed;
  }

  /** The echoes of the next hello: of this epoch, which is the peer's, and then of those that are owed one. */
  take(own: number): HelloEcho[] {
    const owed = [...this.#epochs].filter(([epoch]) => epoch !== own && this.owes(epoch));
    owed.sort(([a, one], [b, other]) => one.turn - other.turn || b - a);
    const believed = this.#epochs.get(own);
    const chosen: [number, Heard][] = believed === undefined ? owed : [[own, believed], ...owed];
    this.#turn++;
    return chosen.slice(0, MOST_ECHOES).map(([epoch, heard]) => {
      heard.echoed = heard.sequence;
      heard.turn = this.#turn;
      return { epoch, sequence: heard.sequence };
    });
  }

  clear(): void {
    this.#epochs.clear();
  }
}
