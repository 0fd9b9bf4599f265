import type { Random } from "../../src/core/base/random.js";
import { later, type Micros, micros, millis } from "../../src/core/base/time.js";
import type { SimulatedNode } from "./node.js";

/** One plug of a cable: an interface of a node, by its Linux name. */
export interface Plug {
  readonly node: SimulatedNode;
  readonly device: string;
}

/** How a cable treats frames. Probabilities are 0 to 1. */
export interface Quality {
  readonly delay: Micros;
  /** Added to the delay, evenly spread; frames keep their order. */
  readonly jitter: Micros;
  readonly loss: number;
  readonly duplication: number;
  /** Share of frames that are held back by up to a second, so that later ones overtake them. */
  readonly reordering: number;
  /** News of carrier come up to this late: up to a second on some drivers. */
  readonly newsDelay: Micros;
}

export const GOOD: Quality = {
  delay: micros(50),
  jitter: micros(50),
  loss: 0,
  duplication: 0,
  reordering: 0,
  newsDelay: micros(0),
};

const HOLD_BACK = millis(1_000);

/** A cable between two plugs. Faults are counted, so one that ends does not heal another. */
export class Cable {
  readonly name: string;
  readonly plugs: readonly [Plug, Plug];
  quality: Quality = GOOD;
  silentCuts = 0;
  carrierCuts = 0;
  /** Cuts of what the plug sends. */
  readonly deafening: [number, number] = [0, 0];
  readonly #random: Random;
  readonly #lastArrival: [Micros, Micros] = [micros(0), micros(0)];

  constructor(name: string, plugs: readonly [Plug, Plug], random: Random) {
    this.name = name;
    this.plugs = plugs;
    this.#random = random;
  }

  get hasCarrier(): boolean {
    return this.carrierCuts === 0;
  }

  /** Free of faults: what is sent arrives. */
  get isSound(): boolean {
    const { loss, reordering, duplication } = this.quality;
    return (
      this.hasCarrier && this.silentCuts + this.deafening[0] + this.deafening[1] + loss + reordering + duplication === 0
    );
  }

  /** When a frame sent now by a plug arrives at the other; not at all, once or twice. */
  arrivals(from: 0 | 1, now: Micros): Micros[] {
    if (!this.hasCarrier || this.silentCuts > 0 || this.deafening[from] > 0) return [];
    const { delay, jitter, loss, duplication, reordering } = this.quality;
    if (this.#random.fraction() < loss) return [];
    const copies = this.#random.fraction() < duplication ? 2 : 1;
    return Array.from({ length: copies }, () => {
      const onTime = later(now, micros(delay + this.#random.below(jitter + 1)));
      if (this.#random.fraction() < reordering) return later(onTime, micros(this.#random.below(HOLD_BACK)));
      const inOrder = micros(Math.max(onTime, this.#lastArrival[from]));
      this.#lastArrival[from] = inOrder;
      return inOrder;
    });
  }
}
