// `node listener.js SECONDS`: receives the LACPDUs of a namespace, and prints a JSON list of milliseconds: by how much
// each came later than one second after the one before it on its link.
import { addon } from "../../dist/linux/native/addon.js";
import { RING_ROW } from "../../dist/linux/native/ring.js";

const SLOW_PROTOCOLS = 0x8809;
const native = addon();
const meta = new Uint32Array(256 * RING_ROW);
const last = new Map();
const late = [];
const ring = native.ringOpen({ protocol: SLOW_PROTOCOLS, ifindex: 0, slotSize: 512, slots: 8192 }, drain);
for (const index of process.argv.slice(3)) native.ringMember(ring, Number(index), 0x0180c2000002, true);

function drain() {
  const now = native.now();
  for (let count = native.ringNext(ring, meta, 256); count > 0; count = native.ringNext(ring, meta, 256))
    for (let row = 0; row < count; row++) {
      const port = meta[row * RING_ROW + 3];
      const before = last.get(port);
      if (before !== undefined) late.push(Math.max(0, (now - before) / 1000 - 1000));
      last.set(port, now);
    }
}

setTimeout(() => {
  process.stdout.write(JSON.stringify({ ports: last.size, late }), () => process.exit(0));
}, Number(process.argv[2]) * 1000);
