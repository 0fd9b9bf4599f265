// Numbered UDP frames inside a network namespace, over AF_PACKET: `node traffic-process.js send OPTIONS` sends and says how many,
// `node traffic-process.js receive OPTIONS` says READY, and at the end of its input what came. `exchange` sends to an `echo`, no
// more at a time than the way there holds; an `echo` says what came for each line of its input. OPTIONS is JSON, see traffic.ts.
import { addon } from "../../dist/linux/native/addon.js";
import { RING_ROW } from "../../dist/linux/native/ring.js";

const [mode, json] = process.argv.slice(2);
const options = JSON.parse(json);
const native = addon();

/** First octets of the data; flow and number follow, four octets each. */
const MAGIC = 0x65547275;
const ETH_P_ALL = 3;
const BATCH = 64;
/** Milliseconds after which a frame that has not come back counts as lost. */
const SILENCE = 5000;
/** Octets of data in a frame. */
const data = options.data ?? 12;

const index = () => native.linkGet(native.netlinkOpen(), options.device).index;
const bytesOf = (text) => Buffer.from(text.replaceAll(":", ""), "hex");

/** Octets before the data of a frame with these options. */
function headers() {
  const { family, vlans = [], source = "02:00:00:00:aa:01", destination = "02:00:00:00:aa:02" } = options;
  const length = 8 + data;
  const tags = Buffer.concat(vlans.map((vlan) => Buffer.from([0x81, 0, vlan >> 8, vlan & 255])));
  const addresses = Buffer.concat([bytesOf(destination), bytesOf(source), tags]);
  const udp = Buffer.from([0, 0, 0, 9, length >> 8, length & 255, 0, 0]);
  if (family === 6) {
    const ip = Buffer.alloc(40);
    ip[0] = 0x60;
    ip.writeUInt16BE(length, 4);
    ip[6] = 17;
    ip[7] = 64;
    Buffer.from("fd000000000000000000000000000001", "hex").copy(ip, 8);
    Buffer.from("fd000000000000000000000000000002", "hex").copy(ip, 24);
    return Buffer.concat([addresses, Buffer.from([0x86, 0xdd]), ip, udp]);
  }
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(20 + length, 2);
  ip[8] = 64;
  ip[9] = 17;
  Buffer.from([10, 9, 0, 1, 10, 9, 0, 2]).copy(ip, 12);
  return Buffer.concat([addresses, Buffer.from([8, 0]), ip, udp]);
}

/** Frames in one buffer, with the same number of octets each. */
class Frames {
  constructor() {
    const head = headers();
    this.head = head.length;
    this.size = head.length + data;
    // The last two octets of a source address, or the UDP source port.
    const address = options.family === 6 ? -8 - 40 + 22 : -8 - 20 + 14;
    this.varied = { port: head.length - 8, address: head.length + address, station: 10 }[options.vary ?? "port"];
    this.bytes = new Uint8Array(this.size * BATCH);
    this.view = new DataView(this.bytes.buffer);
    this.rows = new Uint32Array(4 * BATCH);
    const device = index();
    for (let at = 0; at < BATCH; at++) {
      this.bytes.set(head, at * this.size);
      this.view.setUint32(at * this.size + this.head, MAGIC);
      this.rows.set([at * this.size, this.size, device, 0], at * 4);
    }
  }

  number(at, flow, sequence) {
    const start = at * this.size + this.head;
    this.view.setUint16(at * this.size + this.varied, 1024 + flow);
    this.view.setUint32(start + 4, flow);
    this.view.setUint32(start + 8, sequence);
  }
}

function send() {
  const { flows, rate, count } = options;
  const sender = native.senderOpen(0);
  const frames = new Frames();
  const sequences = new Uint32Array(flows);
  let sent = 0;
  let failed = 0;
  const begin = native.now();
  for (let next = 0; next < count; ) {
    // The loop spins, since a timer is too coarse for this rate.
    const due = rate === 0 ? count : Math.min(count, Math.floor(((native.now() - begin) * rate) / 1e6));
    const batch = Math.min(BATCH, due - next);
    for (let at = 0; at < batch; at++, next++) frames.number(at, next % flows, sequences[next % flows]++);
    if (batch <= 0) continue;
    const went = native.sendBatch(sender, frames.bytes, frames.rows, batch);
    sent += went;
    failed += batch - went;
  }
  tell({ sent, failed, seconds: (native.now() - begin) / 1e6 });
}

