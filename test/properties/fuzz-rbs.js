// Mutated messages of the remote backup service through a whole engine. Plain JavaScript, as fuzz-frames.js.
import { alarmsOf, ask } from "../support/ask.js";
import { address, fuzzDesired, hex, link, mutate, RUN, Storm } from "./fuzz-ground.js";

/** This end has the lower address: it listens, and connections come to it. */
const ENDPOINT = {
  source: address("192.0.2.1", "ffffc0000201"),
  peer: address("192.0.2.2", "ffffc0000202"),
  port: 1025,
};
/** Octets where a mutation does most: header, then the head of the body, then the first record. */
const TENDER = [0, 1, 2, 3, 4, 5, 6, 7, 15, 16, 17, 18, 19, 20, 23, 26, 27, 28, 29, 30, 31, 33, 35, 37, 40, 41];
/** Where the sequence ends in a message. */
const SEQUENCE_AT = 12;
const LENGTH_AT = 4;
const HEADER = 16;
/** Connections that the engine did not close are closed by the peer, and all displays are looked at. */
const SWITCH_EVERY = 2_003;

/** @param {number} type @param {string} body */
const message = (type, body) =>
  Uint8Array.from(Buffer.from(`524201${hex(type, 1)}${hex(HEADER + body.length / 2, 4)}${hex(0, 8)}${body}`, "hex"));

/** @param {number} id @param {readonly number[]} services */
const profile = (id, services) =>
  [
    hex(14 + services.length, 2),
    hex(id, 2),
    "0201",
    hex(1, 2),
    hex(1, 2),
    hex(1, 2),
    "00",
    hex(services.length, 1),
  ].join("") + services.map((code) => hex(code, 1)).join("");

/** @param {readonly string[]} profiles @param {number} flags */
const openBody = (profiles, flags = 0) =>
  `${hex(7, 8)}${hex(20, 2)}08${hex(flags, 1)}${hex(profiles.length, 2)}${profiles.join("")}`;

const OPEN = message(1, openBody([profile(10, [5, 32])]));
const ARP = "01 00 001c 0001 0000 0000 0000 c0000263 020000000a01 0000 00000005".replaceAll(" ", "");
const ARP_DELETE = `02${ARP.slice(2)}`;
const ND = `0100 0028 0001 0000 0000 0001 20010db8000000000000000000000063 020000000a02 0000 00000005`.replaceAll(
  " ",
  "",
);
const DIGEST = `000a050000000002${hex(1, 4)}0123456789abcdef`;
/** @param {number} service @param {number} flags @param {readonly string[]} records */
const entries = (service, flags, records) =>
  message(5, `000a${hex(service, 1)}${hex(flags, 1)}00000002${hex(records.length, 2)}0000${records.join("")}`);

/** What a peer says in the course of its life. */
const SEEDS = [
  OPEN,
  message(1, openBody([profile(10, [5, 32]), profile(11, [2])], 1)),
  message(2, hex(1, 8)),
  message(3, "000a020000000001"),
  message(3, "000a010000000002"),
  message(4, "000a050000000002000000ff"),
  entries(5, 1, [ARP, ARP_DELETE]),
  entries(5, 0, [ARP]),
  entries(32, 0, [ND, ND]),
  message(6, DIGEST),
  message(7, hex(1, 8)),
  message(8, "000a0502"),
  message(9, DIGEST),
  message(11, "000a15000000000000010000"),
  message(10, "00070a"),
];

function rbsDesired() {
  const { trunks, ...rest } = fuzzDesired();
  return {
    ...rest,
    trunks,
    rbs: [
      { name: "service1", endpoint: ENDPOINT, shutdown: false, track: undefined, blocked: { send: [], receive: [] } },
    ],
    rbsProfiles: [
      {
        name: "profile1",
        backup: { id: 10, service: "service1" },
        services: ["arp", "nd"],
        member: { etrunk: 1, trunk: 1 },
        interfaces: ["Eth-Trunk1"],
      },
    ],
  };
}

class RbsStorm extends Storm {
  outcome = { sent: 0, events: 0, connections: 0, accepted: 0, closed: 0, opened: 0 };
  /** The connection that is spoken on; undefined while there is none. @type {number | undefined} */
  connection;
  sequence = 0;
  incoming = { connection: 0, bytes: this.view, start: 0, length: 0 };

