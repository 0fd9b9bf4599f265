// Mutated Flush frames through a whole engine. Plain JavaScript, as fuzz-frames.js.
import { createHash, createHmac } from "node:crypto";
import { act, alarmsOf, flushInterfacesOf, trunksOf } from "../support/ask.js";
import { fuzzDesired, hex, link, mutate, rest } from "./fuzz-ground.js";

const PORTS = 4;
/** Octets where a mutation does most: 802.3 length, LLC and SNAP, type, version, control VLAN, mode, epoch, sequence. */
const TENDER = [12, 13, 14, 16, 20, 21, 22, 23, 30, 31, 32, 34, 35, 41, 42, 45, 46, 78, 589];
const MODES = ["none", "simple", "sha", "hmac"];
const PASSWORD = "a password";
const PORT_OF_MODE = [1, 2, 3, 4];
const OWN_DEVICE = "020000000001";
/** What keeps the wheel turning: a switch of the 1:1 trunk, so that Flush is sent as well. */
const SWITCH_EVERY = 20_011;

/** @param {string} mode @param {number} sequence @param {string} vlans bitmap @param {string} device */
function flushFrame(mode, sequence, vlans, device = "020000000a00") {
  const head = `0100${device}0005${hex(MODES.indexOf(mode), 1)}00${hex(1, 8)}${hex(sequence, 4)}`;
  const zeros = "00".repeat(32);
  const unsigned = Buffer.from(`${head}${zeros}${vlans}`, "hex");
  const field = {
    none: zeros,
    simple: Buffer.from(PASSWORD).toString("hex").padEnd(64, "0"),
    sha: createHash("sha256").update(PASSWORD).digest("hex"),
    hmac: createHmac("sha256", PASSWORD).update(unsigned).digest("hex"),
  }[mode];
  return Uint8Array.from(Buffer.from(`010fe20000040200000000990240aaaa0300000088b5${head}${field}${vlans}`, "hex"));
}

/** Frames to begin with, by authentication. */
function seedFrames() {
  const all = `7f${"ff".repeat(510)}fe`;
  const some = `04${"00".repeat(510)}02`;
  const none = "00".repeat(512);
  return MODES.map((mode) => [
    flushFrame(mode, 1, all),
    flushFrame(mode, 2, some),
    flushFrame(mode, 3, none),
    flushFrame(mode, 4, some, OWN_DEVICE),
  ]);
}

/** Each interface takes another authentication; two are ports of one bridge, two of none; eth5 and eth6 are a 1:1 trunk. */
function flushDesired() {
  const { trunks, interfaces, ...rest } = fuzzDesired();
  const octets = new TextEncoder().encode(PASSWORD);
  const plain = { ...interfaces[0], member: undefined };
  const member = { ...interfaces[0].member, trunk: 9 };
  return {
    ...rest,
    interfaces: [1, 2, 3, 4, 5, 6].map((n) => ({
      ...plain,
      name: `eth${n}`,
      device: `eth${n}`,
      member: n > 4 ? { ...member, isMaster: n === 5 } : undefined,
    })),
    trunks: [
      {
        ...trunks[0],
        id: 9,
        mode: "backup",
        leastLinks: undefined,
        backup: { preemptDelay: 0, shutsInactive: false },
        flush: { controlVlan: 5, isTagged: true, vlans: undefined, key: { mode: "hmac", octets } },
      },
    ],
    flushPorts: MODES.map((mode, n) => ({
      interface: `eth${n + 1}`,
      controlVlans: n % 2 === 0 ? [5] : undefined,
      pvid: n === 0 ? 5 : undefined,
      key: { mode, octets },
    })),
  };
}

/** eth1 and eth2 are ports of the bridge. @param {number} index @param {boolean} carrier */
const linkOf = (index, carrier = true) => ({ ...link(index, carrier), master: index <= 2 ? 50 : undefined });

