// node receive.js ring|cap INTERFACE: receives slow protocol frames and answers commands, one a line:
//   start         forget what was received so far
//   block N       say `blocking`, then keep JavaScript busy for N milliseconds
//   report        once no frame came for 200 ms: {received, cpuMicros} since `start`
import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [, , kind, name] = process.argv;
let received = 0;
let lacpdus = 0;
let before = { received: 0, cpu: process.cpuUsage() };

const say = (text) => writeSync(1, `${text}\n`);

/** Opens the ring as the daemon does. */
async function openRing() {
  const { openRingLink } = await import("../../dist/linux/capture/ring.js");
  const { openLinkWatch } = await import("../../dist/linux/link-watch.js");
  const watch = openLinkWatch({ changed() {}, readable() {} });
  watch.drain();
  const { index } = watch.all().find((link) => link.name === name);
  watch.close();
  const link = openRingLink({
    refused() {},
    deliver({ bytes, start }) {
      received++;
      if (bytes.getUint8(start + 14) === 1) lacpdus++;
    },
    readable: () => link.drain(),
  });
  link.setPorts([{ index, name }]);
}

/** Opens `cap` as its README shows: 10 MiB in the kernel, one Buffer of 65,535 octets. */
function openCap() {
  const { Cap } = createRequire(import.meta.url)("cap");
  const cap = new Cap();
  const buffer = Buffer.alloc(65_535);
  cap.open(name, "ether proto 0x8809", 10 * 1024 * 1024, buffer);
  cap.on("packet", () => {
    received++;
    if (buffer[14] === 1) lacpdus++;
  });
  // cap 0.2.1 itself keeps neither of the two alive.
  globalThis.held = [cap, buffer];
}

function start() {
  before = { received, cpu: process.cpuUsage() };
  say("started");
}

function block(milliseconds) {
  say("blocking");
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

function report(last = received, cpu = process.cpuUsage(before.cpu)) {
  setTimeout(() => {
    const now = process.cpuUsage(before.cpu);
    if (received !== last) return report(received, now);
    // The CPU time is taken here, since the wait after the last frame costs next to nothing.
    say(JSON.stringify({ received: received - before.received, cpuMicros: cpu.user + cpu.system, lacpdus }));
  }, 200);
}

if (kind === "ring") await openRing();
else openCap();
say("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [command, argument] = line.split(" ");
  if (command === "start") start();
  else if (command === "block") block(Number(argument));
  else if (command === "report") report();
}
process.exit(0);
