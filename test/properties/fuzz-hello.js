// Mutated hellos through a whole engine. Plain JavaScript, as fuzz-frames.js.
import { createHmac, hkdfSync } from "node:crypto";
import { alarmsOf, ask, carsOf, etrunksOf, packetsOf, trunksOf } from "../support/ask.js";
import { address, fuzzDesired, link, mutate, octets, RUN, Storm } from "./fuzz-ground.js";

const KEY = new TextEncoder().encode("a key of the lab");
const PORT = 1025;
/** Octets where a mutation does most: version to sequence, and the heads of the first TLVs. */
const TENDER = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 20, 27, 28, 31, 32, 39, 40, 41, 42, 43, 51, 55, 56, 57, 58, 59, 61, 62, 63, 65, 67,
  69, 89, 91,
];
/** Octets of what this file writes into a finished hello. */
const AT = { length: 2, epoch: 20, sequence: 28, peerEpoch: 32, echo: 44 };
const DIGEST = { 1: "sha1", 2: "sha256", 3: "sha256" };
const DIGEST_LENGTH = { 1: 20, 2: 32, 3: 32 };
/** What keeps the wheel turning: a link that comes and goes, and a look at every display. */
const SWITCH_EVERY = 2_003;
/** Between storms the peers speak sanely, so that the next one meets E-Trunks that hear them. */
const STORM = 2_000;
const CALM = 60;
/** Rates of the session that is policed: some of the storm is too much for it. */
const CAR = { cir: 16, cbs: 2_048, pir: 48, pbs: 4_096 };

/** One E-Trunk for each authentication, each with a trunk of the same number; the second checks sequences. */
const PLACES = [
  {
    id: 1,
    mode: 1,
    name: "hmac-sha1",
    own: address("192.0.2.9", "ffffc0000209"),
    peer: address("192.0.2.1", "ffffc0000201"),
  },
  {
    id: 2,
    mode: 2,
    name: "hmac-sha256",
    own: address("192.0.2.9", "ffffc0000209"),
    peer: address("192.0.2.2", "ffffc0000202"),
  },
  {
    id: 3,
    mode: 3,
    name: "enhanced-hmac-sha256",
    own: address("2001:db8::9", "20010db8000000000000000000000009"),
    peer: address("2001:db8::3", "20010db8000000000000000000000003"),
  },
];

/** @typedef {(typeof PLACES)[number]} Place */

/**
 * @param {Place} place
 * @param {{ state: number, reason: number, priority: number, flags: number, members: readonly number[], isUp: boolean }} say
 */
function hello({ id, mode }, { state, reason, priority, flags, members, isUp }) {
  const size = DIGEST_LENGTH[/** @type {1 | 2 | 3} */ (mode)];
  const tlvs = members.map((trunk) =>
    octets(
      ...[
        [1, 2],
        [28, 2],
        [1, 1],
        [0, 1],
        [isUp ? 2 : 1, 1],
        [5, 1],
        [trunk, 2],
        [trunk, 2],
        [isUp ? 11 : 10, 2],
      ],
      ...[
        [1, 2],
        [1_000, 4],
        [0x8000, 2],
        [0x0200_0000_0b00 + id, 6],
        [0x0131, 2],
        [0, 2],
      ],
    ),
  );
  const behind = [
    octets([3, 2], [12, 2], [0, 8], [0, 4]),
    ...tlvs,
    octets([2, 2], [3, 2], [0x616263, 3]),
    octets([0xffff, 2], [4 + size, 2], [mode, 1], [0, 3]),
  ];
  const length = 40 + behind.join("").length / 2 + size;
  const head = octets(
    ...[
      [1, 1],
      [flags, 1],
      [length, 2],
      [id, 2],
      [state, 1],
      [reason, 1],
      [priority, 1],
      [0, 1],
      [50, 2],
    ],
    ...[
      [0x0200_0000_0a00 + id, 6],
      [120, 2],
      [1, 8],
      [1, 4],
      [1, 8],
    ],
  );
  return Uint8Array.from(Buffer.from(`${head}${behind.join("")}${"00".repeat(size)}`, "hex"));
}

/** What a peer says in the course of its life. */
const seedsOf = (/** @type {Place} */ place) => {
  const members = [place.id];
  return [
    { state: 1, reason: 7, priority: 100, flags: 0x01, members, isUp: false },
    { state: 3, reason: 1, priority: 10, flags: 0x21, members, isUp: true },
    { state: 2, reason: 1, priority: 200, flags: 0x21, members, isUp: false },
    { state: 3, reason: 2, priority: 100, flags: 0x01, members, isUp: true },
    { state: 3, reason: 1, priority: 10, flags: 0x29, members: [], isUp: true },
    { state: 2, reason: 1, priority: 100, flags: 0x33, members: [...members, 77, 78, 79], isUp: false },
  ].map((say) => hello(place, say));
};
const SEEDS = PLACES.map(seedsOf);
const seedsFor = (/** @type {Place} */ { id }) => /** @type {Uint8Array[]} */ (SEEDS[id - 1]);

