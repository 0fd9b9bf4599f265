import fc from "fast-check";
import { type Micros, micros, millis, seconds } from "../../src/core/base/time.js";
import type { Desired } from "../../src/core/contract/desired/desired.js";
import type { DesiredLacp, DesiredTrunk } from "../../src/core/contract/desired/trunk.js";
import { desired, type MemberParts } from "../support/desired.js";
import { type Cable, GOOD, type Plug, type Quality } from "./cable.js";
import { checkQuiet, Invariants, Violation } from "./invariants.js";
import type { SimulatedNode } from "./node.js";
import { type Checker, World } from "./world.js";

/** One fault: when it begins and how long it lasts, in milliseconds, and what it hits. Numbers wrap around. */
interface Fault {
  readonly at: number;
  readonly lasts: number;
  readonly kind: (typeof KINDS)[number];
  /** Which cable, or for faults of a node which node. */
  readonly where: number;
  /** Which end of the cable. */
  readonly end: 0 | 1;
}

const KINDS = [
  "cut",
  "mute",
  "pull",
  "lossy",
  "scrambled",
  "slow",
  "late-news",
  "freeze",
  "crash-empty",
  "crash-checkpoint",
  "crash-recreate",
  "crash-reconfigure",
  "recreate",
  "reprioritize",
  "retime",
  "shut-down",
  "plane-refuses",
  "plane-changed",
  "plane-forgets",
] as const;

/** A run: the seed draws the topology, the clocks and every cable's dice; the script is the faults. */
export interface Run {
  readonly seed: number;
  readonly script: readonly Fault[];
}

// Durations around the timers that matter: below and above 1 s, 3 s, 30 s and 90 s.
const DURATIONS = [5, 200, 900, 1_100, 2_500, 3_500, 10_000, 29_000, 31_000, 95_000, 130_000];

const faults: fc.Arbitrary<Fault> = fc.record({
  at: fc.integer({ min: 0, max: 150_000 }),
  lasts: fc.oneof(fc.constantFrom(...DURATIONS), fc.integer({ min: 1, max: 60_000 })),
  kind: fc.constantFrom(...KINDS),
  where: fc.integer({ min: 0, max: 3 }),
  end: fc.constantFrom(0, 1),
});

export const runs: fc.Arbitrary<Run> = fc.record({
  seed: fc.noShrink(fc.integer({ min: 1, max: 0xffff_ffff })),
  script: fc.array(faults, { maxLength: 8, size: "max" }),
});

/**
 * After the last fault everything is back within this: a lost PDU is repeated after 30 s at the latest, and a passive end
 * that forgot everything first waits for one and then 30 s for its own turn.
 */
const RECOVERY = seconds(70);
/** A data plane that fails is asked again, or looked at, after a minute at most, and then has to stand for a minute. */
const PLANE_RECOVERY = seconds(125);
/** Then nothing changes any more. */
const QUIET = seconds(65);

const BAD: Quality = { ...GOOD, delay: millis(1), loss: 0.4, duplication: 0.2 };
const SCRAMBLED: Quality = { ...GOOD, delay: millis(1), duplication: 0.3, reordering: 0.4 };
const SLOW: Quality = { ...GOOD, delay: millis(300), jitter: millis(200) };
const LATE_NEWS: Quality = { ...GOOD, newsDelay: millis(1_000) };