/**
 * Runs so many mutated frames. Throws when the engine throws, does not rest, grows, empties what it may not, or does not
 * work any more afterwards.
 * @param {{ Engine: any, Random: new (seed: number) => import("./fuzz-ground.js").Dice, quietHost: (own: object) => object }} core
 * @param {{ frames: number, seed: number, collect?: (() => number) | undefined, progress?: (done: number) => void }} options
 * @returns {{ sent: number, events: number, accepted: number, refused: number, flushes: number, growth: number }}
 */
export function fuzzFlush({ Engine, Random, quietHost }, { frames, seed, collect, progress }) {
  const dice = new Random(seed);
  const seeds = seedFrames();
  const outcome = { sent: 0, events: 0, accepted: 0, refused: 0, flushes: 0, growth: 0 };
  /** @param {{ bridge: number | undefined, ports: number[], vlans: number[] | "all" }} scope */
  const flush = ({ bridge, ports, vlans }) => {
    outcome.flushes++;
    const legal = bridge === 50 ? ports.every((port) => port <= 2) : ports.length === 1 && Number(ports[0]) > 2;
    const vlansFit = vlans === "all" || vlans.every((vlan) => vlan >= 1 && vlan <= 4094);
    if (!legal || !vlansFit) throw new Error(`emptied ${JSON.stringify({ bridge, ports })}`);
  };
  const host = quietHost({ link: { send: () => outcome.sent++ }, tables: { flush } });
  const engine = new Engine(host, () => outcome.events++, undefined, { epoch: 1, software: "fuzz", seed: 1 });
  let now = 1_000_000_000;
  for (let index = 1; index <= 6; index++) engine.take({ kind: "link", link: linkOf(index) }, now);
  engine.take({ kind: "configure", desired: flushDesired() }, now);
  engine.settle(now);

  const octets = new Uint8Array(4_096);
  const incoming = { bytes: new DataView(octets.buffer), start: 0, length: 0, from: 0, vlan: -1, source: 0 };
  const settle = () => rest(engine, now);

  const warm = Math.floor(frames / 10);
  let heap = 0;
  for (let n = 1; n <= frames; n++) {
    if (n === warm && collect) heap = collect();
    if (progress && n % 1_000_000 === 0) progress(n);
    const port = 1 + dice.below(PORTS);
    const own = /** @type {Uint8Array[]} */ (seeds[dice.below(8) === 0 ? dice.below(MODES.length) : port - 1]);
    const start = dice.below(64);
    incoming.start = start;
    incoming.length = mutate(own, dice, octets, start, TENDER);
    incoming.from = dice.below(200) === 0 ? dice.below(1_000) : /** @type {number} */ (PORT_OF_MODE[port - 1]);
    incoming.vlan = dice.below(8) === 0 ? dice.below(4_096) : dice.below(2) === 0 ? 5 : -1;
    engine.frameReceived(incoming, now);
    if (dice.below(4) === 0) {
      settle();
      now += dice.below(1_000) === 0 ? dice.below(700_000_000) : dice.below(20_000);
    }
    if (n % SWITCH_EVERY === 0) {
      engine.take({ kind: "link", link: linkOf(5 + dice.below(2), dice.below(2) === 0) }, now);
      settle();
      JSON.stringify([flushInterfacesOf(engine), trunksOf(engine), alarmsOf(engine), engine.checkpoint()]);
      if (dice.below(5) === 0) act(engine, "reset-smart-link-flush", {}, now);
    }
    if (n % SWITCH_EVERY === 1) count();
  }
  count();
  settle();
  if (collect) outcome.growth = collect() - heap;
  convalesce();
  return outcome;

  function count() {
    for (const { received, dropped } of flushInterfacesOf(engine)) {
      outcome.accepted = Math.max(outcome.accepted, received);
      outcome.refused = Math.max(outcome.refused, dropped);
    }
  }

  /** After all that a good frame still does its work. */
  function convalesce() {
    now += 3_600_000_000;
    settle();
    const before = outcome.flushes;
    octets.set(flushFrame("hmac", 9, `04${"00".repeat(511)}`), 0);
    Object.assign(incoming, { start: 0, length: 590, from: 4, vlan: 5 });
    engine.frameReceived(incoming, now);
    settle();
    if (outcome.flushes !== before + 1) throw new Error("after the storm a good Flush empties nothing");
  }
}