const signingKeys = PLACES.map(({ id, mode, own, peer }) => {
  if (mode !== 3) return KEY;
  const [lower, higher] = [own.octets, peer.octets].sort(Buffer.compare);
  const info = Buffer.concat([Buffer.from(octets([id, 2]), "hex"), ...[lower, higher].map((each) => each ?? KEY)]);
  return new Uint8Array(hkdfSync("sha256", KEY, "etrunkd hello 1", info, 32));
});

/**
 * Writes the digest where it belongs in a hello that ends with it.
 * @param {Place} place @param {Uint8Array} datagram
 */
function sign({ id, mode, own, peer }, datagram) {
  const size = DIGEST_LENGTH[/** @type {1 | 2 | 3} */ (mode)];
  const digestAt = datagram.length - size;
  if (digestAt < 0) return;
  datagram.fill(0, digestAt);
  const hmac = createHmac(DIGEST[/** @type {1 | 2 | 3} */ (mode)], /** @type {Uint8Array} */ (signingKeys[id - 1]));
  datagram.set(
    hmac
      .update(peer.octets)
      .update(own.octets)
      .update(Uint8Array.of(PORT >> 8, PORT & 255))
      .update(datagram)
      .digest(),
    digestAt,
  );
}

/** Two members of mode manual; one of mode lacp-static that hears no partner, so it is never ready. */
export function helloDesired() {
  const { trunks, interfaces, ...rest } = fuzzDesired();
  const member = { mode: "auto", systemId: undefined, systemPriority: undefined, standbyByCarrier: true };
  const [trunk, port] = /** @type {[any, any]} */ ([trunks[1], interfaces[0]]);
  const etrunk = {
    priority: 100,
    higherFirst: false,
    udpPort: PORT,
    sendKeyId: 0,
    helloInterval: 1_000_000,
    multiplier: 5,
  };
  const times = { revert: true, revertDelay: 1, select: "default", description: undefined, bfd: undefined };
  return {
    ...rest,
    interfaces: PLACES.map(({ id }) => ({
      ...port,
      name: `eth${id}`,
      device: `eth${id}`,
      member: { ...port.member, trunk: id },
    })),
    trunks: PLACES.map(({ id }) => ({
      ...trunk,
      id,
      mode: id === 2 ? "static" : "manual",
      etrunk: { ...member, etrunk: id, remoteTrunk: id },
    })),
    etrunks: PLACES.map(({ id, name, own, peer }) => ({
      ...etrunk,
      ...times,
      id,
      authentication: name,
      addresses: { peer, source: own, vrf: undefined },
      keys: [{ id: 0, octets: KEY, origin: "configured" }],
      sequenceCheck: id === 2,
    })),
    sessionCar: { etrunkIpv4: undefined, etrunkIpv6: CAR },
  };
}

class HelloStorm extends Storm {
  outcome = { sent: 0, events: 0, accepted: 0, refused: 0, policed: 0, moves: 0 };
  /** Epoch and sequence number of our last hello of each E-Trunk. */
  ourNumbers = PLACES.map(() => Buffer.alloc(12));
  sequence = 1;
  incoming = { bytes: this.view, start: 0, length: 0, sourcePort: PORT, ttl: 255, from: 1 };

  /** @param {import("./fuzz-ground.js").Core} core @param {number} seed */
  constructor(core, seed) {
    super(core, seed);
    /** @param {{ event: string }} event */
    const observe = ({ event }) => {
      this.outcome.events++;
      if (event === "e-trunk-state" || event === "member-state") this.outcome.moves++;
    };
    const run = { ...RUN, epoch: 1_000 };
    this.engine = new core.Engine(core.quietHost({ datagrams: this.datagrams() }), observe, undefined, run);
    for (const { id, own } of PLACES) {
      this.take({ kind: "link", link: link(id) });
      this.take({ kind: "address", address: { index: id, address: own, prefixLength: 24, present: true } });
    }
    this.take({ kind: "configure", desired: helloDesired() });
    this.engine.settle(this.now);
  }

  datagrams() {
    return {
      listen() {},
      close() {},
      /** @param {{ bytes: DataView, start: number, length: number }} out */
      send: ({ bytes, start, length }) => {
        this.outcome.sent++;
        const own = Buffer.from(bytes.buffer, bytes.byteOffset + start, length);
        own.copy(/** @type {Buffer} */ (this.ourNumbers[own.readUInt16BE(4) - 1]), 0, AT.epoch, AT.epoch + 12);
      },
    };
  }

