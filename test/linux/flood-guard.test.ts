import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type IpAddress, parseIpAddress } from "../../src/core/base/ip-address.js";
import { FloodGuard, MOST_UNEXPECTED, SLICE } from "../../src/linux/udp/flood-guard.js";
import { MOST_PEERS } from "../../src/linux/udp/peer-filter.js";

const ip = (text: string): IpAddress => parseIpAddress(text) as IpAddress;
const PEER = { address: ip("192.0.2.1"), leastTtl: 255, known: { offset: 4, octets: Uint8Array.of(1, 2, 3, 4) } };
/** linux/filter.h: BPF_JMP | BPF_JSET. */
const ANY_BIT = 0x45;

/** A guard, and a kernel that does what it is told. */
class Flooded {
  readonly floods: number[] = [];
  dropped = 0;
  waiting = 0;
  program: Uint32Array | undefined;
  readonly guard = new FloodGuard({
    filter: (program) => {
      this.program = program;
    },
    dropped: () => this.dropped,
    waiting: () => this.waiting,
    flooded: () => this.floods.push(performance.now()),
  });

  constructor() {
    this.guard.setPeers([PEER]);
  }

  hears(source: string, octets: readonly number[], count = 1, ttl = 255): void {
    const bytes = new DataView(Uint8Array.of(9, ...octets).buffer);
    const from = { source: ip(source), destination: ip("192.0.2.2"), sourcePort: 1, destinationPort: 2, ttl, from: 3 };
    for (let n = 0; n < count; n++)
      this.guard.heard({ ...from, bytes, start: 1, length: octets.length, vrf: undefined });
  }

  /** One of so many that are likely the peer's is taken; undefined without a filter. */
  get share(): number | undefined {
    if (this.program === undefined) return undefined;
    for (let at = 0; at < this.program.length; at += 4)
      if (this.program[at] === ANY_BIT) return (this.program[at + 3] ?? 0) + 1;
    return 1;
  }

  /** A slice in which so many come that are likely the peer's. */
  slice(rate: number): void {
    const taken = Math.floor((rate * SLICE) / 1_000 / (this.share ?? 1));
    this.dropped += (rate * SLICE) / 1_000 - taken;
    this.hears("192.0.2.1", [0, 0, 0, 0], taken);
    vi.advanceTimersByTime(SLICE);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a peer's datagrams are no flood however many come, and others are one beyond their number in a second", () => {
  const flooded = new Flooded();
  flooded.hears("192.0.2.1", [0, 0, 0, 0, 1, 2, 3, 4, 5], 10_000);
  flooded.hears("192.0.2.9", [0, 0, 0, 0, 1, 2, 3, 4], MOST_UNEXPECTED - 2);
  flooded.hears("192.0.2.1", [0, 0, 0, 0, 1, 2, 3, 4], 1, 254);
  flooded.hears("192.0.2.1", [0, 0, 0, 0, 1, 2, 3], 1);
  vi.advanceTimersByTime(1_000);
  flooded.hears("192.0.2.9", [], MOST_UNEXPECTED);
  expect([flooded.floods, flooded.share]).toEqual([[], undefined]);
  flooded.hears("192.0.2.9", []);
  // Strangers take nothing from what is likely the peer's.
  expect([flooded.floods.length, flooded.share]).toEqual([1, 1]);
});

test.for([1_000, 20_000, 100_000, 1_000_000])(
  "of %i a second with the peer's address as many are read as are told of as a flood, and no more",
  (rate) => {
    const flooded = new Flooded();
    flooded.hears("192.0.2.1", [0, 0, 0, 0, 9], MOST_UNEXPECTED + 1);
    for (let n = 0; n < 30; n++) flooded.slice(rate);
    const read = rate / (flooded.share ?? 0);
    expect(read).toBeGreaterThan(500);
    expect(read).toBeLessThanOrEqual(1_300);
    const { share } = flooded;
    for (let n = 0; n < 30; n++) flooded.slice(rate);
    expect([flooded.share, flooded.floods.length]).toEqual([share, 1]);
  },
);

test("it is over when a second passed without, and another one begins anew", () => {
  const flooded = new Flooded();
  flooded.hears("192.0.2.1", [], MOST_UNEXPECTED + 1);
  for (let n = 0; n < 20; n++) flooded.slice(50_000);
  for (let n = 0; n < 9; n++) flooded.slice(100);
  flooded.slice(50_000);
  for (let n = 0; n < 9; n++) flooded.slice(100);
  expect(flooded.share).toBeDefined();
  flooded.slice(100);
  expect(flooded.share).toBeUndefined();
  flooded.hears("192.0.2.1", [], MOST_UNEXPECTED + 1);
  expect([flooded.floods.length, flooded.share]).toEqual([2, expect.any(Number)]);
  flooded.guard.end();
});

test("a process that does not come to read takes less, whatever it has read", () => {
  const flooded = new Flooded();
  flooded.hears("192.0.2.1", [], MOST_UNEXPECTED + 1);
  const before = flooded.share ?? 0;
  flooded.waiting = 1_000_000;
  for (let n = 0; n < 3; n++) vi.advanceTimersByTime(SLICE);
  expect(flooded.share).toBe(8 * before);
  flooded.waiting = 200_000;
  vi.advanceTimersByTime(SLICE);
  expect(flooded.share).toBe(8 * before);
});

test("peers that differ in nothing are one, and with more than a filter holds there is none", () => {
  const flooded = new Flooded();
  flooded.guard.setPeers(Array.from({ length: 500 }, () => ({ ...PEER })));
  flooded.hears("192.0.2.9", [], MOST_UNEXPECTED + 1);
  expect(flooded.program).toHaveLength(4 * (7 + 5 + 1));
  const many = Array.from({ length: MOST_PEERS + 1 }, (_, n) => ({ ...PEER, address: ip(`192.0.2.${n}`) }));
  flooded.guard.setPeers(many);
  expect(flooded.program).toBeUndefined();
});
