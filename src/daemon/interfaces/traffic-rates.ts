import type { Micros } from "../../core/base/time.js";
import type { TrafficCounters, TrafficTable } from "../../linux/traffic-counters.js";

/** What displays call the last 300 seconds, in samples and milliseconds between two. */
const SAMPLES = 30;
export const SAMPLE_PERIOD = 10_000;

/** Bits and frames a second. */
export interface TrafficRates {
  readonly bitsReceived: number;
  readonly framesReceived: number;
  readonly bitsSent: number;
  readonly framesSent: number;
}

interface Sample {
  readonly at: Micros;
  readonly counters: TrafficTable;
}

/** What the interfaces counted, every ten seconds over the last 300. */
export class TrafficHistory {
  readonly #samples: Sample[] = [];

  take(at: Micros, counters: Sample["counters"]): void {
    this.#samples.push({ at, counters });
    if (this.#samples.length > SAMPLES + 1) this.#samples.shift();
  }

  /** From the oldest sample that knows the interface as it is now; undefined where there is none yet. */
  rates(device: string, now: Micros, latest: TrafficCounters): TrafficRates | undefined {
    for (const { at, counters } of this.#samples) {
      const then = counters.get(device);
      // Fewer than then: another interface has the name.
      if (then === undefined || then.bytesReceived > latest.bytesReceived || then.bytesSent > latest.bytesSent)
        continue;
      const seconds = (now - at) / 1_000_000;
      if (seconds <= 0) return undefined;
      const perSecond = (field: keyof TrafficCounters): number => (latest[field] - then[field]) / seconds;
      return {
        bitsReceived: Math.round(8 * perSecond("bytesReceived")),
        framesReceived: Math.round(perSecond("framesReceived")),
        bitsSent: Math.round(8 * perSecond("bytesSent")),
        framesSent: Math.round(perSecond("framesSent")),
      };
    }
    return undefined;
  }
}
