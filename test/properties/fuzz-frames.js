// Mutated slow-protocol frames through a whole engine. Plain JavaScript, so that `npm run fuzz` runs it on the compiled
// core without a loader and `npm test` a small part of it on the sources.

import { alarmsOf, statisticsOf, trunksOf } from "../support/ask.js";
import { fuzzDesired, hex, link, mutate, rest } from "./fuzz-ground.js";

const GROUP = "0180c2000002";
const PORTS = 4;
/** Octets where a mutation does most: subtype, version, types and lengths, state octets, the terminator. */
const TENDER = [14, 15, 16, 17, 32, 36, 37, 52, 56, 57, 72, 73, 30, 31];
/** Between storms partners speak sanely for some seconds, so that the next one meets ports that carry traffic. */
const STORM = 5_000;
const CALM = 400;

/** Our port as a partner that agrees would name it: without it no mutated frame ever gets a port in sync. */
/** @param {number} port */
const ours = (port) => `80000200000000010131${hex(0x8000, 2)}${hex(port, 2)}`;

/** @param {number} port @param {number} state */
const lacpdu = (port, state) =>
  `${GROUP}0200000099${hex(port, 1)}88090101` +
  `01148000020000000b0000078000${hex(port, 2)}${hex(state, 1)}000000` +
  `0214${ours(port)}3d000000` +
  `03100000${"00".repeat(12)}0000${"00".repeat(50)}`;

/** @param {number} type */
const marker = (type) =>
  `${GROUP}02000000990188090201${hex(type, 1)}1000010200000000990000000700000000${"00".repeat(90)}`;

/** Frames to begin with: each state a partner goes through, markers, and other slow protocols. */
function seedFrames() {
  const frames = [];
  for (let port = 1; port <= PORTS; port++)
    for (const state of [0x05, 0x07, 0x0d, 0x3d, 0x3f, 0x04, 0xc7, 0x01]) frames.push(lacpdu(port, state));
  frames.push(marker(1), marker(2), `${GROUP}020000009901880903${"00".repeat(50)}`, `${GROUP}02000000990188090a0019a7`);
  return frames.map((frame) => Uint8Array.from(Buffer.from(frame, "hex")));
}

/**
 * Runs so many mutated frames. Throws when the engine throws, does not rest, grows, or does not work any more afterwards.
 * @param {{ Engine: any, Random: new (seed: number) => import("./fuzz-ground.js").Dice, quietHost: (own: object) => object }} core
 * @param {{ frames: number, seed: number, collect?: (() => number) | undefined, progress?: (done: number) => void }} options
 *   `collect` frees what is free and tells the heap in octets
 * @returns {{ sent: number, events: number, accepted: number, refused: number, selected: number, growth: number }}
 */
export function fuzz({ Engine, Random, quietHost }, { frames, seed, collect, progress }) {
  const dice = new Random(seed);
  const seeds = seedFrames();
  const outcome = { sent: 0, events: 0, accepted: 0, refused: 0, selected: 0, growth: 0 };
  const host = quietHost({ link: { send: () => outcome.sent++ } });
  /** @param {{ event: string, to?: string }} event */
  const observe = (event) => {
    outcome.events++;
    if (event.event === "port-state" && event.to === "Selected") outcome.selected++;
  };
  const engine = new Engine(host, observe, undefined, { epoch: 1, software: "fuzz", seed: 1 });
  let now = 1_000_000_000;
  for (let index = 1; index <= PORTS; index++) engine.take({ kind: "link", link: link(index) }, now);
  engine.take({ kind: "configure", desired: fuzzDesired() }, now);
  engine.settle(now);

  /** Frames of the partner on a port. */
  const ownOf = Array.from({ length: PORTS }, (_, n) => seeds.slice(n * 8, n * 8 + 8));
  const own = (/** @type {number} */ port) => /** @type {Uint8Array[]} */ (ownOf[port - 1]);
  const octets = new Uint8Array(4_096);
  const incoming = { bytes: new DataView(octets.buffer), start: 0, length: 0, from: 0, vlan: -1, source: 0 };
  const settle = () => rest(engine, now);
  /** @param {number} port @param {number} start @param {number} length */
  const hear = (port, start, length, vlan = -1) => {
    incoming.start = start;
    incoming.length = length;
    incoming.from = port;
    incoming.vlan = vlan;
    engine.frameReceived(incoming, now);
  };

  /** @param {number} port @param {number} which of its seeds */
  const speak = (port, which) => {
    octets.set(/** @type {Uint8Array} */ (own(port)[which]), 0);
    hear(port, 0, 124);
  };

  const warm = Math.floor(frames / 10);
  let heap = 0;
  for (let n = 1; n <= frames; n++) {
    if (n === warm && collect) heap = collect();
    if (progress && n % 1_000_000 === 0) progress(n);
    const start = dice.below(64);
    const port = 1 + dice.below(PORTS);
    if (n % STORM < CALM) {
      speak(port, n % STORM < CALM / 2 ? 0 : 3);
      now += 20_000;
      settle();
      continue;
    }
    const length = mutate(dice.below(3) === 0 ? seeds : own(port), dice, octets, start, TENDER);
    hear(
      dice.below(100) === 0 ? dice.below(1_000) : port,
      start,
      length,
      dice.below(50) === 0 ? dice.below(4_096) : -1,
    );
    if (dice.below(4) === 0) {
      settle();
      now += dice.below(1_000) === 0 ? dice.below(100_000_000) : dice.below(20_000);
    }
    if (n % 10_007 === 0) {
      const index = 1 + dice.below(PORTS);
      engine.take({ kind: "link", link: link(index, dice.below(2) === 0) }, now);
      settle();
      engine.take({ kind: "link", link: link(index) }, now);
      JSON.stringify([trunksOf(engine), statisticsOf(engine), alarmsOf(engine), engine.checkpoint()]);
    }
  }
  settle();
  if (collect) outcome.growth = collect() - heap;
  for (const { ports } of statisticsOf(engine))
    for (const counters of ports) {
      outcome.accepted += counters.lacpduReceived + counters.markerReceived;
      for (const count of Object.values(counters.faults)) outcome.refused += /** @type {number} */ (count);
    }
  convalesce();
  return outcome;

  /** After all that the engine still does its work: a sane partner is selected on each trunk. */
  function convalesce() {
    now += 200_000_000;
    settle();
    for (let second = 0; second < 30; second++) {
      for (const port of [1, 3]) speak(port, second < 3 ? 0 : 3);
      settle();
      now += 500_000;
      settle();
    }
    const names = trunksOf(engine)
      .flatMap((/** @type {any} */ trunk) => trunk.ports)
      .filter((/** @type {any} */ port) => port.status === "Selected")
      .map((/** @type {any} */ port) => port.name);
    if (String(names) !== "eth1,eth3") throw new Error(`after the storm ${names} are selected, not eth1 and eth3`);
  }
}
