// Run inside a namespace: flood.js DEVICE HEX RATE sends the frame out of the device RATE times a second, until its input ends.
// Prints a line with how many it has sent so far, ten times a second.
import { addon } from "../../../dist/linux/native/addon.js";

const [device, hex, rate] = process.argv.slice(2);
const native = addon();
const frame = Buffer.from(hex, "hex");
const { index } = native.linkGet(native.netlinkOpen(), device);
const sender = native.senderOpen(0);
const PERIOD = 10;
const each = Math.ceil((Number(rate) * PERIOD) / 1_000);
const rows = new Uint32Array(each * 4).map((_, at) => [0, frame.length, index, 0][at % 4]);
let sent = 0;

setInterval(() => {
  sent += native.sendBatch(sender, frame, rows, each);
}, PERIOD);
setInterval(() => process.stdout.write(`${sent}\n`), 100);
process.stdin.on("end", () => process.exit()).resume();
