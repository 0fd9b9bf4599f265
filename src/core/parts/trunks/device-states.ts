import { earliest, later, type Micros, millis, NEVER, seconds } from "../../base/time.js";

/** A device that we make comes up well within this time. */
const MAKING = seconds(1);
/** A device that is deleted goes down first, and is gone soon. */
const DELETING = millis(50);

interface DeviceState {
  /** It has been up since it is there. */
  wasUp: boolean;
  /** It counts as set down from then on. */
  downAt: Micros;
  isSetDown: boolean;
}

/**
 * Which devices of trunks somebody set down, which is a wish to shut the trunk down. A device that was up and stays down counts
 * as set down, for one that is deleted goes down too; one that was never up, as every device is when it is made, after a second.
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
    else if (state.downAt === NEVER) state.downAt = later(now, state.wasUp ? DELETING : MAKING);
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
