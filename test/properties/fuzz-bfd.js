// Mutated BFD packets through a whole engine. Plain JavaScript, as fuzz-frames.js.
import { createHash } from "node:crypto";
import { alarmsOf, bfdOf } from "../support/ask.js";
import { address, fuzzDesired, link, mutate, octets, RUN, Storm } from "./fuzz-ground.js";

const KEY = new TextEncoder().encode("a key");
const MULTI_HOP = 4784;
const SINGLE_HOP = 3784;
/** Octets where a mutation does most: the head, the discriminators, the highest octets of intervals, the section's head. */
const TENDER = [0, 1, 1, 2, 3, 4, 7, 8, 11, 12, 13, 16, 17, 20, 24, 25, 26, 28, 31];
/** Octets of what this file writes into a finished packet (RFC 5880 4.1, 4.4). */
const AT = { state: 1, remote: 4, local: 8, sequence: 28, digest: 32 };
const HEAD = 24;
const STATES = { adminDown: 0, down: 1, init: 2, up: 3 };
const AUTHENTICATED = 0x04;
/** What keeps the wheel turning: a link that comes and goes, settings that change, a look at every display. */
const SWITCH_EVERY = 2_003;
/** Between storms the peers speak sanely, so that the next one meets sessions that are Up. */
const STORM = 2_000;
const CALM = 60;

const OWN = { 4: address("192.0.2.9", "ffffc0000209"), 6: address("2001:db8::9", "20010db8000000000000000000000009") };
const GROUP = address("224.0.0.184", "ffffe00000b8");
const NOBODY = address("0.0.0.0", "ffff00000000");

/**
 * A session without authentication on either family, one on a link, a fast one that goes to the pacer, and one for each
 * authentication.
 * @type {readonly { name: string, code: number, type?: string, family?: 4 | 6, interface?: string, fast?: boolean }[]}
 */
const KINDS = [
  { name: "plain", code: 0 },
  { name: "six", code: 0, family: 6 },
  { name: "link", code: 0, interface: "eth1" },
  { name: "fast", code: 0, fast: true },
  { name: "simple", code: 1, type: "simple" },
  { name: "md5", code: 2, type: "md5" },
  { name: "met-md5", code: 3, type: "met-md5" },
  { name: "sha1", code: 4, type: "sha1" },
  { name: "met-sha1", code: 5, type: "met-sha1" },
];
const PLACES = KINDS.map((kind, n) => {
  const family = kind.family ?? 4;
  const host = 100 + n;
  const peer =
    family === 4
      ? address(`192.0.2.${host}`, `ffffc00002${host.toString(16)}`)
      : address(`2001:db8::${host}`, `20010db80000000000000000${host.toString().padStart(8, "0")}`);
  const port = kind.interface === undefined ? MULTI_HOP : SINGLE_HOP;
  return {
    ...kind,
    local: 1 + n,
    remote: 0x1000 + n,
    own: OWN[family],
    peer,
    port,
    interval: kind.fast ? 10_000 : 100_000,
  };
});

/** @typedef {(typeof PLACES)[number]} Place */

/** Octets of a type's section: RFC 5880 4.2 to 4.4. */
const SECTIONS = [0, 3 + KEY.length, 24, 24, 28, 28];
const sectionOf = (/** @type {Place} */ { code }) => /** @type {number} */ (SECTIONS[code]);

/** @param {Place} place @param {{ state: number, flags?: number, knows?: boolean, minRx?: number }} say */
function packet(place, { state, flags = 0, knows = true, minRx = place.interval }) {
  const { code, local, remote, interval } = place;
  const section = sectionOf(place);
  const all = flags | (section > 0 ? AUTHENTICATED : 0);
  const head = octets(
    ...[
      [1 << 5, 1],
      [(state << 6) | all, 1],
      [3, 1],
      [HEAD + section, 1],
    ],
    ...[
      [remote, 4],
      [knows ? local : 0, 4],
      [interval, 4],
      [minRx, 4],
      [0, 4],
    ],
  );
  const key = Buffer.from(KEY).toString("hex");
  const behind =
    section === 0 ? "" : octets([code, 1], [section, 1], [1, 1]) + (code === 1 ? key : "00".repeat(section - 3));
  return Uint8Array.from(Buffer.from(head + behind, "hex"));
}

