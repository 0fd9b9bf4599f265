import { expect, it } from "vitest";
import { later, type Micros, millis, seconds } from "../../../src/core/base/time.js";
import type { Call } from "../../../src/core/contract/input.js";
import { EtrunkPair } from "./etrunk-pair.js";

const HELLO_PORT = 1025;
const HELLO = seconds(1);
const CHECKED = { sequenceCheck: true, multiplier: 20, helloInterval: HELLO };
type Tapes = readonly [pe1: Call[], pe2: Call[]];

/** Hellos that reach the PEs from now on. */
function record(pair: EtrunkPair): Tapes {
  const tapes: Tapes = [[], []];
  for (const [n, pe] of pair.pes.entries()) {
    const arrives = pe.arrives.bind(pe);
    pe.arrives = (call) => {
      if (call.kind === "datagram" && call.datagram.destinationPort === HELLO_PORT) tapes[n]?.push(call);
      arrives(call);
    };
  }
  return tapes;
}

/** Hellos of another E-Trunk between the same addresses with the same key: as they were, and with this E-Trunk's ID written into them. */
function ofAnother(id: number): Tapes {
  const parts = { etrunk: { ...CHECKED, id }, member: { etrunk: id } };
  const pair = new EtrunkPair(1, parts, parts);
  const tapes = record(pair);
  pair.up();
  const both = (call: Call): Call[] => {
    if (call.kind !== "datagram") return [];
    const { bytes, start, length } = call.datagram;
    const octets = new Uint8Array(bytes.buffer, bytes.byteOffset + start, length).slice();
    const copy = new DataView(octets.buffer);
    copy.setUint16(4, 1);
    return [call, { ...call, datagram: { ...call.datagram, bytes: copy, start: 0 } }];
  };
  return [tapes[0].flatMap(both), tapes[1].flatMap(both)];
}

it("recordings of both directions, of earlier runs and of other E-Trunks, 1,000 a second each way: nothing is believed while two PEs split and meet again, and they agree within two hello intervals", () => {
  const pair = new EtrunkPair(1, { etrunk: CHECKED }, { etrunk: CHECKED });
  const ears = pair.pes.map((pe) => pe.arrives.bind(pe));
  const others = ofAnother(2);
  const tapes = record(pair);
  pair.up();
  for (const pe of [pair.pe1, pair.pe2, pair.pe1, pair.pe2]) {
    pair.world.run(seconds(5));
    pe.crash();
    pair.world.run(seconds(1));
    pair.world.start(pe);
  }
  pair.world.run(seconds(5));
  const tape = tapes.map((own, n) => [...own, ...(others[n] ?? [])]);
  const replay = (duration: Micros) => {
    const end = later(pair.world.now, duration);
    for (let n = 0; pair.world.now < end; n++) {
      for (const [at, hear] of ears.entries()) {
        const hellos = tape[at] ?? [];
        hear(hellos[n % hellos.length]!);
      }
      pair.world.run(millis(1));
    }
  };
  const views = () => pair.pes.map((pe) => pair.etrunk(pe));
  const received = () => views().map((view) => view.received);

  // Without a split nobody notices.
  let events = pair.world.events.length;
  const moves = () => pair.world.events.slice(events).filter(({ event }) => /-state$/.test(event.event));
  replay(seconds(1));
  expect([moves(), views().map(({ hearing }) => hearing)]).toEqual([[], [true, true]]);

  pair.split();
  pair.world.run(seconds(30));
  const before = received();
  replay(seconds(2));
  expect([received(), views().map(({ hearing }) => hearing)]).toEqual([before, [false, false]]);

  pair.split(false);
  events = pair.world.events.length;
  replay((2 * HELLO) as Micros);
  expect(views().map(({ state, hearing }) => [state, hearing])).toEqual([
    ["Master", true],
    ["Backup", true],
  ]);
  const own = received().map((count, n) => count - (before[n] ?? 0));
  // Each hello that was believed is one that the peer has just sent: at once, or one in 100 ms.
  for (const count of own) expect(count).toBeLessThan(25);
}, 60_000);
