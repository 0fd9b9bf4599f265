// node one-frame.cjs ADDON: opens everything the addon has, says `ready`, waits for one frame on any interface, says what
// it was, takes the ring's buffer away from it, and exits with everything still open, in a worker too.
const { Worker, isMainThread, parentPort } = require("node:worker_threads");
const native = require(process.argv[2]);

const meta = new Uint32Array(64 * 6);

function openAll(readable) {
  const ring = native.ringOpen({ protocol: 0x8809, ifindex: 0, slotSize: 2048, slots: 64 }, () => readable(ring));
  const opened = [ring, native.senderOpen(7), native.netlinkOpen(), native.channelOpen(() => {})];
  const watch = native.watchOpen(() => {});
  opened.push(watch);
  for (const one of opened) if (typeof one === "number") throw new Error(`errno ${-one}`);
  native.watchPoll(watch, Uint32Array.of(1));
  return opened;
}

function leaveByWorker() {
  const worker = new Worker(__filename, { argv: [process.argv[2]] });
  // Ended from outside while its handles are open and its carrier thread runs.
  worker.on("message", () => worker.terminate());
  worker.on("exit", () => process.exit(0));
}

if (isMainThread) {
  openAll((ring) => {
    const count = native.ringNext(ring, meta, 64);
    const bytes = new DataView(ring.buffer);
    process.stdout.write(`${process.version} ${count} ${bytes.getUint16(meta[0] + 12).toString(16)}\n`);
    const stolen = new Uint8Array(ring.buffer.transfer?.() ?? ring.buffer);
    native.ringClose(ring);
    // By index, which reads nothing from a detached buffer and throws nothing.
    for (let at = 0; at < 64 * 2048; at++) if (stolen[at]) throw new Error("the ring's memory can still be read");
    leaveByWorker();
  });
  process.stdout.write("ready\n");
} else {
  openAll(() => {});
  parentPort.postMessage("open");
  setInterval(() => {}, 1_000);
}
