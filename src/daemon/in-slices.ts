import { setImmediate } from "node:timers/promises";
import type { Steps } from "../core/base/steps.js";

/** How long a slice may hold the event loop, in milliseconds. */
const SLICE = 5;

/** Does the steps in slices, each in a turn of the event loop of its own, so that the protocols get theirs in between. */
export async function inSlices<Value>(steps: Steps<Value>): Promise<Value> {
  for (;;) {
    const end = performance.now() + SLICE;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < end);
    await setImmediate();
  }
}
