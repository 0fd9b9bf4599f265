import { beforeEach, describe, expect, test } from "vitest";
import { readConfiguration } from "../../src/config/reading/read.js";
import { toDesired } from "../../src/config/to-desired.js";
import type { Mac } from "../../src/core/base/address.js";
import type { IncomingDatagram } from "../../src/core/base/datagram.js";
import { parseIpAddress } from "../../src/core/base/ip-address.js";
import { type Micros, micros, seconds } from "../../src/core/base/time.js";
import { Refusal } from "../../src/core/contract/questions.js";
import { Engine } from "../../src/core/engine/engine.js";
import type { EngineQuestions } from "../../src/core/engine/questions.js";
import type { EtrunkView, Request } from "../../src/daemon/questions.js";
import { quietHost } from "../../src/daemon/recording/quiet-host.js";
import { signedHello } from "../support/forged-hello.js";
import { RUN } from "../support/run.js";

const CONFIGURATION = `bfd
whitelist session-car e-trunk-ipv4 cbs 1 pbs 1
e-trunk 1
 peer-address 10.0.0.2 source-address 10.0.0.1
 e-trunk track bfd-session session-name hello
e-trunk 2
 peer-ipv6 2001:db8::2 source-ipv6 2001:db8::1
 e-trunk bfd enable
 e-trunk bfd min-tx-interval 40 min-rx-interval 20 detect-multiplier 8
interface Eth-Trunk10
 e-trunk 1 remote-eth-trunk 11
bfd hello bind peer-ip 10.0.0.2 source-ip 10.0.0.1
 discriminator local 5
bfd idle bind peer-ip 10.0.0.3`;

const ip = (text: string) => parseIpAddress(text)!;

let engine: Engine;
const START = micros(1_000_000_000);

beforeEach(() => {
  const { model, problems } = readConfiguration(CONFIGURATION);
  expect(problems).toEqual([]);
  engine = new Engine(quietHost(), () => {}, undefined, RUN);
  engine.take(
    { kind: "configure", desired: toDesired(model, { deviceMac: 0x00e0fc000001 as Mac, bindings: new Map() }) },
    START,
  );
  for (const [index, text] of ["10.0.0.1", "2001:db8::1"].entries())
    engine.take(
      { kind: "address", address: { index: index + 1, address: ip(text), prefixLength: 24, present: true } },
      START,
    );
  engine.settle(START);
});

/** A hello of `octets` that nobody signed. */
function hear(source: string, etrunk: number, octets: number, now: Micros): void {
  const bytes = new DataView(new ArrayBuffer(octets));
  if (octets > 6) bytes.setUint16(4, etrunk);
  receive(source, bytes, now);
}

function receive(source: string, bytes: DataView, now: Micros): void {
  const datagram: IncomingDatagram = {
    bytes,
    start: 0,
    length: bytes.byteLength,
    source: ip(source),
    destination: ip("10.0.0.1"),
    sourcePort: 1025,
    destinationPort: 1025,
    ttl: 255,
    from: 1,
  };
  engine.datagramReceived(datagram, now);
  engine.settle(now);
}

/** As a host would whose clock began in 1970. */
const date = (at: number): string => new Date(at / 1_000).toISOString();
const ask = <T>({ ask: name, ...asks }: Request, now = START): T => {
  const answer =
    name in engine.actions
      ? engine.take({ kind: "act", action: { name, asks } }, now)
      : engine.ask(name as keyof EngineQuestions, asks as never, { now, date });
  if (answer instanceof Refusal) throw new Error(answer.text);
  return answer as T;
};
const one = (id: number, now = START) => ask<EtrunkView>({ ask: "e-trunk", id }, now);

describe("an E-Trunk is answered", () => {
  test("alone, or all of them in the order of their numbers", () => {
    expect(ask<{ etrunks: EtrunkView[] }>({ ask: "e-trunk" }).etrunks.map(({ id }) => id)).toEqual([1, 2]);
    expect(one(1)).toMatchObject({
      id: 1,
      peerAddress: "10.0.0.2",
      sourceAddress: "10.0.0.1",
      udpPort: 1025,
      state: "Init",
      key: "default",
      bfdSession: "hello",
      bfdState: "Down",
      dynamicBfd: null,
      members: [{ type: "Eth-Trunk", id: 10, remoteId: 11 }],
    });
    expect(one(2)).toMatchObject({
      bfdSession: "dyn_etrunk_2",
      dynamicBfd: { minTx: 40, minRx: 20, detectMultiplier: 8, trackInterface: null },
    });
  });

  test("as one whose source address is here while that moves from one interface to another", () => {
    const isMissing = () => one(1).attention.some((text) => text.includes("10.0.0.1 is not on this host"));
    const change = (index: number, present: boolean) => {
      engine.take({ kind: "address", address: { index, address: ip("10.0.0.1"), prefixLength: 24, present } }, START);
      engine.settle(START);
    };
    change(7, true);
    change(1, false);
    expect(isMissing()).toBe(false);
    change(7, false);
    expect(isMissing()).toBe(true);
  });

  test("with its moves in ISO 8601, newest last", () => {
    const later = micros(START + seconds(30));
    engine.expire(later);
    engine.settle(later);
    const [move, ...more] = one(2, later).history;
    expect(more).toEqual([]);
    expect(move).toMatchObject({ from: "Init", to: "Master", causation: "TIMEOUT" });
    expect(move!.time).toBe(date(later));
  });

  test.for(["e-trunk", "e-trunk-packets", "why-e-trunk", "reset-e-trunk-statistics"] as const)(
    "only where it exists: %s",
    (question) => {
      expect(() => ask({ ask: question, id: 9 })).toThrow("E-Trunk 9 does not exist");
    },
  );

  test("with the decision and all it looked at", () => {
    expect(ask({ ask: "why-e-trunk", id: 1 })).toMatchObject({
      id: 1,
      state: "Init",
      causation: "ALL_MEMBER_DOWN",
      decidedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      inputs: { canSpeak: true, allMembersDown: true, hearing: false, resumed: null, peerDeaf: null },
      comparison: null,
      members: [{ id: 10, state: "Backup", causation: "ETRUNK_INIT", inputs: { mode: "auto", ready: false } }],
    });
  });
});

