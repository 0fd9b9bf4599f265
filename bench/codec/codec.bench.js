/**
 * Cost of an LACPDU: reading all fields through a view, and writing a whole PDU, beside buffer-layout's own decode and
 * encode in the same run. Rounds alternate. Results are nanoseconds and octets of heap per PDU.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { LacpduView, lacpdu } from "../../dist/core/wire/lacpdu.js";
import { spread } from "../spread.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** Number of frames that are used in turns, as in a receive ring. */
const FRAMES = 64;
const PDUS = 1_000_000;
const SLOW_PDUS = 100_000;
const ROUNDS = 11;

const slab = new Uint8Array(FRAMES * 128);
const bytes = new DataView(slab.buffer);
const view = new LacpduView();
for (let frame = 0; frame < FRAMES; frame++) {
  view.wrap(bytes, frame * 128, 110).begin();
  view.actorSystem = 0x020000000000 + frame;
  view.actorPort = frame + 1;
}

// Each function returns a sum of what it read, so the compiler cannot leave a reading out.
function decode(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    view.wrap(bytes, (i % FRAMES) * 128, 110);
    if (view.fault() !== undefined) throw new Error("the frame is good");
    sum +=
      view.version +
      view.actorSystemPriority +
      view.actorSystem +
      view.actorKey +
      view.actorPortPriority +
      view.actorPort +
      view.actorState +
      view.partnerSystemPriority +
      view.partnerSystem +
      view.partnerKey +
      view.partnerPortPriority +
      view.partnerPort +
      view.partnerState +
      view.collectorMaxDelay;
  }
  return sum;
}

function encode(count) {
  for (let i = 0; i < count; i++) {
    view.wrap(bytes, (i % FRAMES) * 128, 110).begin();
    view.actorSystemPriority = 32_768;
    view.actorSystem = 0x020000000001;
    view.actorKey = 305;
    view.actorPortPriority = 32_768;
    view.actorPort = (i % FRAMES) + 1;
    view.actorState = 0x3d;
    view.partnerSystemPriority = 32_768;
    view.partnerSystem = 0x020000000002;
    view.partnerKey = 305;
    view.partnerPortPriority = 32_768;
    view.partnerPort = 7;
    view.partnerState = 0x3d;
    view.collectorMaxDelay = 0;
  }
}

const frames = Array.from({ length: FRAMES }, (_, frame) => Buffer.from(slab.buffer, frame * 128, 110));

function decodeByLayout(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += lacpdu.decode(frames[i % FRAMES]).actorKey;
  return sum;
}

const values = lacpdu.decode(frames[0]);
function encodeByLayout(count) {
  for (let i = 0; i < count; i++) lacpdu.encode(values, frames[i % FRAMES]);
}

function measure(work, count) {
  collect();
  const heap = process.memoryUsage().heapUsed;
  const start = process.hrtime.bigint();
  if (Number.isNaN(work(count))) throw new Error("not a number");
  const nanoseconds = Number(process.hrtime.bigint() - start) / count;
  return { nanoseconds, heap: Math.max(0, process.memoryUsage().heapUsed - heap) / count };
}

export async function run() {
  const subjects = { decode, encode, decodeByLayout, encodeByLayout };
  const taken = {
    decode: [],
    encode: [],
    decodeByLayout: [],
    encodeByLayout: [],
  };
  for (let round = -2; round < ROUNDS; round++)
    for (const name of Object.keys(subjects)) {
      const one = measure(subjects[name], name.endsWith("Layout") ? SLOW_PDUS : PDUS);
      if (round >= 0) taken[name].push(one);
    }
  const figures = Object.fromEntries(
    Object.entries(taken).map(([name, all]) => [
      name,
      { nanoseconds: spread(all.map((one) => one.nanoseconds)), heapOctets: spread(all.map((one) => one.heap)) },
    ]),
  );
  const ratio = (slow, fast) => spread(taken[slow].map((one, i) => one.nanoseconds / taken[fast][i].nanoseconds));
  return {
    pdus: PDUS,
    rounds: ROUNDS,
    ...figures,
    layoutOverView: { decode: ratio("decodeByLayout", "decode"), encode: ratio("encodeByLayout", "encode") },
  };
}
