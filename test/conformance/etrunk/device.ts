import type { Cipher } from "../../../src/config/language/secrets.js";
import { readConfiguration } from "../../../src/config/reading/read.js";
import { toDesired } from "../../../src/config/to-desired.js";
import { type Mac, parseMac } from "../../../src/core/base/address.js";
import { parseIpAddress } from "../../../src/core/base/ip-address.js";
import { type Micros, micros, millis, seconds } from "../../../src/core/base/time.js";
import { Engine } from "../../../src/core/engine/engine.js";
import type { EngineEvent } from "../../../src/core/engine/news.js";
import type { EtrunkView } from "../../../src/core/parts/etrunk/questions.js";
import { HelloView } from "../../../src/core/wire/etrunk-hello.js";
import { NO_PACER, quietHost } from "../../../src/daemon/recording/quiet-host.js";
import { alarmsOf, etrunksOf } from "../../support/ask.js";

const ip = (text: string) => parseIpAddress(text)!;
const START = seconds(1_000);
/** Turned round, and long enough for a ciphertext. */
const CIPHER: Cipher = {
  encipher: (plain) => [...plain.padEnd(40, "~")].reverse().join(""),
  decipher: (content) => (content.startsWith("A") ? undefined : [...content].reverse().join("").replace(/~+$/, "")),
};

/** A hello as it left, with the fields tests ask for. */
export interface SentHello {
  readonly at: Micros;
  readonly to: string;
  readonly bytes: Uint8Array;
  readonly hello: HelloView;
}

/** One PE with members eth1 and eth2, whose configuration is text, whose hellos are kept, and whose peer is another one. */
export class EtrunkDevice {
  readonly engine: Engine;
  readonly sent: SentHello[] = [];
  readonly events: EngineEvent[] = [];
  /** What has to survive a kill. */
  readonly kept = new Map<string, string>();
  /** Datagrams leave this host. */
  sends = true;
  /** Hears what we send, unless it is deaf. */
  peer: EtrunkDevice | undefined;
  now: Micros;
  #delivered = 0;
  readonly #address: string;
  readonly #mac: Mac;

  constructor(address: string, mac: string, configuration: readonly string[], now: Micros = START) {
    this.now = now;
    this.#address = address;
    this.#mac = parseMac(mac)!;
    this.engine = new Engine(
      quietHost({
        datagrams: {
          listen: () => {},
          close: () => {},
          send: ({ bytes, start, length, destination, destinationPort }) => {
            if (destinationPort !== 1025) return this.sends;
            const copy = new Uint8Array(bytes.buffer, bytes.byteOffset + start, length).slice();
            const hello = new HelloView().wrap(new DataView(copy.buffer), 0, length);
            if (this.sends && hello.fault() === undefined)
              this.sent.push({ at: this.now, to: destination.text, bytes: copy, hello });
            return this.sends;
          },
        },
        pacer: NO_PACER,
        store: { keep: (name, text) => void this.kept.set(name, text), keepCheckpoint: () => {} },
      }),
      (event) => void this.events.push(event),
      undefined,
      { epoch: 5_000, software: "tested", seed: 1 },
    );
    for (const [at, name] of ["eth1", "eth2"].entries()) this.link(at + 1, name, true);
    this.address(address, true);
    this.configure(configuration);
  }

  configure(lines: readonly string[]): void {
    const { model, problems } = readConfiguration(lines.join("\n"), { cipher: CIPHER });
    if (problems.length > 0) throw new Error(problems.map(({ text }) => text).join("\n"));
    this.engine.take(
      { kind: "configure", desired: toDesired(model, { deviceMac: this.#mac, bindings: new Map(), cipher: CIPHER }) },
      this.now,
    );
    this.settle();
  }

  link(index: number, name: string, up: boolean): void {
    const link = { index, name, present: true, up, carrier: up, mac: 0x02_00_00_00_00_00 + index, speed: 1_000 };
    this.engine.take({ kind: "link", link: { ...link, mac: link.mac as Mac, mtu: 1_500 } }, this.now);
    this.settle();
  }

  address(text: string, present: boolean): void {
    this.engine.take(
      { kind: "address", address: { index: 9, address: ip(text), prefixLength: 24, present } },
      this.now,
    );
    this.settle();
  }

  /** Later than it has lived so far, perhaps. */
  hear(from: string, bytes: Uint8Array, at = this.now): void {
    this.now = micros(Math.max(this.now, at));
    const datagram = {
      bytes: new DataView(bytes.slice().buffer),
      start: 0,
      length: bytes.length,
      source: ip(from),
      destination: ip(this.#address),
      sourcePort: 1025,
      destinationPort: 1025,
      ttl: 255,
      from: 1,
    };
    this.engine.datagramReceived(datagram, this.now);
    this.settle();
  }

  settle(): void {
    this.engine.settle(this.now);
  }

  /** Lives on for so long; its peer hears what was sent. */
  run(duration: Micros): void {
    const end = micros(this.now + duration);
    while (this.now < end) {
      this.now = micros(Math.min(end, Math.max(this.now + millis(1), this.engine.nextDeadline())));
      this.engine.expire(this.now);
      this.settle();
      const news = this.sent.slice(this.#delivered);
      this.#delivered = this.sent.length;
      for (const { bytes } of news) this.peer?.hear(this.#address, bytes, this.now);
    }
  }

  view(id = 1): EtrunkView {
    const view = etrunksOf(this.engine, this.now).find((each) => each.id === id);
    if (view === undefined) throw new Error(`there is no E-Trunk ${id}`);
    return view;
  }

  get alarms(): readonly string[] {
    return alarmsOf(this.engine).map(({ text }) => text);
  }
}