  /** Makes a datagram one of the peer's run that answers and echoes ours. @param {Place} place @param {Uint8Array} datagram */
  freshen({ id }, datagram) {
    const view = new DataView(datagram.buffer, datagram.byteOffset);
    const ours = /** @type {Buffer} */ (this.ourNumbers[id - 1]);
    view.setUint32(AT.sequence, ++this.sequence);
    datagram.set(ours.subarray(0, 8), AT.peerEpoch);
    if (datagram.length >= AT.echo + ours.length) datagram.set(ours, AT.echo);
  }

  /** @param {Place} place @param {number} start @param {number} length */
  hear({ own, peer: source }, start, length) {
    Object.assign(this.incoming, { start, length, source, destination: own, destinationPort: PORT });
    this.engine.datagramReceived(this.incoming, this.now);
  }

  /** As it comes, and sometimes from elsewhere. @param {Place} place @param {number} start @param {number} length */
  hearMutated(place, start, length) {
    const elsewhere = this.dice.below(100) === 0;
    this.hear(elsewhere ? { ...place, peer: place.own } : place, start, length);
  }

  /** @param {Place} place @param {number} which */
  speak(place, which) {
    const said = Uint8Array.from(/** @type {Uint8Array} */ (seedsFor(place)[which]));
    this.freshen(place, said);
    sign(place, said);
    this.space.set(said, 0);
    this.hear(place, 0, said.length);
  }

  believed() {
    let total = 0;
    for (const { received } of packetsOf(this.engine).etrunks) total += received;
    return total;
  }

  /** One mutated hello. */
  storm() {
    const { dice, space } = this;
    const place = /** @type {Place} */ (PLACES[dice.below(PLACES.length)]);
    const start = dice.below(64);
    const length = mutate(seedsFor(place), dice, space, start, TENDER);
    const datagram = space.subarray(start, start + length);
    if (length >= 40 && dice.below(4) > 0) this.freshen(place, datagram);
    if (length >= 40 && dice.below(2) === 0) this.view.setUint16(start + AT.length, length);
    if (dice.below(4) > 0) {
      sign(place, datagram);
      this.hearMutated(place, start, length);
      return;
    }
    // The digests of the seeds are zeros, so nothing of this was signed.
    const before = this.believed();
    this.hearMutated(place, start, length);
    if (this.believed() !== before) throw new Error("believed a hello that nobody has signed");
  }

  /** @param {number} n */
  step(n) {
    if (n % STORM < CALM) {
      for (const place of PLACES) this.speak(place, n % STORM < CALM / 2 ? 0 : 1);
      this.now += 100_000;
      this.settle();
    } else this.storm();
    this.maybePass(20_000_000, 20_000);
    if (n % SWITCH_EVERY === 0) this.change();
  }

  /** A link that comes or goes, and a look at every display. */
  change() {
    const { dice, engine, now } = this;
    this.take({ kind: "link", link: link(1 + dice.below(PLACES.length), dice.below(2) === 0) });
    this.settle();
    const why = ask(engine, "why-e-trunk", { id: 2 }, now);
    JSON.stringify([etrunksOf(engine, now), trunksOf(engine), alarmsOf(engine), engine.checkpoint(), why]);
  }

  count() {
    const { outcome, engine } = this;
    for (const { received, receivedDropped } of packetsOf(engine).etrunks) {
      outcome.accepted += received;
      outcome.refused += receivedDropped;
    }
    outcome.policed = carsOf(engine)[0]?.red ?? 0;
  }

  /** After all that a sane peer is heard and, being the better one, is left to be Master where we have a member. */
  convalesce() {
    for (const { id } of PLACES) this.take({ kind: "link", link: link(id) });
    for (let second = 0; second < 3_700; second += 100) {
      this.now += 100_000_000;
      this.settle();
    }
    for (let tenth = 0; tenth < 50; tenth++) {
      for (const place of PLACES) this.speak(place, 1);
      this.settle();
      this.now += 100_000;
      this.settle();
    }
    for (const { id, hearing, state } of etrunksOf(this.engine, this.now))
      if (!hearing || state !== (id === 2 ? "Init" : "Backup"))
        throw new Error(`after the storm E-Trunk ${id} is ${state}, hearing ${hearing}`);
  }
}

/**
 * Runs so many mutated hellos. Throws when the engine throws, does not rest, grows, believes what no key has signed, or does
 * not work any more afterwards.
 * @param {import("./fuzz-ground.js").Core} core @param {import("./fuzz-ground.js").Options} options
 */
export function fuzzHello(core, options) {
  const storm = new HelloStorm(core, options.seed);
  const growth = storm.run(options);
  return { ...storm.outcome, growth };
}