describe("packets are counted", () => {
  test("by what was wrong with them, until the counters are cleared", () => {
    hear("10.0.0.9", 1, 100, START);
    hear("10.0.0.9", 77, 100, START);
    hear("10.0.0.9", 1, 6, START);
    const counted = ask<{ etrunks: { id: number }[] }>({ ask: "e-trunk-packets", id: 1 });
    expect(counted).toMatchObject({
      etrunkIdErrors: 1,
      lengthErrors: 1,
      etrunks: [{ id: 1, received: 0, receivedDropped: 1, drops: { peerAddress: 1 } }],
    });
    expect(counted.etrunks).toHaveLength(1);
    ask({ ask: "reset-e-trunk-statistics", id: 2 });
    expect(ask({ ask: "e-trunk-packets", id: 1 })).toEqual(counted);
    ask({ ask: "reset-e-trunk-statistics", id: 1 });
    expect(one(1)).toMatchObject({ receivedDropped: 0, drops: { peerAddress: 0 } });
    expect(ask({ ask: "e-trunk-packets" })).toMatchObject({ etrunkIdErrors: 1, lengthErrors: 1 });
    ask({ ask: "reset-e-trunk-statistics" });
    expect(ask({ ask: "e-trunk-packets" })).toMatchObject({ etrunkIdErrors: 0, lengthErrors: 0 });
  });

  test("by the colour that session-CAR gave them", () => {
    // What is not authentic is no part of the session.
    hear("10.0.0.2", 1, 100, START);
    const path = { source: ip("10.0.0.2"), destination: ip("10.0.0.1"), udpPort: 1025 };
    receive("10.0.0.2", new DataView(signedHello("00E0FC0000000000", path).slice().buffer), START);
    const session = {
      etrunk: 1,
      protocol: "e-trunk-ipv4",
      sourceAddress: "10.0.0.2",
      destinationAddress: "10.0.0.1",
      port: 1025,
      green: 0,
      yellow: 0,
      red: 1,
      cir: 128,
      cbs: 1,
      pir: 1500,
      pbs: 1,
    };
    expect(ask({ ask: "session-car", protocol: "e-trunk-ipv4" })).toEqual({ sessions: [session] });
    expect(ask({ ask: "session-car", protocol: "e-trunk-ipv6" })).toMatchObject({ sessions: [{ etrunk: 2, red: 0 }] });
    expect(one(1).drops.sessionCar).toBe(1);
    ask({ ask: "reset-session-car", protocol: "e-trunk-ipv6" });
    expect(ask({ ask: "session-car", protocol: "e-trunk-ipv4" })).toEqual({ sessions: [session] });
    ask({ ask: "reset-session-car", protocol: "e-trunk-ipv4" });
    expect(ask({ ask: "session-car", protocol: "e-trunk-ipv4" })).toEqual({ sessions: [{ ...session, red: 0 }] });
  });
});

describe("BFD sessions are answered", () => {
  const sessions = () =>
    ask<{ sessions: { name: string; sent: number; applications: string[] }[] }>({ ask: "bfd-sessions" }).sessions;

  test("static, dynamic and idle ones, with who follows them", () => {
    expect(sessions()).toMatchObject([
      { name: "hello", type: "static", localDiscriminator: 5, applications: ["E-TRUNK"] },
      { name: "dyn_etrunk_2", type: "dynamic", applications: ["E-TRUNK"] },
      { name: "idle", type: "static", localDiscriminator: null, state: "Down", applications: [] },
    ]);
    expect(ask({ ask: "bfd-sessions" })).toMatchObject({ strays: 0, faults: { version: 0 } });
  });

  test("and their counters cleared, one or all", () => {
    const sent = () => Object.fromEntries(sessions().map(({ name, sent }) => [name, sent]));
    expect(sent().hello).toBeGreaterThan(0);
    expect(() => ask({ ask: "reset-bfd-statistics", discriminator: 6 })).toThrow(/no BFD session.*discriminator 6/);
    ask({ ask: "reset-bfd-statistics", discriminator: 5 });
    expect(sent()).toMatchObject({ hello: 0 });
    expect(sent().dyn_etrunk_2).toBeGreaterThan(0);
    ask({ ask: "reset-bfd-statistics" });
    expect(sent()).toMatchObject({ hello: 0, dyn_etrunk_2: 0 });
  });
});
