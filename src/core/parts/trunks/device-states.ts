import { earliest, later, type Micros, NEVER, seconds } from "../../base/time.js";

/** A device that we make comes up well within this time. */
const MAKING = seconds(1);

interface DeviceState {
  /** It has been up since it is there. */
  wasUp: boolean;
  /** It counts as set down from then on. */
  downAt: Micros;
  isSetDown: boolean;
}

/**
 * Which devices of trunks somebody set down, which is a wish to shut the trunk down. A device that was up and is down is set down
 * at once; one that was never up, as every device is when it is made, after a second.
 */
export class DeviceStates {
  readonly #states = new Map<number, DeviceState>();

  isSetDown(trunk: number): boolean {
    return this.#states.get(trunk)?.isSetDown === true;
  }

  /** True when the trunk is set down now and was not, or the other way round. */
  linkChanged(
    trunk: number,
    { present, up }: { readonly present: boolean; readonly up: boolean },
    now: Micros,
  ): boolean {
    const before = this.isSetDown(trunk);
    if (!present) {
      this.#states.delete(trunk);
      return before;
    }
    const state = this.#states.get(trunk) ?? { wasUp: false, downAt: NEVER, isSetDown: false };
    this.#states.set(trunk, state);
    state.wasUp ||= up;
    if (up) state.downAt = NEVER;
    else if (state.downAt === NEVER) state.downAt = state.wasUp ? now : later(now, MAKING);
    state.isSetDown = state.downAt <= now;
    return state.isSetDown !== before;
  }

  /** The trunks that count as set down from now on. */
  expire(now: Micros): number[] {
    const due = [...this.#states].filter(([, { isSetDown, downAt }]) => !isSetDown && downAt <= now);
    for (const [, state] of due) state.isSetDown = true;
    return due.map(([trunk]) => trunk);
  }

  nextDeadline(): Micros {
    let next = NEVER;
    for (const { isSetDown, downAt } of this.#states.values()) if (!isSetDown) next = earliest(next, downAt);
    return next;
  }
}
