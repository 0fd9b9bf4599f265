import { millis } from "../../../src/core/base/time.js";
import { GOOD, type Quality } from "../cable.js";
import { strikePlane } from "../faults.js";
import type { Beginning, SimulatedNode } from "../node.js";
import { type EtrunkPair, key, type PeParts } from "./etrunk-pair.js";
import type { Fault } from "./faults.js";

const LOSSY: Quality = { ...GOOD, loss: 0.4, duplication: 0.2 };
const SLOW: Quality = { ...GOOD, delay: millis(200), jitter: millis(200) };
/** The clock of a machine that starts is wrong by so many lives, which is its epoch. */
const WRONG_CLOCK = 1_000;

/** Begins a fault of a link, of the path or of a PE; returns what ends it. `old`: checkpoints of that PE, as JSON. */
export function strike(pair: EtrunkPair, fault: Fault, old: readonly string[]): () => void {
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
    case "freeze":
      pe.freeze();
      return () => pe.thaw();
    case "sleep":
      pe.sleep();
      return () => pe.wake();
    case "disk-hangs":
      pe.hangDisk();
      return () => pe.hangDisk(false);
    case "wrong-key":
    case "reprioritize":
    case "unready":
      return reconfigure(pair, pe, fault);
    default:
      return kill(pair, pe, fault, old);
  }
}

/** Ends a process, and says from what the next one starts. */
function kill(pair: EtrunkPair, pe: SimulatedNode, fault: Fault, old: readonly string[]): () => void {
  const { world } = pair;
  const restart = (from: Beginning) => () => {
    if (!pe.isRunning) world.start(pe, from);
  };
  const other = pair.pes[(fault.where + 1) % 2];
  const foreign = other?.isRunning === true ? { checkpoint: other.checkpoint() } : "nothing";
  const oldest = old[fault.at % Math.max(1, old.length)];
  if (fault.kind === "leave") {
    if (!pe.frozen) pe.leave();
    return restart("nothing");
  }
  pe.crash();
  switch (fault.kind) {
    case "power-off": {
      for (const cable of pair.cables(pe)) world.pull(cable);
      pe.dataPlane.begin();
      return () => {
        for (const cable of pair.cables(pe)) world.pull(cable, false);
        restart("nothing")();
      };
    }
    case "crash-clockless":
      // It comes back with the smallest epoch there is.
      pe.life = -1;
      return restart("nothing");
    case "crash-clock-ahead":
      pe.life += WRONG_CLOCK;
      return restart("checkpoint");
    case "crash-old":
      // As a machine that is set back to a snapshot.
      return restart(oldest === undefined ? "nothing" : { checkpoint: oldest });
    case "crash-foreign":
      // As a copy of the other machine.
      return restart(foreign);
    default:
      return restart(fault.kind === "crash-checkpoint" ? "checkpoint" : "nothing");
  }
}

function reconfigure({ world }: EtrunkPair, pe: SimulatedNode, { kind, at }: Fault): () => void {
  const change = (etrunk: PeParts["etrunk"]) => {
    const before = pe.desired;
    world.configure(pe, { ...before, etrunks: (before.etrunks ?? []).map((each) => ({ ...each, ...etrunk })) });
  };
  const shut = (shutdown: boolean) =>
    world.configure(pe, { ...pe.desired, trunks: pe.desired.trunks.map((trunk) => ({ ...trunk, shutdown })) });
  switch (kind) {
    case "wrong-key":
      change({ keys: [{ id: 0, octets: key("wrong"), origin: "configured" }] });
      return () => change({ keys: [{ id: 0, octets: key("YsHsjx_202206"), origin: "configured" }] });
    case "reprioritize":
      change({ priority: 1 + (at % 254) });
      return () => {};
    default:
      shut(true);
      return () => shut(false);
  }
}
