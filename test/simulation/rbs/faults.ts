import fc from "fast-check";
import { Random } from "../../../src/core/base/random.js";
import { type Micros, millis, seconds } from "../../../src/core/base/time.js";
import { Violation } from "../invariants.js";
import { TablePair, type TestHost } from "./table-pair.js";

const KINDS = [
  "hear",
  "move",
  "lose",
  "burst",
  "switch",
  "both-master",
  "break",
  "cut",
  "deaf",
  "corrupt",
  "restart",
  "restart-empty",
  "refresh",
] as const;

/** Something happens to the pair, and then so many milliseconds pass. Numbers wrap around. */
interface Step {
  readonly kind: (typeof KINDS)[number];
  readonly where: number;
  readonly host: number;
  readonly pause: number;
}

export interface Run {
  readonly seed: number;
  readonly isActiveActive: boolean;
  readonly script: readonly Step[];
}

const step: fc.Arbitrary<Step> = fc.record({
  // Hosts come and go more often than anything fails.
  kind: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(...KINDS) },
    { weight: 1, arbitrary: fc.constantFrom("hear", "hear", "move", "lose", "burst") },
  ),
  where: fc.nat(1),
  host: fc.nat(5),
  pause: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(0, 20, 40, 100, 300) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 5_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(30_000, 65_000) },
  ),
});

const runs: fc.Arbitrary<Run> = fc.record({
  seed: fc.noShrink(fc.integer({ min: 1, max: 0x7fff_ffff })),
  isActiveActive: fc.boolean(),
  // Without the bias towards short scripts that the first runs of a seed have.
  script: fc.noBias(fc.array(step, { minLength: 3, maxLength: 25, size: "max" })),
});

const BURST = 1_500;
/** An audit, the minute between two requests of a batch, and the batch. */
const AUDITED = seconds(125);
const LISTENED = seconds(1_300);
const RECONNECTED = seconds(35);

const hostOf = (number: number): TestHost => ({
  service: number % 2 === 0 ? "arp" : "nd",
  vlans: number % 3 === 0 ? 0 : (10 + (number % 3)) * 65_536,
  number,
});

/** A run of the pair: the first end is master to begin with. */
class Play {
  readonly pair: TablePair;
  master: 0 | 1 = 0;
  #serial = 1;

  constructor({ seed, isActiveActive }: Run) {
    this.pair = new TablePair(new Random(seed));
    this.pair.isActiveActive = isActiveActive;
    this.setRoles();
  }

  setRoles(): void {
    for (const end of this.pair.ends)
      end.local = this.pair.isActiveActive || end.place === this.master ? "master" : "slave";
  }

  /** The end that hears hosts: any in active-active. */
  #hearing(where: number): (typeof this.pair.ends)[number] {
    return this.pair.ends[this.pair.isActiveActive ? ((where % 2) as 0 | 1) : this.master];
  }

  strike({ kind, where, host }: Step): void {
    const { pair } = this;
    const place = (where % 2) as 0 | 1;
    switch (kind) {
      case "hear":
        this.#hearing(where).hear(hostOf(host), 0x0200_0000_0000 + host, pair.now);
        break;
      case "move":
        this.#hearing(where).hear(hostOf(host), 0x0200_0001_0000 + this.#serial++, pair.now);
        break;
      case "lose":
        // Who carries finds that it is gone: the other is told.
        if (pair.isActiveActive) for (const end of pair.ends) end.lose(hostOf(host));
        else this.#hearing(where).lose(hostOf(host));
        break;
      case "burst":
        for (let n = 0; n < BURST; n++) this.#hearing(where).hear(hostOf(100 + n), 0x0200_0002_0000 + n, pair.now);
        break;
      case "switch":
        this.master = this.master === 0 ? 1 : 0;
        this.setRoles();
        // A slave hears nobody.
        pair.step();
        break;
      case "both-master":
        for (const end of pair.ends) end.local = "master";
        break;
      case "break":
        pair.break();
        break;
      case "cut":
        pair.isCut = !pair.isCut;
        break;
      case "deaf":
        pair.ends[place].isDeaf = !pair.ends[place].isDeaf;
        break;
      case "corrupt":
        pair.corrupts = place;
        break;
      case "restart":
      case "restart-empty":
        this.#restart(place, kind === "restart");
        break;
      default:
        pair.ends[place].service.exchange?.refresh(undefined);
    }
  }

  /** Who is killed is slave when it comes back, unless both are to be master. Nothing of the other goes because of it. */
  #restart(place: 0 | 1, keeps: boolean): void {
    const other = this.pair.ends[place === 0 ? 1 : 0];
    const before = other.entries().length;
    this.pair.restart(place, keeps);
    this.master = other.place;
    this.setRoles();
    this.pair.run(seconds(5));
    const after = other.entries().length;
    if (after < before) throw new Violation(`a restart took ${before - after} of ${before} entries of the other`);
  }

  heal(): void {
    const { pair } = this;
    pair.isCut = false;
    pair.corrupts = undefined;
    for (const end of pair.ends) end.isDeaf = false;
    this.setRoles();
    pair.run(RECONNECTED);
    if (!pair.isConnected) throw new Violation(`not connected: ${pair.ends.map(({ service }) => service.obstacle)}`);
    pair.run(AUDITED);
    // A table that began empty removes nothing at the peer before it has listened.
    const isWhole = pair.ends.every((end) => end.local !== "master" || end.isWhole(pair.now));
    if (!isWhole) pair.run(LISTENED);
    // An audit that left just now is not acknowledged yet.
    pair.run(seconds(1));
  }
}

function judge({ pair }: Play): void {
  const [one, two] = pair.ends.map((end) => end.entries());
  if (JSON.stringify(one) !== JSON.stringify(two)) {
    const only = (mine: string[] = [], others: string[] = []) =>
      mine.filter((line) => !others.includes(line)).slice(0, 5);
    throw new Violation(`tables differ: only here ${only(one, two)}; only there ${only(two, one)}`);
  }
  for (const end of pair.ends) {
    if (end.service.unacknowledged > 0)
      throw new Violation(`${end.service.unacknowledged} octets are not acknowledged`);
    if (end.leftovers() > 0) throw new Violation(`${end.leftovers()} rows stand for nothing`);
    const troubles = [...end.service.troubles()];
    if (troubles.length > 0) throw new Violation(`after an audit: ${JSON.stringify(troubles)}`);
  }
  if (pair.mostUnacknowledged > 4 * 1024 * 1024 + 65_536) throw new Violation("too much waited for an ACK");
}

/** Plays the script, heals, and checks that both tables are alike. Throws a Violation otherwise. */
export function play(run: Run): TablePair {
  const playing = new Play(run);
  playing.pair.run(seconds(3));
  for (const each of run.script) {
    playing.strike(each);
    playing.pair.run(millis(each.pause) as Micros);
  }
  playing.heal();
  judge(playing);
  return playing.pair;
}

/** Plays so many runs; one that fails is shrunk and thrown with what replays it. Returns how many were played. */
export function playAll(count: number, seed: number): number {
  const outcome = fc.check(
    fc.property(runs, (run) => void play(run)),
    { numRuns: count, seed },
  );
  const failed = outcome.counterexample?.[0];
  if (!failed) return outcome.numRuns;
  throw new Error(`${String(outcome.errorInstance)}\nREPLAY_RBS='${JSON.stringify(failed)}'`, {
    cause: outcome.errorInstance,
  });
}
