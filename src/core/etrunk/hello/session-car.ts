import type { Micros } from "../../base/time.js";

/** Rates of `whitelist session-car` (behaviour.md 3.2). */
export interface CarRates {
  /** kbit/s. */
  readonly cir: number;
  /** Octets. */
  readonly cbs: number;
  readonly pir: number;
  readonly pbs: number;
}

export type Colour = "green" | "yellow" | "red";

class Bucket {
  #tokens: number;
  #filledAt: Micros | undefined;

  constructor(depth: number) {
    this.#tokens = depth;
  }

  fill(rate: number, depth: number, now: Micros): number {
    const since = this.#filledAt === undefined ? 0 : now - this.#filledAt;
    this.#filledAt = now;
    // kbit/s over microseconds: octets = rate / 8 000 each.
    this.#tokens = Math.min(depth, this.#tokens + (since * rate) / 8_000);
    return this.#tokens;
  }
  take(octets: number): void {
    this.#tokens -= octets;
  }
}

/**
 * The policer of one session before the decoder: two token buckets, colour-blind (RFC 2698). Red datagrams are dropped.
 */
export class SessionCar {
  readonly #committed: Bucket;
  readonly #peak: Bucket;
  rates: CarRates;
  readonly packets: { [colour in Colour]: number } = { green: 0, yellow: 0, red: 0 };

  constructor(rates: CarRates) {
    this.rates = rates;
    this.#committed = new Bucket(rates.cbs);
    this.#peak = new Bucket(rates.pbs);
  }

  resetStatistics(): void {
    for (const colour of ["green", "yellow", "red"] as const) this.packets[colour] = 0;
  }

  police(octets: number, now: Micros): Colour {
    const { cir, cbs, pir, pbs } = this.rates;
    const committed = this.#committed.fill(cir, cbs, now);
    const peak = this.#peak.fill(pir, pbs, now);
    const colour: Colour = peak < octets ? "red" : committed < octets ? "yellow" : "green";
    this.packets[colour]++;
    if (colour !== "red") this.#peak.take(octets);
    if (colour === "green") this.#committed.take(octets);
    return colour;
  }
}