/** Counts of received frames, in the form of traffic.ts. */
class Tally {
  /** Next number in each flow. */
  #nexts = new Map();
  #vlans = new Set();
  received = 0;
  #reordered = 0;

  /** Counts a frame; false for a frame of another program. */
  take(view, start, length, vlan) {
    // The data is found from the end of the frame, since headers differ.
    const at = start + length - data;
    if (at < start || view.getUint32(at) !== MAGIC) return false;
    const flow = view.getUint32(at + 4);
    const sequence = view.getUint32(at + 8);
    const next = this.#nexts.get(flow) ?? 0;
    if (sequence < next) this.#reordered++;
    this.#nexts.set(flow, Math.max(next, sequence + 1));
    this.#vlans.add(vlan);
    this.received++;
    return true;
  }

  result() {
    return { received: this.received, flows: this.#nexts.size, reordered: this.#reordered, vlans: [...this.#vlans] };
  }
}

/** Calls `take` for each frame that the interface receives, and `batch` after the frames of one batch. */
function listen(take, batch) {
  const meta = new Uint32Array(BATCH * RING_ROW);
  const drain = () => {
    for (let count = native.ringNext(ring, meta, BATCH); count > 0; count = native.ringNext(ring, meta, BATCH)) {
      for (let row = 0; row < count * RING_ROW; row += RING_ROW)
        take(view, meta[row], meta[row + 1], meta[row + 4] === 0xffffffff ? null : meta[row + 4]);
      batch();
    }
  };
  // Sockets for one protocol get tagged frames without their tag.
  const ring = native.ringOpen({ protocol: ETH_P_ALL, ifindex: index(), slotSize: 512, slots: 65_536 }, drain);
  const view = new DataView(ring.buffer);
  return { drain, dropped: () => native.ringDropped(ring) };
}

const tell = (result, then) => process.stdout.write(`${JSON.stringify(result)}\n`, then);
const leave = () => process.exit(0);

function receive() {
  const tally = new Tally();
  let longestGap = 0;
  let last = 0;
  const take = (...frame) => tally.take(...frame);
  const { drain, dropped } = listen(take, () => {
    const now = native.now();
    if (last > 0) longestGap = Math.max(longestGap, now - last);
    last = now;
  });
  process.stdout.write("READY\n");
  process.stdin.resume().on("end", () => {
    drain();
    tell({ ...tally.result(), dropped: dropped(), longestGap }, leave);
  });
}

function exchange() {
  const { flows, count, window } = options;
  const sender = native.senderOpen(0);
  const frames = new Frames();
  const tally = new Tally();
  const sequences = new Uint32Array(flows);
  let next = 0;
  let failed = 0;
  let silence;
  const end = () => tell({ sent: next - failed, failed, ...tally.result(), dropped: dropped() }, leave);
  const more = () => {
    clearTimeout(silence);
    if (tally.received >= count) return end();
    silence = setTimeout(end, SILENCE);
    const batch = Math.min(BATCH, count - next, tally.received + window - next);
    for (let at = 0; at < batch; at++, next++) frames.number(at, next % flows, sequences[next % flows]++);
    if (batch > 0) failed += batch - native.sendBatch(sender, frames.bytes, frames.rows, batch);
  };
  const { dropped } = listen((...frame) => tally.take(...frame), more);
  more();
}

/** Sends each frame back with its tags and with its addresses exchanged. */
function echo() {
  let tally = new Tally();
  const sender = native.senderOpen(0);
  const device = index();
  const size = 512;
  const bytes = new Uint8Array(size * BATCH);
  const rows = new Uint32Array(4 * BATCH);
  let count = 0;
  const take = (view, start, length, vlan) => {
    if (!tally.take(view, start, length, vlan)) return;
    const frame = new Uint8Array(view.buffer, start, length);
    const at = count * size;
    const tag = vlan === null ? [] : [0x81, 0, vlan >> 8, vlan & 255];
    bytes.set(frame.subarray(6, 12), at);
    bytes.set(frame.subarray(0, 6), at + 6);
    bytes.set(tag, at + 12);
    bytes.set(frame.subarray(12), at + 12 + tag.length);
    rows.set([at, length + tag.length, device, 0], count++ * 4);
  };
  const { drain, dropped } = listen(take, () => {
    native.sendBatch(sender, bytes, rows, count);
    count = 0;
  });
  process.stdout.write("READY\n");
  process.stdin.on("data", () => {
    drain();
    tell({ ...tally.result(), dropped: dropped() });
    tally = new Tally();
  });
  process.stdin.on("end", leave);
}

({ send, receive, exchange, echo })[mode]();
