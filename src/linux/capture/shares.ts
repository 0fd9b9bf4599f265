import type { InterfaceIndex } from "../../core/base/protocol.js";
import { assemble, INTERFACE, JUMP_EQUAL, LOAD_WORD, RETURN, WHOLE } from "../classic-bpf.js";

const SECOND_MILLISECONDS = 1_000;

/** Two instructions each, of 4,096 that the kernel takes. */
const MOST_SHUT_OUT = 2_000;

/** How many frames each interface has put into a buffer that all share, in the second under way. */
export class Shares {
  readonly #most: number;
  readonly #taken = new Map<InterfaceIndex, number>();
  #since = Number.NEGATIVE_INFINITY;

  /** `most`: frames of one interface in a second. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts a frame; false when it is beyond the share of its interface. */
  take(index: InterfaceIndex): boolean {
    const taken = (this.#taken.get(index) ?? 0) + 1;
    this.#taken.set(index, taken);
    return taken <= this.#most;
  }

  /** Frames taken from now on belong to another second when one is over. `now`: milliseconds. */
  passTime(now: number): void {
    if (now - this.#since < SECOND_MILLISECONDS) return;
    this.#since = now;
    this.#taken.clear();
  }
}

/** Classic BPF that drops the frames of these interfaces before they come into the buffer. @internal */
export function compileShutOut(interfaces: Iterable<InterfaceIndex>): Uint32Array {
  const drops = [...interfaces].flatMap((index) => [[JUMP_EQUAL, 0, 1, index] as const, [RETURN, 0, 0, 0] as const]);
  return assemble([[LOAD_WORD, 0, 0, INTERFACE], ...drops, [RETURN, 0, 0, WHOLE]]);
}

export interface ShutOutOptions {
  /** Gives the buffer another filter. */
  apply(filter: Uint32Array): void;
  /** Counts the frames of an interface from now on; the answer ends that and says how many came. */
  tally(index: InterfaceIndex): () => number;
  /** So many frames of an interface were left out. */
  excess(index: InterfaceIndex, frames: number): void;
}

/**
 * Keeps an interface that floods out of a shared buffer for the rest of its second, in the kernel: then it costs neither room nor
 * time, and is only counted.
 */
export class ShutOut {
  readonly #options: ShutOutOptions;
  readonly #interfaces = new Map<InterfaceIndex, { leftOut: number; readonly tallied: () => number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ShutOutOptions) {
    this.#options = options;
  }

  /** A frame of the interface is left out, and all that follow in this second. */
  add(index: InterfaceIndex): void {
    const known = this.#interfaces.get(index);
    if (known !== undefined) known.leftOut++;
    else if (this.#interfaces.size === MOST_SHUT_OUT) this.#options.excess(index, 1);
    else {
      this.#options.apply(compileShutOut([...this.#interfaces.keys(), index]));
      this.#interfaces.set(index, { leftOut: 1, tallied: this.#options.tally(index) });
      this.#timer ??= setTimeout(() => this.#letIn(), SECOND_MILLISECONDS);
    }
  }

  #letIn(): void {
    this.#timer = undefined;
    const counted = [...this.#interfaces].map(([index, { leftOut, tallied }]) => [index, leftOut + tallied()] as const);
    this.#interfaces.clear();
    this.#options.apply(compileShutOut([]));
    for (const [index, frames] of counted) this.#options.excess(index, frames);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const { tallied } of this.#interfaces.values()) tallied();
  }
}
