import { Random } from "../../src/core/base/random.js";
import { earliest, later, type Micros, micros, NEVER, seconds } from "../../src/core/base/time.js";
import { ETH1, type SessionParts, Station } from "../conformance/bfd/station.js";

interface Flight {
  readonly to: 0 | 1;
  readonly at: Micros;
  readonly bytes: Uint8Array;
}

/** What the wire does to packets of one direction. */
export interface Direction {
  cut: boolean;
  /** Part of the packets that get lost. */
  loss: number;
  delay: Micros;
  /** At most so much is added to the delay, which may change the order. */
  spread: Micros;
}

const ADDRESSES = ["10.0.0.1", "10.0.0.2"] as const;

/** Two ends of one BFD session and the wire between them, in virtual time. */
export class BfdEnds {
  readonly ends: [Station, Station];
  /** By sender. */
  readonly wire: readonly [Direction, Direction];
  /** An end that stands still hears and sends nothing until it goes on. */
  readonly frozen: [boolean, boolean] = [false, false];
  readonly #parts: readonly [SessionParts, SessionParts];
  readonly #random: Random;
  #flights: Flight[] = [];
  #lives = 0;
  now: Micros = seconds(1_000);

  constructor(seed: number, one: SessionParts = {}, other: SessionParts = {}) {
    this.#random = new Random(seed);
    this.#parts = [one, other];
    const calm = (): Direction => ({ cut: false, loss: 0, delay: micros(500), spread: micros(0) });
    this.wire = [calm(), calm()];
    this.ends = [this.#start(0), this.#start(1)];
  }

  #start(end: 0 | 1): Station {
    const [source, peer] = end === 0 ? ADDRESSES : ([ADDRESSES[1], ADDRESSES[0]] as const);
    const parts = { ...this.#parts[end], source, peer, localDiscriminator: 100 * (end + 1) + ++this.#lives };
    const station = new Station([], { seed: this.#random.next(), addresses: [[ETH1, source, 24]] });
    station.now = this.now;
    station.configure(parts);
    return station;
  }

  /** The process of an end dies and begins anew; nobody is told. */
  restart(end: 0 | 1): void {
    this.ends[end] = this.#start(end);
    this.frozen[end] = false;
  }

  get states(): string[] {
    return this.ends.map(({ state }) => state);
  }

  run(duration: Micros): void {
    const end = later(this.now, duration);
    for (;;) {
      for (const n of [0, 1] as const) this.#collect(n);
      let next = this.#flights.reduce((first, { at }) => earliest(first, at), NEVER);
      for (const n of [0, 1] as const) if (!this.frozen[n]) next = earliest(next, this.ends[n].engine.nextDeadline());
      if (next > end) break;
      this.now = micros(Math.max(this.now, next));
      this.#deliver();
      // What has arrived is heard before what is due is judged, also after a standstill.
      for (const n of [0, 1] as const)
        if (!this.frozen[n]) {
          this.ends[n].now = this.now;
          this.ends[n].pass(micros(0));
        }
    }
    this.now = end;
  }

  runUntil(holds: () => boolean, most: Micros): void {
    const end = later(this.now, most);
    while (!holds()) {
      if (this.now >= end) throw new Error(`not within ${most} us: ${this.states.join(", ")}`);
      this.run(micros(1_000));
    }
  }

  #collect(from: 0 | 1): void {
    const { cut, loss, delay, spread } = this.wire[from];
    for (const { bytes } of this.ends[from].taken()) {
      if (cut || this.#random.fraction() < loss) continue;
      const at = later(this.now, micros(delay + Math.floor(this.#random.fraction() * spread)));
      this.#flights.push({ to: from === 0 ? 1 : 0, at, bytes });
    }
  }

  #deliver(): void {
    const due = this.#flights.filter(({ at, to }) => at <= this.now && !this.frozen[to]);
    // A frozen end's socket keeps what arrives; the rest of the world goes on.
    this.#flights = this.#flights
      .filter((flight) => !due.includes(flight))
      .map((flight) => (flight.at <= this.now ? { ...flight, at: later(this.now, micros(1_000)) } : flight));
    for (const { to, bytes } of due.sort((a, b) => a.at - b.at)) {
      this.ends[to].now = this.now;
      this.ends[to].hear(bytes, { source: ADDRESSES[to === 0 ? 1 : 0], destination: ADDRESSES[to] });
    }
  }
}
