import { expect, test } from "vitest";
import { micros, seconds } from "../../src/core/base/time.js";
import type { LinkState } from "../../src/core/contract/host.js";
import { LinkTimes } from "../../src/daemon/interfaces/link-times.js";
import { TrafficHistory } from "../../src/daemon/interfaces/traffic-rates.js";
import { parseTrafficCounters, type TrafficCounters } from "../../src/linux/traffic-counters.js";

const PROC_NET_DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 100 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0
eth-trunk1.10:12345678901     17    2    3    0     0          0         4 98765      23    5    6    0     0       0          0
`;

const counted = (bytesReceived: number, bytesSent = 0): TrafficCounters => ({
  ...{ bytesReceived, framesReceived: bytesReceived / 100, inErrors: 0, inDiscards: 0, multicastReceived: 0 },
  ...{ bytesSent, framesSent: bytesSent / 100, outErrors: 0, outDiscards: 0 },
});
const sample = (bytes: number) => new Map([["eth1", counted(bytes)]]);

test("counters are read from the kernel's table, dots and missing blanks included", () => {
  const all = parseTrafficCounters(PROC_NET_DEV);
  expect(all.get("lo")).toMatchObject({ bytesReceived: 100, framesSent: 1, outDiscards: 0 });
  for (const name of ["", "face |bytes", "Inter-|   Receive", "eth1"]) expect(all.get(name)).toBeUndefined();
  expect(all.get("eth-trunk1.10")).toEqual({
    ...{ bytesReceived: 12_345_678_901, framesReceived: 17, inErrors: 2, inDiscards: 3, multicastReceived: 4 },
    ...{ bytesSent: 98_765, framesSent: 23, outErrors: 5, outDiscards: 6 },
  });
});

test("a rate is that of the last 300 seconds", () => {
  const history = new TrafficHistory();
  for (let at = 0; at <= 1_000; at += 10) history.take(seconds(at), sample(at * 1_000));
  // What came 300 s ago counts, what came before does not.
  const burst = counted(1_000_000 + 3_000_000);
  expect(history.rates("eth1", seconds(1_000), burst)).toMatchObject({
    bitsReceived: 8 * (1_000 + 10_000),
    framesReceived: 110,
    bitsSent: 0,
  });
});

test("an interface that was made anew has a rate from its first sample on", () => {
  const history = new TrafficHistory();
  history.take(seconds(0), sample(1_000_000));
  history.take(seconds(10), sample(500));
  expect(history.rates("eth1", seconds(20), counted(1_500))).toMatchObject({ bitsReceived: 800 });
  expect(history.rates("eth2", seconds(20), counted(1_500))).toBeUndefined();
  expect(history.rates("eth1", seconds(10), counted(500))).toBeUndefined();
});

test("times of a link are those of its edges, and are kept only for interfaces of the configuration", () => {
  const times = new LinkTimes();
  const link = (name: string, parts: Partial<LinkState> = {}): LinkState =>
    ({ index: 1, name, present: true, up: true, carrier: true, mac: 1, mtu: 1500, speed: 0, ...parts }) as LinkState;
  times.keep(new Set(["eth1"]));
  for (const name of ["eth1", "veth7"]) times.linkChanged(link(name), micros(1));
  expect(times.of("eth1")).toEqual({ isUp: true });
  for (const name of ["eth1", "veth7"]) times.linkChanged(link(name, { carrier: false }), micros(2));
  times.linkChanged(link("eth1", { carrier: false, mtu: 1400 }), micros(3));
  times.linkChanged(link("eth1"), micros(4));
  expect(times.of("eth1")).toEqual({ isUp: true, down: 2, up: 4 });
  for (const name of ["eth1", "veth7"])
    times.linkChanged(link(name, { present: false, up: false, carrier: false }), micros(5));
  expect(times.of("eth1")).toEqual({ isUp: false, down: 5, up: 4 });
  expect(times.of("veth7")).toEqual({ isUp: false });
});
