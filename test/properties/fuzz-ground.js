// What every fuzzer stands on: mutations, links and addresses as the core has them, a configuration to begin with.

const INTERESTING = [0, 1, 2, 3, 10, 11, 16, 19, 20, 21, 0x3d, 0x7f, 0x80, 0xff];
/** Longest frame that is made. */
const MOST_OCTETS = 1_514;

/** @param {number} value @param {number} octets */
export const hex = (value, octets) => value.toString(16).padStart(octets * 2, "0");

/** @param {...number[]} parts value and how many octets it takes */
export const octets = (...parts) => parts.map(([value = 0, count = 1]) => hex(value, count)).join("");

/**
 * An IP address as the core has it.
 * @param {string} text @param {string} octets hexadecimal, without leading zeros
 */
export const address = (text, octets) => ({
  text,
  isIpv4: !text.includes(":"),
  octets: Uint8Array.from(Buffer.from(octets.padStart(32, "0"), "hex")),
});

/**
 * A link as the core has it, up.
 * @param {number} index @param {boolean} carrier
 */
export const link = (index, carrier = true) => ({
  index,
  name: `eth${index}`,
  present: true,
  up: true,
  carrier,
  mac: 0x020000000100 + index,
  mtu: 1500,
  speed: 1000,
});

/** The run of the engine's process. */
export const RUN = { epoch: 1, software: "fuzz", seed: 1 };

/** @typedef {{ next(): number, below(bound: number): number, fraction(): number }} Dice */

/**
 * What a fuzzer takes of the core, from the sources or from the compiled program.
 * @typedef {{ Engine: any, Random: new (seed: number) => Dice, quietHost: (own: object) => object,
 *   printCheckpoint?: any, readCheckpoint?: any }} Core
 */

/**
 * `collect` frees what is free and tells the heap in octets.
 * @typedef {{ frames: number, seed: number, collect?: (() => number) | undefined, progress?: (done: number) => void }} Options
 */

/**
 * An engine in a storm of mutated PDUs, with its clock. A fuzzer extends it by what one PDU is (`step`), what is counted at the
 * end (`count`), and what a sane peer brings about afterwards (`convalesce`).
 */
export class Storm {
  /** Microseconds. */
  now = 1_000_000_000;
  /** Where PDUs are written, and what hands them to the engine. */
  space = new Uint8Array(4_096);
  view = new DataView(this.space.buffer);
  /** @type {any} */
  engine;
  /** @type {Dice} */
  dice;

  /** @param {Core} core @param {number} seed */
  constructor({ Random }, seed) {
    this.dice = new Random(seed);
  }

  /** @param {object} input */
  take(input) {
    this.engine.take(input, this.now);
  }

  /** What is due is done; throws when more is due at once. */
  settle() {
    const { engine, now } = this;
    if (engine.nextDeadline() <= now) engine.expire(now);
    engine.settle(now);
    if (engine.nextDeadline() <= now) throw new Error("the machines do not rest");
  }

  /** Once in a while time goes on, mostly a little. @param {number} much @param {number} little microseconds */
  maybePass(much, little) {
    if (this.dice.below(4) > 0) return;
    this.settle();
    this.now += this.dice.below(1_000) === 0 ? this.dice.below(much) : this.dice.below(little);
  }

  /** Runs so many steps. @param {Options} options @returns {number} by how many octets the heap has grown */
  run({ frames, collect, progress }) {
    // What the engine has compiled and seen once is no growth.
    const warm = Math.floor(frames / 2);
    let heap = 0;
    for (let n = 1; n <= frames; n++) {
      if (n === warm && collect) heap = collect();
      if (progress && n % 1_000_000 === 0) progress(n);
      this.step(n);
    }
    this.settle();
    const growth = collect ? collect() - heap : 0;
    this.count();
    this.convalesce();
    return growth;
  }

  /** @param {number} _n which PDU it is, from 1 on */
  step(_n) {}
  count() {}
  convalesce() {}
}

/**
 * Writes a mutation of a seed into `out` from `start` on.
 * @param {readonly Uint8Array[]} seeds @param {Dice} dice @param {Uint8Array} out @param {number} start
 * @param {readonly number[]} tender octets where a mutation does most
 * @returns {number} its length
 */
export function mutate(seeds, dice, out, start, tender) {
  const seed = /** @type {Uint8Array} */ (seeds[dice.below(seeds.length)]);
  out.set(seed, start);
  let length = seed.length;
  for (let left = dice.below(4); left > 0; left--) {
    const at =
      start + (dice.below(2) === 0 ? /** @type {number} */ (tender[dice.below(tender.length)]) : dice.below(length));
    switch (dice.below(8)) {
      case 0:
        length = dice.below(length + 1);
        break;
      case 1: {
        const longer = Math.min(MOST_OCTETS, length + dice.below(200));
        out.fill(dice.below(256), start + length, start + longer);
        length = longer;
        break;
      }
      case 2: {
        const other = /** @type {Uint8Array} */ (seeds[dice.below(seeds.length)]);
        const from = dice.below(other.length);
        out.set(other.subarray(from), start + from);
        length = Math.max(length, other.length);
        break;
      }
      case 3:
        out[at] = /** @type {number} */ (INTERESTING[dice.below(INTERESTING.length)]);
        break;
      case 4:
        out[at] = dice.below(256);
        break;
      default:
        out[at] = /** @type {number} */ (out[at]) ^ (1 << dice.below(8));
    }
  }
  return length;
}

/** Two trunks: coupled and fast with a limit, independent and slow with a passive member. */
export function fuzzDesired() {
  const lacp = {
    systemPriority: 0x8000,
    systemId: 0x020000000001,
    maxLinks: 64,
    preemptDelay: undefined,
    fast: false,
    timeout: 90_000_000,
    selectBy: "priority",
    mixedRate: false,
    collectorMaxDelay: 0,
    portIdExtension: false,
    portKey: 0x0131,
    independentControl: false,
    dampsFlapping: false,
    refusesStrangers: true,
  };
  const trunk = {
    mode: "static",
    shutdown: false,
    description: undefined,
    leastLinks: 1,
    leastBandwidth: undefined,
    hash: "flow",
    mac: undefined,
    mtu: undefined,
  };
  const trunks = [
    { ...trunk, id: 1, lacp: { ...lacp, fast: true, timeout: 3_000_000, maxLinks: 1, preemptDelay: 2_000_000 } },
    { ...trunk, id: 2, lacp: { ...lacp, independentControl: true } },
  ];
  const interfaces = Array.from({ length: 4 }, (_, n) => ({
    name: `eth${n + 1}`,
    device: `eth${n + 1}`,
    shutdown: false,
    description: undefined,
    speed: 1000,
    member: { trunk: n < 2 ? 1 : 2, active: n !== 3, priority: 0x8000, weight: 1, forceUp: false },
  }));
  return { deviceMac: 0x020000000001, lacpPriority: 0x8000, interfaces, trunks };
}
