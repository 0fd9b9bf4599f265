// Mutated slow-protocol frames through a whole engine. Plain JavaScript, so that `npm run fuzz` runs it on the compiled
// core without a loader and `npm test` a small part of it on the sources.

import { alarmsOf, statisticsOf, trunksOf } from "../support/ask.js";
import { fuzzDesired, hex, link, mutate, RUN, Storm } from "./fuzz-ground.js";

const GROUP = "0180c2000002";
const PORTS = 4;
/** Octets where a mutation does most: subtype, version, types and lengths, state octets, the terminator. */
const TENDER = [14, 15, 16, 17, 32, 36, 37, 52, 56, 57, 72, 73, 30, 31];
/** Between storms partners speak sanely for some seconds, so that the next one meets ports that carry traffic. */
const STORM = 5_000;
const CALM = 400;
/** What keeps the wheel turning: a link that comes and goes, and a look at every display. */
const SWITCH_EVERY = 10_007;

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

/** The frame of a partner on a port, in a state. @param {number} port @param {number} state */
export const lacpduFrameOf = (port, state) => Uint8Array.from(Buffer.from(lacpdu(port, state), "hex"));

const SEEDS = seedFrames();
/** Frames of the partner on each port. */
const OWN = Array.from({ length: PORTS }, (_, n) => SEEDS.slice(n * 8, n * 8 + 8));
const own = (/** @type {number} */ port) => /** @type {Uint8Array[]} */ (OWN[port - 1]);

class SlowStorm extends Storm {
  outcome = { sent: 0, events: 0, accepted: 0, refused: 0, selected: 0 };
  incoming = { bytes: this.view, start: 0, length: 0, from: 0, vlan: -1, source: 0 };

  /** @param {import("./fuzz-ground.js").Core} core @param {number} seed */
  constructor(core, seed) {
    super(core, seed);
    const host = core.quietHost({ link: { listen() {}, send: () => this.outcome.sent++ } });
    /** @param {{ event: string, to?: string }} event */
    const observe = (event) => {
      this.outcome.events++;
      if (event.event === "port-state" && event.to === "Selected") this.outcome.selected++;
    };
    this.engine = new core.Engine(host, observe, undefined, RUN);
    for (let index = 1; index <= PORTS; index++) this.take({ kind: "link", link: link(index) });
    this.take({ kind: "configure", desired: fuzzDesired() });
    this.engine.settle(this.now);
  }

  /** @param {number} port @param {number} start @param {number} length */
  hear(port, start, length, vlan = -1) {
    const { incoming } = this;
    incoming.start = start;
    incoming.length = length;
    incoming.from = port;
    incoming.vlan = vlan;
    this.engine.frameReceived(incoming, this.now);
  }

  /** @param {number} port @param {number} which of its seeds */
  speak(port, which) {
    this.space.set(/** @type {Uint8Array} */ (own(port)[which]), 0);
    this.hear(port, 0, 124);
  }

  /** @param {number} n */
  step(n) {
    const { dice } = this;
    const start = dice.below(64);
    const port = 1 + dice.below(PORTS);
    if (n % STORM < CALM) {
      this.speak(port, n % STORM < CALM / 2 ? 0 : 3);
      this.now += 20_000;
      this.settle();
      return;
    }
    const length = mutate(dice.below(3) === 0 ? SEEDS : own(port), dice, this.space, start, TENDER);
    const at = dice.below(100) === 0 ? dice.below(1_000) : port;
    this.hear(at, start, length, dice.below(50) === 0 ? dice.below(4_096) : -1);
    this.maybePass(100_000_000, 20_000);
    if (n % SWITCH_EVERY === 0) this.change();
  }

  /** A link that goes or stays, and is there again; a look at every display. */
  change() {
    const { dice, engine } = this;
    const index = 1 + dice.below(PORTS);
    this.take({ kind: "link", link: link(index, dice.below(2) === 0) });
    this.settle();
    this.take({ kind: "link", link: link(index) });
    JSON.stringify([trunksOf(engine), statisticsOf(engine), alarmsOf(engine), engine.checkpoint()]);
  }

  count() {
    for (const { ports } of statisticsOf(this.engine))
      for (const counters of ports) {
        this.outcome.accepted += counters.lacpduReceived + counters.markerReceived;
        for (const count of Object.values(counters.faults)) this.outcome.refused += /** @type {number} */ (count);
      }
  }

  /** After all that the engine still does its work: a sane partner is selected on each trunk. */
  convalesce() {
    this.now += 200_000_000;
    this.settle();
    for (let second = 0; second < 30; second++) {
      for (const port of [1, 3]) this.speak(port, second < 3 ? 0 : 3);
      this.settle();
      this.now += 500_000;
      this.settle();
    }
    const names = trunksOf(this.engine)
      .flatMap((/** @type {any} */ trunk) => trunk.ports)
      .filter((/** @type {any} */ port) => port.status === "Selected")
      .map((/** @type {any} */ port) => port.name);
    if (String(names) !== "eth1,eth3") throw new Error(`after the storm ${names} are selected, not eth1 and eth3`);
  }
}

/**
 * Runs so many mutated frames. Throws when the engine throws, does not rest, grows, or does not work any more afterwards.
 * @param {import("./fuzz-ground.js").Core} core @param {import("./fuzz-ground.js").Options} options
 */
export function fuzz(core, options) {
  const storm = new SlowStorm(core, options.seed);
  const growth = storm.run(options);
  return { ...storm.outcome, growth };
}
