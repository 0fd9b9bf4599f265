import fc from "fast-check";
import { type Micros, micros, millis, seconds } from "../../../src/core/base/time.js";
import { bfdOf } from "../../support/ask.js";
import { Violation } from "../invariants.js";
import type { SimulatedNode } from "../node.js";
import type { Checker } from "../world.js";
import { type BoundSettings, Bounds, HARMLESS } from "./bounds.js";
import { EtrunkPair, type PeParts } from "./etrunk-pair.js";
import { Meddler, PATH_FAULTS, type PathFault } from "./meddler.js";
import { strike } from "./strikes.js";

/** One fault: when it begins and how long it lasts, in milliseconds, and what it hits. Numbers wrap around. */
export interface Fault {
  readonly at: number;
  readonly lasts: number;
  readonly kind: (typeof KINDS)[number];
  /** Which cable, or which PE. */
  readonly where: number;
}

const KINDS = [
  "pull",
  "cut",
  "hello-one-way",
  "hello-both-ways",
  "hello-lossy",
  "hello-slow",
  "freeze",
  "crash-empty",
  "crash-checkpoint",
  "leave",
  "wrong-key",
  "reprioritize",
  "unready",
  "plane-refuses",
  "plane-changed",
  "plane-forgets",
  "crash-clockless",
  "crash-clock-ahead",
  "crash-old",
  "crash-foreign",
  "power-off",
  "sleep",
  "disk-hangs",
  ...PATH_FAULTS,
] as const;

/** A run: the seed draws the settings and everybody's dice; the script is the faults. */
export interface Run {
  readonly seed: number;
  readonly script: readonly Fault[];
}

// Around the timers that matter: a triggered hello, an interval, the deaf second, the wait for a peer, a fail time.
const DURATIONS = [3, 15, 150, 900, 1_100, 2_500, 4_500, 5_500, 10_000, 30_000];

const faults: fc.Arbitrary<Fault> = fc.record({
  at: fc.integer({ min: 0, max: 90_000 }),
  lasts: fc.oneof(fc.constantFrom(...DURATIONS), fc.integer({ min: 1, max: 40_000 })),
  kind: fc.constantFrom(...KINDS),
  where: fc.integer({ min: 0, max: 3 }),
});

/** A PE at rest loses its power while hellos are late, repeated, recorded or forged. */
const takeovers: fc.Arbitrary<Fault[]> = fc
  .tuple(
    fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 30_000 }),
        lasts: fc.integer({ min: 80_000, max: 120_000 }),
        kind: fc.constantFrom(...HARMLESS),
        where: fc.integer({ min: 0, max: 3 }),
      }),
      { maxLength: 3 },
    ),
    fc.record({
      at: fc.integer({ min: 55_000, max: 70_000 }),
      lasts: fc.integer({ min: 15_000, max: 40_000 }),
      kind: fc.constant("power-off" as const),
      where: fc.integer({ min: 0, max: 3 }),
    }),
  )
  .map(([before, fault]) => [...before, fault]);

const runs: fc.Arbitrary<Run> = fc.record({
  seed: fc.noShrink(fc.integer({ min: 1, max: 0xffff_ffff })),
  script: fc.oneof(
    { weight: 4, arbitrary: fc.array(faults, { maxLength: 7, size: "max" }) },
    { weight: 1, arbitrary: takeovers },
  ),
});

/** A data plane that fails is asked again, or looked at, after a minute at most, and then has to stand for a minute. */
const PLANE_RECOVERY = seconds(125);
/** Slow LACP at the CE: a PDU that was lost comes again after 30 s, a silent cut is over after 90. */
const SLOW_RECOVERY = seconds(100);

/** What a CE needs until it drops a PE that is gone (its timeout, and 3 s in EXPIRED) and takes another (it waits 2 s for more links). */
const FAST_CE = seconds(8);
const SLOW_CE = seconds(95);

interface Settings extends BoundSettings {
  readonly revertDelay: Micros;
}

/** A session of the E-Trunk's own: kept by the process, or so fast that the pacer keeps it. */
const bfdWith = (authenticated: boolean, interval: Micros) => ({
  kind: "dynamic" as const,
  trackInterface: undefined,
  minTx: interval,
  minRx: interval,
  multiplier: 3,
  authenticated,
});

/** What both PEs are told, drawn from the seed. */
function randomPair(seed: number): { pair: EtrunkPair; settings: Settings } {
  const dice = new EtrunkPair(1, {}, {}, {}, { seed }).world.random;
  const links = 1 + dice.below(2);
  const interval = [millis(500), seconds(1), seconds(2)][dice.below(3)] as Micros;
  const multiplier = 3 + dice.below(2);
  const revertDelay = dice.below(8);
  const reverts = dice.below(4) > 0;
  const common = {
    helloInterval: interval,
    multiplier,
    revertDelay,
    revert: reverts,
    sequenceCheck: dice.below(2) === 0,
    select: (["default", "link-number", "bandwidth"] as const)[dice.below(3)] ?? "default",
    bfd: seed % 2 === 0 ? bfdWith(seed % 4 === 0, millis(seed % 16 < 4 ? 40 : 300)) : undefined,
  };
  const parts = (priority: number): PeParts => ({ etrunk: { ...common, priority } });
  const priority = dice.below(3) === 0 ? 50 : 20 + dice.below(60);
  const fast = dice.below(4) > 0;
  const pair = new EtrunkPair(
    links,
    parts(50),
    parts(priority),
    { fast },
    {
      seed,
      lag: millis(3),
      keeps: false,
    },
  );
  const { bfd, sequenceCheck } = common;
  const failTime = micros(interval * multiplier);
  const detection = bfd === undefined ? undefined : micros(bfd.minRx * bfd.multiplier);
  const ceTime = fast ? FAST_CE : SLOW_CE;
  const bounds = { helloInterval: interval, failTime, sequenceCheck, detection, ceTime, authenticated: seed % 4 === 0 };
  return { pair, settings: { ...bounds, revertDelay: seconds(revertDelay) } };
}

