import { linkAddon } from "../linux/native/link.js";
import { netlinkAddon } from "../linux/native/netlink.js";
import { RING_ROW, ringAddon } from "../linux/native/ring.js";
import { flowPeriod, type Numbers, numbersOf, type StreamSpec, TICK } from "./traffic-frame.js";

/**
 * The receiving end of a stream, a process in the receiver's namespace: `traffic-receiver.js SPEC`. It prints READY,
 * then one Report a line. Five reports a second come without a request. A line on the input holds how many frames each
 * flow has sent; the `final` report answers it when all of them came, or when MARK_PATIENCE is over. The process ends
 * with its input.
 */
export interface Report {
  readonly final: boolean;
  /** Frames since the start: received, missing, and received once more. */
  readonly received: number;
  readonly lost: number;
  readonly duplicates: number;
  /**
   * Longest time in microseconds between two frames of a flow with lost frames in between, since the last final report.
   */
  readonly longestGap: number;
  /** Every flow has delivered what the request asked for, or delivers frames now. */
  readonly flowing: boolean;
}

const ETH_P_ALL = 0x0003;
const LIVE_MS = 200;
const MARK_PATIENCE_MS = 1_500;
const LOOK_AGAIN_MS = 10;

/** The ring has 8 MiB, which holds more than two seconds of a stream while this process waits for a CPU. */
const SLOT_SIZE = 512;
const SLOTS = 16_384;
const BATCH = 64;
/** Frames of a flow whose arrival is remembered; a power of two. */
const WINDOW = 65_536;

/** Microseconds without a frame after which a flow counts as silent. */
const SILENT = 20_000;

const spec: StreamSpec = JSON.parse(process.argv[2] as string);
const PERIOD = flowPeriod(spec);

class Flow {
  /** Number of the next frame in order. */
  next = 0;
  received = 0;
  lost = 0;
  duplicates = 0;
  longestGap = 0;
  #last: Numbers | undefined;
  #arrival = 0;
  readonly #came = new Uint8Array(WINDOW);

  take(frame: Numbers, arrival: number): void {
    const { sequence } = frame;
    if (sequence < this.next) {
      this.#takeLate(sequence);
      return;
    }
    if (sequence > this.next && this.#last) this.#gap(arrival - this.#arrival, frame.skipped - this.#last.skipped);
    for (; this.next < sequence; this.next++, this.lost++) this.#came[this.next % WINDOW] = 0;
    this.#came[this.next++ % WINDOW] = 1;
    this.received++;
    this.#last = frame;
    this.#arrival = arrival;
  }

  /** A gap does not count the ticks in which the sender did not run. */
  #gap(apart: number, skipped: number): void {
    this.longestGap = Math.max(this.longestGap, apart - skipped * TICK);
  }

  #takeLate(sequence: number): void {
    const isCopy = sequence + WINDOW < this.next || this.#came[sequence % WINDOW] === 1;
    if (isCopy) this.duplicates++;
    else {
      this.#came[sequence % WINDOW] = 1;
      this.received++;
      this.lost--;
    }
  }

  silence(now: number): number {
    return this.#last ? now - this.#arrival : 0;
  }
}

const flows = spec.flows.map(() => new Flow());

/** Microseconds of the clock that the kernel stamps frames with. */
const realTime = (): number => Date.now() * 1_000;

const sum = (what: (flow: Flow) => number): number => flows.reduce((total, flow) => total + what(flow), 0);

/** The frames that a silent flow lacks are estimated from its rate; they are known when it delivers again. */
function report(final: boolean, arrived?: boolean): Report {
  drain();
  const now = realTime();
  const silence = (flow: Flow): number => (!arrived && flow.silence(now) > SILENT ? flow.silence(now) : 0);
  const missing = (flow: Flow): number => Math.floor(silence(flow) / PERIOD);
  return {
    final,
    received: sum((flow) => flow.received),
    lost: sum((flow) => flow.lost + missing(flow)),
    duplicates: sum((flow) => flow.duplicates),
    longestGap: Math.round(Math.max(...flows.map((flow) => Math.max(flow.longestGap, silence(flow))))),
    flowing: arrived ?? flows.every((flow) => flow.silence(now) < SILENT),
  };
}

const say = (what: Report): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

/** Opens the receive ring; the function it returns reads the frames that wait there. */
function receive(): () => void {
  const native = ringAddon();
  const netlink = netlinkAddon().netlinkOpen();
  if (typeof netlink === "number") throw new Error(`netlink: errno ${-netlink}`);
  const link = linkAddon().linkGet(netlink, spec.to);
  if (typeof link === "number") throw new Error(`${spec.to}: errno ${-link}`);
  const meta = new Uint32Array(BATCH * RING_ROW);
  // A socket for one protocol would see nothing: a bridge takes the frames of its interfaces first.
  const ring = native.ringOpen({ protocol: ETH_P_ALL, ifindex: link.index, slotSize: SLOT_SIZE, slots: SLOTS }, drain);
  if (typeof ring === "number") throw new Error(`receive ring: errno ${-ring}`);
  const view = new DataView(ring.buffer);
  const words = new Uint32Array(ring.buffer);
  function drain(): void {
    if (typeof ring === "number") return;
    for (let count = native.ringNext(ring, meta, BATCH); count > 0; count = native.ringNext(ring, meta, BATCH))
      for (let row = 0; row < count * RING_ROW; row += RING_ROW) {
        const start = meta[row] as number;
        const numbers = numbersOf(view, start, meta[row + 1] as number);
        // The arrival is the kernel's stamp (tp_sec and tp_nsec of the slot's tpacket2_hdr), so a pause of this process
        // is no gap.
        const slot = (start - (start % SLOT_SIZE)) / 4;
        const arrival = (words[slot + 4] as number) * 1e6 + (words[slot + 5] as number) / 1e3;
        if (numbers) flows[numbers.flow]?.take(numbers, arrival);
      }
  }
  return drain;
}

/** Answers with the final report as soon as every flow has delivered `sent` frames, or at `until`. */
function answer(sent: readonly number[], until: number): void {
  const arrived = flows.every((flow, index) => flow.next >= (sent[index] ?? 0));
  if (!arrived && performance.now() < until) {
    setTimeout(answer, LOOK_AGAIN_MS, sent, until);
    return;
  }
  say(report(true, arrived));
  for (const flow of flows) flow.longestGap = 0;
}

const drain = receive();
process.stdout.write("READY\n");
setInterval(() => say(report(false)), LIVE_MS);
process.stdin
  .setEncoding("utf8")
  .on("data", (line: string) => answer(JSON.parse(line), performance.now() + MARK_PATIENCE_MS));
process.stdin.on("end", () => process.exit(0));
