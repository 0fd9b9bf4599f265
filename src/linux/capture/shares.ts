import type { InterfaceIndex } from "../../core/base/protocol.js";
import { assemble, JUMP_EQUAL, LOAD_WORD, RETURN, WHOLE } from "./filter.js";

const SECOND_MILLISECONDS = 1_000;

/** linux/filter.h: SKF_AD_OFF + SKF_AD_IFINDEX, where a program loads the interface of the frame. */
const INTERFACE = 0xffff_f008;

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

/**
 * Keeps an interface that floods out of a shared buffer for the rest of its second, in the kernel: then it costs neither room nor
 * time, and the frames that do not come in are not counted.
 */
export class ShutOut {
  readonly #apply: (filter: Uint32Array) => void;
  readonly #interfaces = new Set<InterfaceIndex>();
  #timer: NodeJS.Timeout | undefined;

  /** `apply`: gives the buffer another filter. */
  constructor(apply: (filter: Uint32Array) => void) {
    this.#apply = apply;
  }

  add(index: InterfaceIndex): void {
    if (this.#interfaces.has(index) || this.#interfaces.size === MOST_SHUT_OUT) return;
    this.#interfaces.add(index);
    this.#apply(compileShutOut(this.#interfaces));
    this.#timer ??= setTimeout(() => this.#letIn(), SECOND_MILLISECONDS);
  }

  #letIn(): void {
    this.#timer = undefined;
    this.#interfaces.clear();
    this.#apply(compileShutOut([]));
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