/** Two nodes and one to four cables between their trunks. */
function randomWorld(seed: number): World {
  const world = new World({ seed, lag: millis(5), keeps: false });
  const { random } = world;
  const links = 1 + random.below(4);
  // How many may carry: mostly the same on both ends, as it should be configured, but not always.
  const limit = () => (random.below(2) === 0 ? 64 : 1 + random.below(links));
  const common = limit();
  const seats = [common, random.below(4) === 0 ? limit() : common] as const;
  const preemptDelay = random.below(2) === 0 ? undefined : seconds(random.below(8));
  const passive = random.below(4);
  const nodes = (["pe", "ce"] as const).map((name, n) => {
    const members: Record<string, MemberParts> = {};
    for (let link = 1; link <= links; link++)
      members[`eth${link}`] = { active: passive !== n, priority: 100 * random.below(4) };
    const fast = random.below(2) === 0;
    const timeout = fast && random.below(3) === 0 ? seconds(3 + random.below(30)) : fast ? seconds(3) : seconds(90);
    const lacp = {
      maxLinks: seats[n] ?? common,
      preemptDelay,
      fast,
      timeout,
      systemPriority: random.below(3),
      independentControl: random.below(3) === 0,
    };
    const leastLinks = 1 + random.below(Math.min(links, ...seats));
    const wanted = desired(`0200-000${n + 1}-0000`, { members, lacp, leastLinks });
    return world.addNode(name, wanted, { offset: random.below(1e9), drift: random.below(401) - 200 });
  });
  const [pe, ce] = nodes as [SimulatedNode, SimulatedNode];
  for (let link = 1; link <= links; link++)
    world.connect({ node: pe, device: `eth${link}` }, { node: ce, device: `eth${link}` });
  world.checkers.push(new Invariants(world));
  world.start(pe);
  world.after(millis(random.below(5_000)), () => {
    if (!ce.isRunning) world.start(ce);
  });
  return world;
}

/** Begins a fault; returns what ends it. */
function strike(world: World, fault: Fault): () => void {
  const cable = world.cables[fault.where % world.cables.length];
  const node = world.nodes[fault.where % world.nodes.length];
  if (!cable || !node) return () => {};
  const treat = (quality: Quality) => {
    cable.quality = quality;
    return () => {
      cable.quality = GOOD;
    };
  };
  switch (fault.kind) {
    case "cut":
      world.cut(cable);
      return () => world.cut(cable, false);
    case "mute":
      world.mute(cable, fault.end);
      return () => world.mute(cable, fault.end, false);
    case "pull":
      world.pull(cable);
      return () => world.pull(cable, false);
    case "lossy":
      return treat(BAD);
    case "scrambled":
      return treat(SCRAMBLED);
    case "slow":
      return treat(SLOW);
    case "late-news":
      return treat(LATE_NEWS);
    case "recreate":
      world.recreate(cable, fault.end);
      return () => {};
    case "plane-refuses":
    case "plane-changed":
    case "plane-forgets":
      return strikePlane(world, cable.plugs[fault.end], fault);
    default:
      return strikeNode(world, node, cable, fault);
  }
}

/** What the host does to the data plane of a node: of one member, or of its trunk. */
export function strikePlane(
  world: World,
  { node, device }: Plug,
  { kind, at }: { readonly kind: string; readonly at: number },
): () => void {
  const { dataPlane } = node;
  const member = node.links.get(device)?.index;
  const subject = at % 2 === 0 || member === undefined ? { trunk: 1 } : { trunk: 1, member };
  if (kind === "plane-refuses") {
    dataPlane.refuse(subject);
    dataPlane.takeAway(subject);
    return () => dataPlane.refuse(subject, false);
  }
  // Somebody in a loop, or once and the kernel does not tell.
  let isOver = false;
  const again = (): void => {
    if (isOver) return;
    if (dataPlane.servesAll(subject)) dataPlane.takeAway(subject, kind === "plane-changed");
    if (kind === "plane-changed") world.after(millis(20 + (at % 1_000)), again);
  };
  again();
  return () => {
    isOver = true;
  };
}

/** What of LACP is another one in the next process. */
function otherLacp({ trunks }: Desired, which: number): Partial<DesiredLacp> {
  const { independentControl = false, portIdExtension = false } = trunks[0]?.lacp ?? {};
  const others: readonly Partial<DesiredLacp>[] = [
    { independentControl: !independentControl },
    { portIdExtension: !portIdExtension },
    { portKey: 1 + (which % 1_000) },
    { systemPriority: which % 1_000 },
  ];
  return others[which % others.length] as Partial<DesiredLacp>;
}