  /** @param {import("./fuzz-ground.js").Core} core @param {number} seed */
  constructor(core, seed) {
    super(core, seed);
    /** @param {{ event: string, to?: string }} event */
    const observe = ({ event, to }) => {
      this.outcome.events++;
      if (event === "rbs-state" && to === "connected") this.outcome.opened++;
    };
    this.engine = new core.Engine(core.quietHost({ streams: this.streams() }), observe, undefined, RUN);
    this.take({ kind: "link", link: link(1) });
    this.take({ kind: "address", address: { index: 1, address: ENDPOINT.source, prefixLength: 24, present: true } });
    this.take({ kind: "configure", desired: rbsDesired() });
    this.engine.settle(this.now);
  }

  streams() {
    return {
      listen() {},
      ignore() {},
      connect() {},
      giveUp() {},
      send: () => {
        this.outcome.sent++;
        // The machine sometimes takes no more.
        return this.dice.below(50) > 0;
      },
      /** @param {number} connection */
      close: (connection) => {
        this.outcome.closed++;
        if (connection === this.connection) this.connection = undefined;
      },
      strangers: () => ({ count: 0, last: undefined }),
    };
  }

  /** Some octets in as many pieces as chance wants. @param {number} start @param {number} length */
  hear(start, length) {
    const { connection, incoming, dice } = this;
    if (connection === undefined) return;
    const cut = dice.below(4) === 0 ? dice.below(length + 1) : length;
    for (const [at, octets] of [
      [start, cut],
      [start + cut, length - cut],
    ]) {
      if (!octets) continue;
      Object.assign(incoming, { connection, start: at, length: octets });
      this.engine.streamReceived(incoming, this.now);
    }
  }

  /** A message as it should be. @param {Uint8Array} said */
  speak(said) {
    this.space.set(said, 0);
    this.view.setUint32(SEQUENCE_AT, ++this.sequence);
    this.hear(0, said.length);
  }

  connect() {
    this.connection = ++this.outcome.connections;
    this.sequence = 0;
    this.take({ kind: "stream-opened", endpoint: ENDPOINT, connection: this.connection });
    if (this.dice.below(20) > 0) this.speak(OPEN);
    this.settle();
  }

  /** @param {number} n */
  step(n) {
    const { dice, view } = this;
    if (this.connection === undefined) this.connect();
    if (dice.below(3) > 0) this.speak(/** @type {Uint8Array} */ (SEEDS[dice.below(SEEDS.length - 1)]));
    const start = dice.below(64);
    const length = mutate(SEEDS, dice, this.space, start, TENDER);
    if (length >= HEADER && dice.below(8) > 0) view.setUint32(start + SEQUENCE_AT, ++this.sequence);
    if (length >= HEADER && dice.below(2) === 0) view.setUint32(start + LENGTH_AT, length);
    this.hear(start, length);
    if (this.connection !== undefined && dice.below(50) === 0)
      this.take({ kind: "stream-writable", connection: this.connection });
    if (dice.below(4) === 0) this.settle();
    this.maybePass(200_000_000, 20_000);
    if (n % SWITCH_EVERY === 0) this.change();
  }

  /** The peer's TCP breaks, and everything is looked at. */
  change() {
    const { engine, now, connection } = this;
    if (connection !== undefined) {
      this.connection = undefined;
      this.take({ kind: "stream-closed", endpoint: ENDPOINT, connection, text: "reset" });
    }
    this.settle();
    JSON.stringify([
      ask(engine, "remote-backup-services", {}, now),
      ask(engine, "remote-backup-profiles", {}, now),
      alarmsOf(engine),
      engine.checkpoint(),
    ]);
  }

  service() {
    return /** @type {any} */ (ask(this.engine, "remote-backup-services", {}, this.now)).services[0];
  }

  count() {
    this.outcome.accepted = this.service().messagesReceived;
  }

  /** After all that a sane peer is connected, and stays so. */
  convalesce() {
    this.change();
    this.connection = ++this.outcome.connections;
    this.sequence = 0;
    this.take({ kind: "stream-opened", endpoint: ENDPOINT, connection: this.connection });
    this.speak(OPEN);
    this.settle();
    for (let second = 0; second < 100; second += 10) {
      this.take({ kind: "stream-writable", connection: this.connection ?? 0 });
      this.now += 10_000_000;
      this.speak(/** @type {Uint8Array} */ (message(2, hex(1, 8))));
      this.settle();
    }
    const { tcpState, lastDownReason } = this.service();
    if (tcpState !== "connected") throw new Error(`after the storm the service is ${tcpState}: ${lastDownReason}`);
  }
}

/**
 * Runs so many mutated messages. Throws when the engine throws, does not rest, grows, or does not work any more afterwards.
 * @param {import("./fuzz-ground.js").Core} core @param {import("./fuzz-ground.js").Options} options
 */
export function fuzzRbs(core, options) {
  const storm = new RbsStorm(core, options.seed);
  const growth = storm.run(options);
  return { ...storm.outcome, growth };
}
