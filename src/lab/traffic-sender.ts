import { now } from "../linux/clock.js";
import { linkAddon } from "../linux/native/link.js";
import { netlinkAddon } from "../linux/native/netlink.js";
import { PRIORITY, sendAddon } from "../linux/native/send.js";
import { FRAME_SIZE, frameOf, number, type StreamSpec, TICK } from "./traffic-frame.js";

/**
 * The sending end of a stream, a process in the sender's namespace: `traffic-sender.js SPEC`. It answers each line on
 * its input with how many frames each flow has sent, as JSON, and ends with its input.
 */

/** Late ticks that are made up for at once; the ticks before them are skipped. */
const MOST_AT_ONCE = 5;

class Sender {
  readonly #addon = sendAddon();
  readonly #socket = this.#opened(this.#addon.senderOpen(PRIORITY.bestEffort));
  readonly #spec: StreamSpec;
  readonly sequences: number[];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #rows: Uint32Array;
  #next = 0;
  #due: number = now();
  #skipped = 0;

  constructor(spec: StreamSpec) {
    const flows = spec.flows.length;
    this.#spec = spec;
    this.sequences = spec.flows.map(() => 0);
    // One frame of each flow is kept ready; sending it only sets its number.
    this.#bytes = new Uint8Array(flows * FRAME_SIZE);
    this.#view = new DataView(this.#bytes.buffer);
    for (let flow = 0; flow < flows; flow++) this.#bytes.set(frameOf(spec, flow), flow * FRAME_SIZE);
    const { index } = this.#opened(linkAddon().linkGet(this.#opened(netlinkAddon().netlinkOpen()), spec.from));
    this.#rows = new Uint32Array(spec.burst * 4).map((_, at) => [0, FRAME_SIZE, index, 0][at % 4] as number);
  }

  /** Sends the bursts that have become due since the last turn. */
  turn(): void {
    const ticks = Math.floor((now() - this.#due) / TICK);
    if (ticks < 1) return;
    this.#due += ticks * TICK;
    this.#skipped += Math.max(0, ticks - MOST_AT_ONCE);
    for (let tick = Math.min(ticks, MOST_AT_ONCE); tick > 0; tick--) this.#burst();
  }

  /** A frame that the kernel refuses counts as lost, like any other. */
  #burst(): void {
    const { flows, burst } = this.#spec;
    for (let row = 0; row < burst; row++) {
      const flow = this.#next++ % flows.length;
      const sequence = (this.sequences[flow] as number)++;
      number(this.#view, flow * FRAME_SIZE, { sequence, skipped: this.#skipped });
      this.#rows[row * 4] = flow * FRAME_SIZE;
    }
    this.#addon.sendBatch(this.#socket, this.#bytes, this.#rows, burst);
  }

  #opened<T>(what: T | number): T {
    if (typeof what === "number") throw new Error(`the sender of a stream: errno ${-what}`);
    return what;
  }
}

const sender = new Sender(JSON.parse(process.argv[2] as string));
const turn = (): void => {
  sender.turn();
  setTimeout(turn, TICK / 1_000);
};
process.stdin.on("data", () => process.stdout.write(`${JSON.stringify(sender.sequences)}\n`));
process.stdin.on("end", () => process.exit(0));
turn();
