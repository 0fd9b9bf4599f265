import fc from "fast-check";
import { type Micros, micros, millis, NEVER, seconds } from "../../../src/core/base/time.js";
import type { DesiredEtrunkBfd } from "../../../src/core/contract/desired/etrunk.js";
import { GOOD, type Quality } from "../cable.js";
import { strikePlane } from "../faults.js";
import { Violation } from "../invariants.js";
import type { SimulatedNode } from "../node.js";
import type { Checker } from "../world.js";
import { distributes, EtrunkPair, key, type PeParts } from "./etrunk-pair.js";
import { Meddler, PATH_FAULTS, type PathFault } from "./meddler.js";

/** One fault: when it begins and how long it lasts, in milliseconds, and what it hits. Numbers wrap around. */
interface Fault {
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

const runs: fc.Arbitrary<Run> = fc.record({
  seed: fc.noShrink(fc.integer({ min: 1, max: 0xffff_ffff })),
  script: fc.array(faults, { maxLength: 7, size: "max" }),
});

const LOSSY: Quality = { ...GOOD, loss: 0.4, duplication: 0.2 };
const SLOW: Quality = { ...GOOD, delay: millis(200), jitter: millis(200) };
const LONGEST_HAND_OVER = seconds(1);
/** Hellos flow again this long after the last fault of the path or of a PE: the longest fail time and a little. */
const SETTLING = seconds(9);

/** After the fail time: a PE looks for its CE for 5 s, a CE that asks for a PDU each second forgets one it lost in 3 s. */
const FAST_RECOVERY = seconds(10);
/** A data plane that fails is asked again, or looked at, after a minute at most, and then has to stand for a minute. */
const PLANE_RECOVERY = seconds(125);
/** Slow LACP at the CE: a PDU that was lost comes again after 30 s, a silent cut is over after 90. */
const SLOW_RECOVERY = seconds(100);

interface Settings {
  /** Who carries is found this long after the last fault. */
  readonly recovery: Micros;
  readonly failTime: Micros;
  readonly revertDelay: Micros;
  readonly reverts: boolean;
}

/** A session of the E-Trunk's own, as slow as this world needs it, which has no pacer. */
const bfdWith = (authenticated: boolean): DesiredEtrunkBfd => ({
  kind: "dynamic",
  trackInterface: undefined,
  minTx: millis(300),
  minRx: millis(300),
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
    bfd: seed % 2 === 0 ? bfdWith(seed % 4 === 0) : undefined,
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
  const failTime = micros(interval * multiplier);
  const recovery = micros(failTime + (fast ? FAST_RECOVERY : SLOW_RECOVERY));
  return { pair, settings: { failTime, recovery, revertDelay: seconds(revertDelay), reverts } };
}

/** Never two PEs that distribute for longer than a hand-over, as long as hellos flow both ways. */
class OneMaster implements Checker {
  readonly #pair: EtrunkPair;
  #since: Micros | undefined;
  /** Until when a fault of the path or of a PE may still show. */
  disturbedUntil: Micros = seconds(20);

  constructor(pair: EtrunkPair) {
    this.#pair = pair;
  }

  turned(): void {
    const { world, pes } = this.#pair;
    const two = pes.every((pe) => distributes(pe)) && world.now >= this.disturbedUntil;
    if (!two) this.#since = undefined;
    else this.#since ??= world.now;
    if (this.#since !== undefined && world.now - this.#since > LONGEST_HAND_OVER)
      throw new Violation(`two PEs distribute since ${this.#since / 1e6} s, now ${world.now / 1e6} s`);
  }
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
    const [member] = this.#pair.etrunk(node).members;
    if (served.length === 0 && (member?.state === "Master" || node.trunk().operState === "up"))
      throw new Violation(`${node.name}: its member is ${member?.state}, and its data plane serves none`);
  }
}

/** Never none that distributes once the faults are over and their time is. */
class SomeMaster implements Checker {
  readonly #pair: EtrunkPair;
  from: Micros = NEVER;

  constructor(pair: EtrunkPair) {
    this.#pair = pair;
  }

  turned(): void {
    const { world } = this.#pair;
    if (world.now < this.from || (this.#pair.distributing().length > 0 && this.#pair.ceCarries().length > 0)) return;
    throw new Violation(`nobody carries at ${world.now / 1e6} s, though no fault since ${this.from / 1e6} s allows it`);
  }
}

/** Begins a fault; returns what ends it. */
function strike(pair: EtrunkPair, fault: Fault): () => void {
  const { world } = pair;
  const cable = world.cables[fault.where % world.cables.length];
  const pe = pair.pes[fault.where % 2] as SimulatedNode;
  if (cable === undefined) return () => {};
  switch (fault.kind) {
    case "pull":
      world.pull(cable);
      return () => world.pull(cable, false);
    case "cut":
      world.cut(cable);
      return () => world.cut(cable, false);
    case "hello-one-way": {
      const way = fault.where % 2 === 0 ? "pe1>pe2" : "pe2>pe1";
      pair.cutWay(way);
      return () => pair.cutWay(way, false);
    }
    case "hello-both-ways":
      pair.split();
      return () => pair.split(false);
    case "hello-lossy":
    case "hello-slow":
      world.network.quality = fault.kind === "hello-slow" ? SLOW : LOSSY;
      return () => {
        world.network.quality = GOOD;
      };
    case "plane-refuses":
    case "plane-changed":
    case "plane-forgets":
      return strikePlane(world, cable.plugs[0], fault);
    default:
      return strikePe(pair, pe, fault);
  }
}

function strikePe(pair: EtrunkPair, pe: SimulatedNode, fault: Fault): () => void {
  const { world } = pair;
  const restart = (from: "nothing" | "checkpoint") => () => {
    if (!pe.isRunning) world.start(pe, from);
  };
  const change = (etrunk: PeParts["etrunk"]) => {
    const before = pe.desired;
    world.configure(pe, { ...before, etrunks: (before.etrunks ?? []).map((each) => ({ ...each, ...etrunk })) });
  };
  switch (fault.kind) {
    case "freeze":
      pe.freeze();
      return () => pe.thaw();
    case "crash-clockless":
      // It comes back with the smallest epoch there is.
      pe.crash();
      pe.life = -1;
      return restart("nothing");
    case "crash-empty":
    case "crash-checkpoint":
      pe.crash();
      return restart(fault.kind === "crash-empty" ? "nothing" : "checkpoint");
    case "leave":
      if (!pe.frozen) pe.leave();
      return restart("nothing");
    case "wrong-key": {
      const keys = pe.desired.etrunks?.[0]?.keys;
      change({ keys: [{ id: 0, octets: key("wrong"), origin: "configured" }] });
      return () =>
        change(keys === undefined ? {} : { keys: [{ id: 0, octets: key("YsHsjx_202206"), origin: "configured" }] });
    }
    case "reprioritize":
      change({ priority: 1 + (fault.at % 254) });
      return () => {};
    default: {
      const trunks = pe.desired.trunks;
      world.configure(pe, { ...pe.desired, trunks: trunks.map((trunk) => ({ ...trunk, shutdown: true })) });
      return () =>
        world.configure(pe, {
          ...pe.desired,
          trunks: pe.desired.trunks.map((trunk) => ({ ...trunk, shutdown: false })),
        });
    }
  }
}

/** Faults after which the PEs may see each other differently for a while; the others only move links. */
const DISTURBS: ReadonlySet<Fault["kind"]> = new Set([
  "hello-one-way",
  "hello-both-ways",
  "hello-lossy",
  "hello-slow",
  "freeze",
  "crash-empty",
  "crash-checkpoint",
  "crash-clockless",
  "leave",
  "wrong-key",
  ...PATH_FAULTS,
]);

/** Plays the faults, waits, and checks that exactly one PE carries and stays so. Throws a Violation otherwise. */
export function play({ seed, script }: Run): EtrunkPair {
  const { pair, settings } = randomPair(seed);
  const { world } = pair;
  const oneMaster = new OneMaster(pair);
  const someMaster = new SomeMaster(pair);
  const meddler = new Meddler(pair);
  world.checkers.push(oneMaster, someMaster, new ServedOnly(pair), meddler);
  world.startAll();
  let end: Micros = seconds(20);
  for (const fault of script) {
    const begin = micros(seconds(10) + millis(fault.at));
    const over = micros(begin + millis(fault.lasts));
    world.at(begin, () => {
      const isPath = PATH_FAULTS.some((kind) => kind === fault.kind);
      const heal = isPath ? meddler.strike(fault.kind as PathFault) : strike(pair, fault);
      world.after(millis(fault.lasts), heal);
      if (DISTURBS.has(fault.kind))
        oneMaster.disturbedUntil = micros(Math.max(oneMaster.disturbedUntil, over + SETTLING));
    });
    end = micros(Math.max(end, over));
  }
  world.run(end);
  if (script.some(({ kind }) => kind.startsWith("plane-"))) world.run(PLANE_RECOVERY);
  someMaster.from = micros(world.now + settings.recovery);
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