/** What a peer says in the course of its life. */
const SEEDS = PLACES.map((place) =>
  [
    { state: STATES.down, knows: false },
    { state: STATES.init },
    { state: STATES.up },
    { state: STATES.up, flags: 0x20 },
    { state: STATES.up, flags: 0x10 },
    { state: STATES.up, flags: 0x02 },
    { state: STATES.up, minRx: 0 },
    { state: STATES.adminDown },
  ].map((say) => packet(place, say)),
);
const seedsFor = (/** @type {Place} */ { local }) => /** @type {Uint8Array[]} */ (SEEDS[local - 1]);

/**
 * Writes the digest of a keyed type into a packet that has room for it.
 * @param {Place} place @param {Uint8Array} datagram
 */
function sign(place, datagram) {
  const length = HEAD + sectionOf(place);
  if (place.code < 2 || datagram.length < length) return;
  const algorithm = place.code < 4 ? "md5" : "sha1";
  datagram.fill(0, AT.digest, length);
  datagram.set(KEY, AT.digest);
  datagram.set(createHash(algorithm).update(datagram.subarray(0, length)).digest(), AT.digest);
}

/** @param {number} multiplier of every session */
function bfdDesired(multiplier = 3) {
  const { trunks: _, interfaces, ...rest } = fuzzDesired();
  const [port] = interfaces;
  const times = { wtr: 0, shutdown: false, description: undefined, tosExp: 7 };
  return {
    ...rest,
    trunks: [],
    interfaces: [{ ...port, member: undefined }],
    bfdSessions: PLACES.map(({ name, type, local, own, peer, interval, interface: on }) => ({
      ...times,
      name,
      peer,
      source: own,
      interface: on,
      trackInterface: undefined,
      group: GROUP,
      localDiscriminator: local,
      remoteDiscriminator: undefined,
      minTx: interval,
      minRx: interval,
      multiplier,
      authentication: type === undefined ? undefined : { type, id: 1, octets: KEY },
    })),
  };
}

class BfdStorm extends Storm {
  outcome = { sent: 0, events: 0, accepted: 0, refused: 0, strays: 0, ups: 0, paced: 0 };
  /** Hand-overs to the pacer that last. */
  paced = new Map();
  sequence = 0;
  incoming = { bytes: this.view, start: 0, length: 0, source: NOBODY, destination: NOBODY, sourcePort: 49_152 };

  /** @param {import("./fuzz-ground.js").Core} core @param {number} seed */
  constructor(core, seed) {
    super(core, seed);
    const datagrams = { listen() {}, close() {}, send: () => this.outcome.sent++ };
    const host = core.quietHost({ datagrams, pacer: this.pacer() });
    this.engine = new core.Engine(host, () => this.outcome.events++, undefined, RUN);
    this.take({ kind: "link", link: link(1) });
    for (const own of [OWN[4], OWN[6]])
      this.take({ kind: "address", address: { index: 1, address: own, prefixLength: 24, present: true } });
    this.take({ kind: "configure", desired: bfdDesired() });
    this.engine.settle(this.now);
  }

  pacer() {
    return {
      works: true,
      /** @param {{ session: number, handover: number }} steady */
      pace: ({ session, handover }) => {
        this.outcome.paced++;
        this.paced.set(session, handover);
      },
      /** @param {number} session */
      release: (session) => (this.paced.delete(session) ? { received: 0, sent: 0, longestSilence: 0 } : undefined),
      counts: () => undefined,
    };
  }

  /** @param {Place} place @param {number} start @param {number} length @param {number} ttl */
  hear({ own, peer, port }, start, length, ttl = 255) {
    const on = { source: peer, destination: own, destinationPort: port, from: 1, ttl };
    this.engine.datagramReceived(Object.assign(this.incoming, { start, length }, on), this.now);
  }

  /** @param {Place} place @param {number} which */
  speak(place, which) {
    const said = Uint8Array.from(/** @type {Uint8Array} */ (seedsFor(place)[which]));
    if (place.code > 1) new DataView(said.buffer).setUint32(AT.sequence, ++this.sequence);
    sign(place, said);
    this.space.set(said, 0);
    this.hear(place, 0, said.length);
  }