/** Never a member that carries on what the data plane does not serve, as its PE was told. */
class ServedOnly implements Checker {
  readonly #pair: EtrunkPair;

  constructor(pair: EtrunkPair) {
    this.#pair = pair;
  }

  turned(node: SimulatedNode): void {
    if (node.engine === undefined || node === this.#pair.ce) return;
    const served = [...node.links.values()].filter(({ index }) => !node.dataPlane.isToldUnserved(1, index));
    if (served.length > 0) return;
    const [member] = this.#pair.etrunk(node).members;
    if (member?.state === "Master" || node.trunk().operState === "up")
      throw new Violation(`${node.name}: its member is ${member?.state}, and its data plane serves none`);
  }
}

/** Plays the faults, waits, and checks that exactly one PE carries and stays so. Throws a Violation otherwise. */
export function play({ seed, script }: Run): EtrunkPair {
  const { pair, settings } = randomPair(seed);
  const { world } = pair;
  const bounds = new Bounds(pair, settings);
  const meddler = new Meddler(pair);
  world.checkers.push(bounds, new ServedOnly(pair), meddler);
  world.startAll();
  let end: Micros = seconds(20);
  const old = new Map<SimulatedNode, string[]>(pair.pes.map((pe) => [pe, []]));
  for (const fault of script) {
    const begin = micros(seconds(10) + millis(fault.at));
    world.at(begin, () => {
      for (const pe of pair.pes) if (pe.isRunning) old.get(pe)?.push(pe.checkpoint());
      const kept = old.get(pair.pes[fault.where % 2] as SimulatedNode) ?? [];
      const isPath = PATH_FAULTS.some((kind) => kind === fault.kind);
      bounds.begins(fault);
      const heal = isPath ? meddler.strike(fault.kind as PathFault) : strike(pair, fault, kept);
      world.after(millis(fault.lasts), () => {
        bounds.ends(fault);
        heal();
      });
    });
    end = micros(Math.max(end, begin + millis(fault.lasts)));
  }
  world.run(end);
  if (script.some(({ kind }) => kind.startsWith("plane-"))) world.run(PLANE_RECOVERY);
  world.run(micros(settings.failTime + settings.revertDelay + SLOW_RECOVERY));
  checkQuiet(pair);
  const before = shape(pair);
  world.run(seconds(40));
  checkQuiet(pair);
  if (shape(pair) !== before) throw new Violation(`no rest after the faults: ${before}, then ${shape(pair)}`);
  return pair;
}

function checkQuiet(pair: EtrunkPair): void {
  const [one, two] = pair.pes.map((pe) => pair.etrunk(pe));
  const states = JSON.stringify(
    [one, two].map((view) => [view?.state, view?.causation, view?.members[0]?.state, view?.attention]),
  );
  for (const pe of pair.pes)
    for (const { state, diagnostic } of pe.engine ? bfdOf(pe.engine).sessions : [])
      if (state !== "Up")
        throw new Violation(`${pe.name}: BFD is ${state} after the faults (${diagnostic}): ${states}`);
  const roles = [one?.state, two?.state].sort().join();
  if (roles !== "Backup,Master") throw new Violation(`roles after the faults: ${states}`);
  const carrying = pair.distributing();
  if (carrying.length !== 1) throw new Violation(`${carrying.length} PEs carry after the faults: ${states}`);
  if (pair.ceCarries().length !== pair.links) throw new Violation(`the CE carries on ${pair.ceCarries()}: ${states}`);
  const sides = pair.pes.map((pe) => pair.etrunk(pe).members[0]?.side).sort();
  if (sides.join() !== "first,second") throw new Violation(`sides after the faults: ${sides}`);
}

const shape = (pair: EtrunkPair): string =>
  JSON.stringify([
    pair.pes.map((pe) => [pair.etrunk(pe).state, pair.etrunk(pe).members.map(({ state, side }) => [state, side])]),
    pair.ceCarries(),
  ]);

const replayHint = (run: Run): string =>
  `REPLAY seed=${run.seed} script=${JSON.stringify(run.script)}\n` +
  `again: REPLAY_ETRUNK='${JSON.stringify(run)}' npx vitest run --config .vitest.config.ts test/simulation/etrunk`;

/** Plays so many runs; one that fails is shrunk and thrown with the line that replays it. Returns how many were played. */
export function playAll(count: number, seed: number): number {
  const outcome = fc.check(
    fc.property(runs, (run) => void play(run)),
    { numRuns: count, seed },
  );
  const failed = outcome.counterexample?.[0];
  if (!failed) return outcome.numRuns;
  throw new Error(`${String(outcome.errorInstance)}\n${replayHint(failed)}`, { cause: outcome.errorInstance });
}
