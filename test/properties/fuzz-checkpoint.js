// Starts from mutated and foreign checkpoints: of another configuration, another time, with any field of any form. Every start
// succeeds, and nothing impossible is told. Plain JavaScript, as fuzz-frames.js.

import { alarmsOf, etrunksOf, trunksOf } from "../support/ask.js";
import { lacpduFrameOf } from "./fuzz-frames.js";
import { fuzzDesired, link, RUN, Storm } from "./fuzz-ground.js";
import { helloDesired } from "./fuzz-hello.js";

const BOOT = "5ad7c2f4-0000-4000-8000-000000000001";
const PORTS = 4;
/** When the processes before stopped, in microseconds. */
const STOPPED = 2_000_000_000;
const AGES = [0, 1, 400_000, 2_999_999, 3_000_000, 5_000_000, 60_000_000, 89_999_999, 90_000_000];
const VALUES = [
  ...[
    0,
    1,
    -1,
    7,
    65_535,
    65_536,
    2 ** 48 - 1,
    2 ** 48,
    1e300,
    0.5,
    STOPPED,
    STOPPED + 1,
    true,
    null,
    "",
    "eth1",
    "eth9",
  ],
  ...["SELECTED", "STANDBY", "UNSELECTED", "DETACHED", "WAITING", "ATTACHED", "COLLECTING", "DISTRIBUTING"],
  ...["COLLECTING_DISTRIBUTING", "Master", "Backup", "first", "second", "eth-trunk", "global-ve", {}, []],
];
const AT = { port: 30, state: 32 };
const bit = (/** @type {number} */ state, /** @type {number} */ which) => ((state >> which) & 1) === 1;

/** What configurations differ in. */
const CHANGES = [
  (/** @type {any} */ { lacp }) => ({ lacp: { ...lacp, independentControl: !lacp.independentControl } }),
  (/** @type {any} */ { lacp }) => ({ lacp: { ...lacp, portKey: 77 } }),
  (/** @type {any} */ { lacp }) => ({ lacp: { ...lacp, systemId: 0x020000000777 } }),
  (/** @type {any} */ { lacp }) => ({ lacp: { ...lacp, portIdExtension: true } }),
  (/** @type {any} */ { lacp }) => ({ lacp: { ...lacp, fast: false, timeout: 90_000_000 } }),
  () => ({ leastLinks: 2 }),
  () => ({ leastLinks: undefined, leastBandwidth: 2_000 }),
  () => ({ mode: "manual" }),
  () => ({ mode: "backup" }),
  () => ({ shutdown: true }),
  () => ({}),
];

class Starts extends Storm {
  outcome = { starts: 0, restored: 0, current: 0, carrying: 0, sent: 0, dropped: 0 };
  /** Interfaces by port number that have spoken in this start. @type {Map<number, number>} */
  speakers = new Map();
  /** @type {object[]} */
  checkpoints = [];
  incoming = { bytes: this.view, start: 0, length: 0, from: 0, vlan: -1, source: 0 };

  /** @param {import("./fuzz-ground.js").Core} core @param {number} seed */
  constructor(core, seed) {
    super(core, seed);
    this.core = core;
    for (let n = 0; n < 40; n++) this.checkpoints.push(this.lived());
  }

  /** @param {readonly any[]} list */
  pick(list) {
    return list[this.dice.below(list.length)];
  }

  desired() {
    if (this.dice.below(5) === 0) return helloDesired();
    const desired = fuzzDesired();
    const change = this.pick(CHANGES);
    return { ...desired, trunks: desired.trunks.map((trunk) => ({ ...trunk, ...change(trunk) })) };
  }

  /** @param {object | undefined} restored @param {any} desired */
  begin(restored, desired) {
    const { core } = this;
    this.speakers.clear();
    const host = core.quietHost({ link: { listen() {}, send: (/** @type {any} */ out) => this.told(out) } });
    const observe = (/** @type {{ event: string }} */ { event }) => {
      if (event === "port-unresumed") this.outcome.dropped++;
    };
    this.engine = new core.Engine(host, observe, restored, RUN);
    // An interface made anew has another index.
    const shift = this.dice.below(8) === 0 ? 10 : 0;
    for (let index = 1; index <= PORTS; index++)
      this.take({ kind: "link", link: { ...link(index, this.dice.below(20) > 0), index: index + shift } });
    this.take({ kind: "configure", desired });
    this.settle();
  }

