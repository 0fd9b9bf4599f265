// Mutated Flush frames through a whole engine. Plain JavaScript, as fuzz-frames.js.
import { createHash, createHmac } from "node:crypto";
import { act, alarmsOf, flushInterfacesOf, trunksOf } from "../support/ask.js";
import { fuzzDesired, hex, link, mutate, RUN, Storm } from "./fuzz-ground.js";

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

/** Throws when a Flush empties what it may not. @param {{ bridge: number | undefined, ports: number[], vlans: number[] | "all" }} scope */
function judge({ bridge, ports, vlans }) {
  const legal = bridge === 50 ? ports.every((port) => port <= 2) : ports.length === 1 && Number(ports[0]) > 2;
  const vlansFit = vlans === "all" || vlans.every((vlan) => vlan >= 1 && vlan <= 4094);
  if (!legal || !vlansFit) throw new Error(`emptied ${JSON.stringify({ bridge, ports })}`);
}

class FlushStorm extends Storm {
  outcome = { sent: 0, events: 0, accepted: 0, refused: 0, flushes: 0 };
  incoming = { bytes: this.view, start: 0, length: 0, from: 0, vlan: -1, source: 0 };
  seeds = seedFrames();

  /** @param {import("./fuzz-ground.js").Core} core @param {number} seed */
  constructor(core, seed) {
    super(core, seed);
    /** @param {Parameters<typeof judge>[0]} scope */
    const flush = (scope) => {
      this.outcome.flushes++;
      judge(scope);
    };
    const host = core.quietHost({ link: { listen() {}, send: () => this.outcome.sent++ }, tables: { flush } });
    this.engine = new core.Engine(host, () => this.outcome.events++, undefined, RUN);
    for (let index = 1; index <= 6; index++) this.take({ kind: "link", link: linkOf(index) });
    this.take({ kind: "configure", desired: flushDesired() });
    this.engine.settle(this.now);
  }

  /** @param {number} n */
  step(n) {
    const { dice, incoming } = this;
    const port = 1 + dice.below(PORTS);
    const own = /** @type {Uint8Array[]} */ (this.seeds[dice.below(8) === 0 ? dice.below(MODES.length) : port - 1]);
    const start = dice.below(64);
    incoming.start = start;
    incoming.length = mutate(own, dice, this.space, start, TENDER);
    incoming.from = dice.below(200) === 0 ? dice.below(1_000) : /** @type {number} */ (PORT_OF_MODE[port - 1]);
    incoming.vlan = dice.below(8) === 0 ? dice.below(4_096) : dice.below(2) === 0 ? 5 : -1;
    this.engine.frameReceived(incoming, this.now);
    this.maybePass(700_000_000, 20_000);
    if (n % SWITCH_EVERY === 0) this.change();
    if (n % SWITCH_EVERY === 1) this.count();
  }

  /** A link of the 1:1 trunk that comes or goes, a look at every display, and sometimes counters that begin anew. */
  change() {
    const { dice, engine } = this;
    this.take({ kind: "link", link: linkOf(5 + dice.below(2), dice.below(2) === 0) });
    this.settle();
    JSON.stringify([flushInterfacesOf(engine), trunksOf(engine), alarmsOf(engine), engine.checkpoint()]);
    if (dice.below(5) === 0) act(engine, "reset-smart-link-flush", {}, this.now);
  }

  count() {
    const { outcome } = this;
    for (const { received, dropped } of flushInterfacesOf(this.engine)) {
      outcome.accepted = Math.max(outcome.accepted, received);
      outcome.refused = Math.max(outcome.refused, dropped);
    }
  }

  /** After all that a good frame still does its work. */
  convalesce() {
    this.now += 3_600_000_000;
    this.settle();
    const before = this.outcome.flushes;
    this.space.set(flushFrame("hmac", 9, `04${"00".repeat(511)}`), 0);
    Object.assign(this.incoming, { start: 0, length: 590, from: 4, vlan: 5 });
    this.engine.frameReceived(this.incoming, this.now);
    this.settle();
    if (this.outcome.flushes !== before + 1) throw new Error("after the storm a good Flush empties nothing");
  }
}

/**
 * Runs so many mutated frames. Throws when the engine throws, does not rest, grows, empties what it may not, or does not
 * work any more afterwards.
 * @param {import("./fuzz-ground.js").Core} core @param {import("./fuzz-ground.js").Options} options
 */
export function fuzzFlush(core, options) {
  const storm = new FlushStorm(core, options.seed);
  const growth = storm.run(options);
  return { ...storm.outcome, growth };
}