  /** What every session that has a key made of the packets so far. */
  heeded() {
    return bfdOf(this.engine)
      .sessions.filter((/** @type {any} */ { authentication }) => authentication !== null)
      .map((/** @type {any} */ { received, state }) => `${received} ${state}`)
      .join();
  }

  /** One mutated packet. */
  storm() {
    const { dice } = this;
    const place = /** @type {Place} */ (PLACES[dice.below(PLACES.length)]);
    const start = dice.below(64);
    const length = mutate(seedsFor(place), dice, this.space, start, TENDER);
    const datagram = this.space.subarray(start, start + length);
    const signs = dice.below(8) > 0;
    if (place.code > 1 && signs) {
      if (length >= AT.sequence + 4 && dice.below(8) > 0) this.view.setUint32(start + AT.sequence, ++this.sequence);
      sign(place, datagram);
    }
    const ttl = dice.below(16) === 0 ? dice.below(256) : 255;
    // A packet may say that it is another session's: of one without key, or of one whose password is in it.
    if (place.code < 2 || signs) {
      this.hear(place, start, length, ttl);
      return;
    }
    // The digests of the seeds are zeros, so nothing of this was signed.
    const before = this.heeded();
    this.hear(place, start, length, ttl);
    if (this.heeded() !== before) throw new Error("heeded a packet that nobody has signed");
  }

  /** @param {number} n */
  step(n) {
    if (n % STORM < CALM) {
      for (const place of PLACES) this.speak(place, n % STORM < CALM / 2 ? 0 : 2);
      this.now += 20_000;
      this.settle();
    } else this.storm();
    this.maybePass(20_000_000, 10_000);
    if (n % SWITCH_EVERY === 0) this.change();
  }

  /** A link that comes or goes, settings that change, hand-overs that end; then a look at every display. */
  change() {
    const { dice, engine } = this;
    this.take({ kind: "link", link: link(1, dice.below(4) > 0) });
    this.take({ kind: "configure", desired: bfdDesired(1 + dice.below(50)) });
    for (const [session, handover] of [...this.paced])
      if (dice.below(2) === 0) this.take({ kind: "pacer", report: { session, handover } });
    this.settle();
    JSON.stringify([bfdOf(engine).sessions, bfdOf(engine), alarmsOf(engine), engine.checkpoint()]);
  }

  count() {
    const { outcome } = this;
    const { sessions, strays, faults } = bfdOf(this.engine);
    for (const { received, upCount, drops } of sessions) {
      outcome.accepted += received;
      outcome.ups += upCount;
      for (const count of Object.values(drops)) outcome.refused += /** @type {number} */ (count);
    }
    for (const count of Object.values(faults)) outcome.refused += /** @type {number} */ (count);
    outcome.strays = strays;
  }

  /** After all that a sane peer is silent, comes back and brings every session up. */
  convalesce() {
    this.take({ kind: "link", link: link(1) });
    for (const [session, handover] of [...this.paced]) this.take({ kind: "pacer", report: { session, handover } });
    // The longest detection time there can be: 255 times 4294 seconds.
    for (let days = 0; days < 40; days++) {
      this.now += 86_400_000_000;
      this.settle();
    }
    for (let step = 0; step < 40; step++) {
      for (const place of PLACES) this.speak(place, step < 20 ? 0 : 2);
      this.settle();
      this.now += 20_000;
      this.settle();
    }
    for (const { name, state } of bfdOf(this.engine).sessions)
      if (state !== "Up") throw new Error(`after the storm session ${name} is ${state}`);
  }
}

/**
 * Runs so many mutated packets. Throws when the engine throws, does not rest, grows, heeds what no key has signed, or does
 * not work any more afterwards.
 * @param {import("./fuzz-ground.js").Core} core @param {import("./fuzz-ground.js").Options} options
 */
export function fuzzBfd(core, options) {
  const storm = new BfdStorm(core, options.seed);
  const growth = storm.run(options);
  return { ...storm.outcome, growth };
}