  /** A process that hears partners for a while, and what it saves. */
  lived() {
    this.now = STOPPED - 8_000_000;
    this.begin(undefined, this.desired());
    for (let tenth = 0; tenth < 80; tenth++) {
      const port = 1 + this.dice.below(PORTS);
      this.space.set(lacpduFrameOf(port, this.pick([0x05, 0x07, 0x0d, 0x3d, 0x3f])), 0);
      Object.assign(this.incoming, { start: 0, length: 124, from: port });
      this.engine.frameReceived(this.incoming, this.now);
      this.settle();
      this.now += 100_000;
    }
    this.settle();
    return this.engine.checkpoint();
  }

  /** Nothing impossible leaves. @param {{ bytes: DataView, start: number, to: number }} out */
  told({ bytes, start, to }) {
    this.outcome.sent++;
    if (bytes.getUint8(start + 14) !== 1) return;
    const state = bytes.getUint8(start + AT.state);
    const port = bytes.getUint16(start + AT.port);
    if (bit(state, 5) && !bit(state, 4)) throw new Error(`told Distributing without Collecting: ${state}`);
    if (bit(state, 4) && (!bit(state, 3) || bit(state, 6) || bit(state, 7)))
      throw new Error(`told Collecting: ${state}`);
    if (port === 0) throw new Error("told port 0");
    const other = this.speakers.get(port) ?? to;
    if (other !== to) throw new Error(`two interfaces speak as port ${port}`);
    this.speakers.set(port, to);
  }

  /** One field, or one row, of a document becomes something else. @param {any} document */
  mutate(document) {
    const holders = [document];
    for (const each of holders)
      for (const value of Object.values(each)) if (typeof value === "object" && value !== null) holders.push(value);
    const holder = this.pick(holders);
    const key = this.pick(Object.keys(holder));
    if (key === undefined) return;
    switch (this.dice.below(4)) {
      case 0:
        if (Array.isArray(holder)) holder.push(structuredClone(holder[key]));
        else delete holder[key];
        break;
      case 1: {
        const other = this.pick(holders);
        holder[key] = structuredClone(other[this.pick(Object.keys(other))] ?? null);
        break;
      }
      default:
        holder[key] = structuredClone(this.pick(VALUES));
    }
  }

  text() {
    const { core, dice } = this;
    const document = structuredClone(this.pick(this.checkpoints));
    for (let left = dice.below(5); left > 0; left--) this.mutate(document);
    const text = core.printCheckpoint(JSON.stringify(document), BOOT, STOPPED);
    if (dice.below(20) > 0) return text;
    const at = dice.below(text.length);
    return dice.below(2) === 0
      ? text.slice(0, at)
      : text.slice(0, at) + this.pick(["0", "9", "-", "}"]) + text.slice(at + 1);
  }

  step() {
    const { core, dice, outcome } = this;
    this.now = STOPPED + this.pick(AGES) + (dice.below(2) === 0 ? 0 : dice.below(1_000_000));
    const { checkpoint } = core.readCheckpoint(this.text(), BOOT, this.now);
    this.begin(checkpoint, this.desired());
    outcome.starts++;
    if (checkpoint !== undefined) outcome.restored++;
    this.look(checkpoint);
    for (let round = dice.below(3); round > 0; round--) {
      this.now += dice.below(2_000_000);
      this.settle();
    }
    JSON.stringify([etrunksOf(this.engine, this.now), alarmsOf(this.engine), this.engine.checkpoint()]);
  }

  /** Who goes on was heard, on this interface and within its time, and what it told is done. @param {any} checkpoint */
  look(checkpoint) {
    for (const trunk of trunksOf(this.engine))
      for (const port of trunk.ports) {
        if (port.distributing) this.outcome.carrying++;
        if (port.portState?.[4] === "1" && !port.collecting) throw new Error(`${port.name} tells what it does not do`);
        if (port.receiveState !== "CURRENT") continue;
        this.outcome.current++;
        const rows = checkpoint?.ports.filter((/** @type {any} */ each) => each.name === port.name && each.saved);
        const saved = rows?.at(-1)?.saved;
        const age = this.now - (saved?.heardAt ?? Number.NaN);
        // A process listens for 1.5 s at least.
        if (!(age >= 0 && age < 91_500_000)) throw new Error(`${port.name} goes on with a partner heard ${age} us ago`);
      }
  }

  convalesce() {
    this.now = STOPPED;
    this.begin(undefined, fuzzDesired());
  }
}

/**
 * So many starts. Throws when one fails, does not rest, or tells what cannot be.
 * @param {import("./fuzz-ground.js").Core} core @param {import("./fuzz-ground.js").Options} options
 */
export function fuzzCheckpoint(core, options) {
  const starts = new Starts(core, options.seed);
  const growth = starts.run(options);
  return { ...starts.outcome, growth };
}
