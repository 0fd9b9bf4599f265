import { expect, test } from "vitest";
import type { Outgoing } from "../../../src/core/base/protocol.js";
import { later, type Micros, micros, millis, seconds } from "../../../src/core/base/time.js";
import { FlushSender, MOST_FLUSHES } from "../../../src/core/smartlink/flush-sender.js";
import { digests } from "../../../src/linux/digests.js";
import { macOf } from "../../support/desired.js";
import { readFlush } from "../../support/flush-frames.js";

const SENDING = {
  controlVlan: 5,
  isTagged: true,
  vlans: undefined,
  key: { mode: "none", octets: new Uint8Array(0) },
} as const;

const orderOf = (trunk: number, index: number) => ({
  trunk,
  index,
  name: `eth${index}`,
  source: macOf("02:00:00:00:0a:01"),
  sending: SENDING,
  reason: "link down",
});

/** A sender whose frames are noted with their times; time passes only when told. */
class Bench {
  readonly sender = new FlushSender(77, digests);
  now: Micros = seconds(1_000);
  readonly start = this.now;
  readonly sent: { readonly after: number; readonly to: number; readonly sequence: number }[] = [];

  pass(duration: Micros): void {
    const end = later(this.now, duration);
    this.drain();
    for (let next = this.sender.nextDeadline(); next <= end; next = this.sender.nextDeadline()) {
      this.now = next;
      this.drain();
    }
    this.now = end;
  }

  drain(): void {
    const out: Outgoing = { bytes: new DataView(new ArrayBuffer(2_000)), start: 0, length: 0, to: -1 };
    while (this.sender.transmit(out, this.now)) {
      const frame = readFlush(new Uint8Array(out.bytes.buffer, 0, out.length));
      if (frame?.epoch !== 77) throw new Error("no Flush of this run was written");
      this.sent.push({ after: (this.now - this.start) / 1_000, to: out.to, sequence: frame.sequence });
    }
    if (this.sender.nextDeadline() <= this.now) throw new Error("the sender does not rest");
  }
}

test("a Flush leaves at once, after 100 and after 300 ms, each with its own sequence number", () => {
  const bench = new Bench();
  bench.sender.send(orderOf(1, 11), bench.now);
  bench.pass(seconds(10));
  expect(bench.sent).toEqual([
    { after: 0, to: 11, sequence: 1 },
    { after: 100, to: 11, sequence: 2 },
    { after: 300, to: 11, sequence: 3 },
  ]);
  expect(bench.sender.sent.get(1)).toBe(3);
});

test("an order is told once, when its first frame has left", () => {
  const bench = new Bench();
  bench.sender.send(orderOf(1, 11), bench.now);
  expect(bench.sender.nextEvent()).toBeUndefined();
  bench.pass(seconds(1));
  expect(bench.sender.nextEvent()?.name).toBe("eth11");
  expect(bench.sender.nextEvent()).toBeUndefined();
});

test("a newer order of the same trunk takes an older one's place, and leaves those of others", () => {
  const bench = new Bench();
  bench.sender.send(orderOf(1, 11), bench.now);
  bench.sender.send(orderOf(2, 21), bench.now);
  bench.pass(millis(50));
  bench.sender.send(orderOf(1, 12), bench.now);
  bench.pass(seconds(1));
  const times = (to: number) => bench.sent.filter((frame) => frame.to === to).map(({ after }) => after);
  expect(times(11)).toEqual([0]);
  expect(times(12)).toEqual([50, 150, 350]);
  expect(times(21)).toEqual([0, 100, 300]);
});

test("a trunk that carries nothing any more sends nothing more", () => {
  const bench = new Bench();
  bench.sender.send(orderOf(1, 11), bench.now);
  bench.pass(millis(50));
  bench.sender.cancel(1);
  bench.pass(seconds(1));
  expect(bench.sent).toHaveLength(1);
});

test("however often a trunk switches, it sends ten Flushes a second at most, and one after the last switch", () => {
  const bench = new Bench();
  for (let n = 0; n < 200; n++) {
    bench.sender.send(orderOf(1, 11 + (n % 2)), bench.now);
    bench.pass(millis(50));
  }
  bench.pass(seconds(2));
  for (const { after } of bench.sent) {
    const within = bench.sent.filter((other) => other.after >= after && other.after < after + 1_000);
    expect(within.length).toBeLessThanOrEqual(MOST_FLUSHES);
  }
  expect(bench.sent.length).toBeGreaterThan(90);
  expect(bench.sent.at(-1)?.to).toBe(12);
});

test("with a key this host cannot open nothing leaves and nothing is told", () => {
  const bench = new Bench();
  const sending = { ...SENDING, key: { mode: "hmac", octets: undefined } } as const;
  bench.sender.send({ ...orderOf(1, 11), sending }, bench.now);
  bench.pass(seconds(1));
  expect(bench.sent).toEqual([]);
  expect(bench.sender.nextEvent()).toBeUndefined();
  expect(bench.sender.nextDeadline()).toBe(Number.POSITIVE_INFINITY as Micros);
});

test("a trunk that is forgotten leaves no count behind", () => {
  const bench = new Bench();
  bench.sender.send(orderOf(1, 11), bench.now);
  bench.pass(micros(1));
  bench.sender.forget(1);
  bench.pass(seconds(1));
  expect(bench.sent).toHaveLength(1);
  expect(bench.sender.sent.has(1)).toBe(false);
});