function strikeNode(world: World, node: SimulatedNode, cable: Cable, fault: Fault): () => void {
  const { device } = cable.plugs[0];
  switch (fault.kind) {
    case "freeze":
      node.freeze();
      return () => node.thaw();
    case "crash-empty":
    case "crash-checkpoint":
      node.crash();
      return () => {
        if (!node.isRunning) world.start(node, fault.kind === "crash-empty" ? "nothing" : "checkpoint");
      };
    case "crash-recreate":
      // Another interface bears the name when the next process goes on.
      node.crash();
      world.recreate(cable, cable.plugs[0].node === node ? 0 : 1);
      return () => {
        if (!node.isRunning) world.start(node, "checkpoint");
      };
    case "crash-reconfigure":
      node.crash();
      node.desired = withLacp(node.desired, otherLacp(node.desired, fault.at));
      return () => {
        if (!node.isRunning) world.start(node, "checkpoint");
      };
    case "reprioritize":
      world.configure(node, withPriority(node.desired, device, fault.at % 500));
      return () => {};
    case "retime": {
      const fast = fault.at % 2 === 0;
      world.configure(node, withLacp(node.desired, { fast, timeout: fast ? seconds(3) : seconds(90) }));
      return () => {};
    }
    case "shut-down":
      world.configure(node, withTrunk(node.desired, { shutdown: true }));
      return () => world.configure(node, withTrunk(node.desired, { shutdown: false }));
    default:
      throw new Error(`no fault of a node: ${fault.kind}`);
  }
}

const withTrunk = (wanted: Desired, parts: Partial<DesiredTrunk>): Desired => ({
  ...wanted,
  trunks: wanted.trunks.map((trunk) => ({ ...trunk, ...parts })),
});

const withLacp = (wanted: Desired, parts: Partial<DesiredLacp>): Desired => ({
  ...wanted,
  trunks: wanted.trunks.map((trunk) => ({ ...trunk, lacp: { ...trunk.lacp, ...parts } })),
});

const withPriority = (wanted: Desired, name: string, priority: number): Desired => ({
  ...wanted,
  interfaces: wanted.interfaces.map((one) =>
    one.name === name && one.member ? { ...one, member: { ...one.member, priority } } : one,
  ),
});

/** Plays the faults, waits, and checks that everything came back. Throws a Violation otherwise. */
export function play({ seed, script }: Run, watch?: (world: World) => Checker): World {
  const world = randomWorld(seed);
  if (watch) world.checkers.unshift(watch(world));
  let end: Micros = seconds(6);
  for (const fault of script) {
    const begin = millis(fault.at);
    world.at(begin, () => {
      const heal = strike(world, fault);
      world.after(millis(fault.lasts), heal);
    });
    end = micros(Math.max(end, begin + millis(fault.lasts)));
  }
  world.run(end);
  const delay = Math.max(...world.nodes.map((node) => node.desired.trunks[0]?.lacp.preemptDelay ?? 0));
  const plane = script.some(({ kind }) => kind.startsWith("plane-")) ? PLANE_RECOVERY : 0;
  world.run(micros(RECOVERY + plane + delay));
  checkQuiet(world);
  const before = shape(world);
  world.run(QUIET);
  checkQuiet(world);
  if (shape(world) !== before) throw new Violation(`no rest after the faults: ${before}, then ${shape(world)}`);
  return world;
}

const shape = (world: World): string =>
  JSON.stringify(
    world.nodes.map((node) => node.trunk().ports.map(({ name, status, portState }) => [name, status, portState])),
  );

/** How to see a failed run again, on one line each. */
export const replayHint = (run: Run): string =>
  `REPLAY seed=${run.seed} script=${JSON.stringify(run.script)}\n` +
  `again: REPLAY='${JSON.stringify(run)}' npx vitest run --config .vitest.config.ts test/simulation/faults.test.ts`;

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
