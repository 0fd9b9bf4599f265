import { describe, expect, test } from "vitest";
import { parseIpAddress } from "../../src/core/base/ip-address.js";
import { millis, seconds } from "../../src/core/base/time.js";
import type { Desired } from "../../src/core/contract/desired/desired.js";
import type { StaticRoute } from "../../src/core/contract/desired/network.js";
import { desired, macOf, NOTHING_SAID } from "../support/desired.js";
import type { SimulatedNode } from "./node.js";
import { Pair } from "./pair.js";
import { World } from "./world.js";

const MAC = "02:00:00:01:00:00";
const address = (text: string) => parseIpAddress(text)!;

/** A host whose eth9 has these addresses. */
function configured(addresses: readonly string[], routes: readonly StaticRoute[] = []): Desired {
  const interfaces = [
    {
      ...NOTHING_SAID,
      name: "eth9",
      device: "eth9",
      addresses: addresses.map((each) => ({ address: address(each), length: 24, eui64: false })),
    },
  ];
  return { ...desired(MAC), network: { interfaces, bridge: undefined, routes } };
}

function host(wanted: Desired): { world: World; node: SimulatedNode } {
  const world = new World();
  const node = world.addNode("pe", wanted);
  const link = {
    index: 9,
    name: "eth9",
    present: true,
    up: true,
    carrier: true,
    mac: macOf("2-0-9"),
    mtu: 1500,
    speed: 0,
  };
  node.links.set("eth9", link);
  world.start(node);
  world.run(seconds(1));
  node.network.asked.length = 0;
  return { world, node };
}

const alarms = (node: SimulatedNode): readonly string[] => {
  const answer = node.engine?.ask("alarms", {}, { now: node.localNow, date: String });
  if (answer === undefined || !("alarms" in answer)) throw new Error("no answer");
  return answer.alarms.map(({ text }) => text);
};
/** Raised and cleared alarms, in order. */
const told = (world: World): string[] =>
  world.events.flatMap(({ event }) => ("text" in event ? [`${event.event} ${event.text}`] : []));

describe("the network of the host", () => {
  const FIRST = "eth9: address 10.0.0.1/24";

  test("raises an alarm where an address is refused, tries it again with growing pauses, and clears it when it works", () => {
    const { world, node } = host(configured([]));
    node.network.refuses.set(FIRST, "EINVAL");
    const start = world.now;
    world.configure(node, configured(["10.0.0.1", "10.0.0.2"]));
    world.run(seconds(200));
    const waits = node.network.asked.map((at) => Math.round((at - start) / 1e6));
    expect(waits).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
    expect([...node.network.addresses]).toEqual(["eth9: address 10.0.0.2/24"]);
    expect(alarms(node)).toEqual([`${FIRST}: EINVAL.`]);
    node.network.refuses.clear();
    world.run(seconds(60));
    expect([...node.network.addresses]).toEqual([FIRST, "eth9: address 10.0.0.2/24"]);
    expect(alarms(node)).toEqual([]);
    expect(told(world)).toEqual([`alarm ${FIRST}: EINVAL.`, `alarm-cleared ${FIRST}: EINVAL.`]);
    const { length } = node.network.asked;
    world.run(seconds(300));
    expect(node.network.asked).toHaveLength(length + 5);
  });

  test("clears the alarm of what is not configured any more", () => {
    const { world, node } = host(configured([]));
    node.network.refuses.set(FIRST, "EINVAL");
    world.configure(node, configured(["10.0.0.1"]));
    world.run(seconds(1));
    expect(alarms(node)).toHaveLength(1);
    world.configure(node, configured([]));
    world.run(millis(1));
    expect(alarms(node)).toEqual([]);
  });

  test("is looked at 50 ms after interfaces changed, once for all; their carrier is of no concern", () => {
    const { world, node } = host(configured(["10.0.0.1"]));
    const link = node.links.get("eth9")!;
    const start = world.now;
    for (const mtu of [1400, 1300, 1200]) {
      node.arrives({ kind: "link", link: { ...link, mtu } });
      world.run(millis(10));
    }
    world.run(seconds(10));
    expect(node.network.asked.map((at) => at - start)).toEqual([50_000]);
    node.arrives({ kind: "link", link: { ...link, mtu: 1200, carrier: false, speed: 10 } });
    world.run(seconds(10));
    expect(node.network.asked).toHaveLength(1);
    node.arrives({ kind: "link", link: { ...link, present: false } });
    world.run(seconds(10));
    expect(node.network.asked).toHaveLength(2);
  });

  test("is looked at when an address changed, while there are routes", () => {
    const gateway = address("10.0.0.2");
    const route = { destination: address("10.9.0.0"), length: 16, metric: 60, gateways: [gateway] };
    const change = (node: SimulatedNode) =>
      node.arrives({ kind: "address", address: { index: 9, address: gateway, prefixLength: 24, present: true } });
    for (const [routes, looks] of [
      [[], 0],
      [[route], 1],
    ] as const) {
      const { world, node } = host(configured(["10.0.0.1"], routes));
      change(node);
      world.run(seconds(1));
      expect(node.network.asked).toHaveLength(looks);
    }
  });

  test("has an address back 50 ms after somebody took it away, says so, and keeps its temper when he does so again and again", () => {
    const { world, node } = host(configured(["10.0.0.1"]));
    const start = world.now;
    const state = { index: 9, address: address("10.0.0.1"), prefixLength: 24 };
    const found = () =>
      world.events.flatMap(({ event }) =>
        event.event === "network-changed" ? [`${event.found} ${event.action}`] : [],
      );
    const takeAway = () => {
      node.network.addresses = new Set();
      node.arrives({ kind: "address", address: { ...state, present: false } });
    };
    takeAway();
    world.run(seconds(1));
    expect(node.network.asked.map((at) => at - start)).toEqual([50_000]);
    expect(found()).toEqual([`${FIRST} put back`]);
    for (let times = 0; times < 3_000; times++) {
      takeAway();
      world.run(millis(20));
    }
    expect(found().slice(23, 25)).toEqual([`${FIRST} put back`, `${FIRST} put back later`]);
    expect(node.network.asked.length).toBeLessThan(33);
    expect(alarms(node)).toEqual(["network of this host: somebody keeps changing it."]);
    world.run(seconds(200));
    expect(alarms(node)).toEqual([]);
  });

  test("is asked anew 50 ms after somebody took a route away, and tells nothing when nothing was changed", () => {
    const { world, node } = host(configured(["10.0.0.1"]));
    const start = world.now;
    node.arrives({ kind: "route-gone" });
    world.run(seconds(1));
    expect(node.network.asked.map((at) => at - start)).toEqual([50_000]);
    expect(world.events.filter(({ event }) => event.event === "network-changed")).toEqual([]);
  });

  test("is left alone when the device leaves", () => {
    const { world, node } = host(configured(["10.0.0.1"]));
    node.network.refuses.set(FIRST, "EINVAL");
    node.arrives({ kind: "link", link: { ...node.links.get("eth9")!, mtu: 1400 } });
    node.arrives({ kind: "leave" });
    world.run(seconds(100));
    expect(node.network.asked).toEqual([]);
  });
});

describe("an interface", () => {
  const SHUT = { members: { eth1: { shutdown: true } } };

  function refusing() {
    const pair = new Pair(2);
    pair.world.startAll();
    pair.world.run(seconds(10));
    pair.pe.refuses.add("eth1");
    pair.pe.wishes.length = 0;
    pair.reconfigure(pair.pe, SHUT);
    const asked = () =>
      pair.pe.wishes.map(({ at, wish }) => `${Math.round((at - start) / 1e6)} ${wish.device} ${wish.up}`);
    const start = pair.world.now;
    return { ...pair, pair, asked };
  }

  test("whose shutdown the kernel refuses is asked again, and an alarm stands until it is done", () => {
    const { world, pe, asked } = refusing();
    world.run(seconds(10));
    expect(asked()).toEqual(["0 eth1 false", "1 eth1 false", "3 eth1 false", "7 eth1 false"]);
    expect(alarms(pe)).toContain("eth1: not as configured: admin state down: EPERM.");
    pe.refuses.clear();
    world.run(seconds(10));
    expect(pe.links.get("eth1")?.up).toBe(false);
    expect(alarms(pe).filter((text) => text.includes("as configured"))).toEqual([]);
    const { length } = asked();
    world.run(seconds(200));
    expect(asked()).toHaveLength(length);
  });

  test("that goes, or is configured no more, takes the alarm along", () => {
    for (const end of ["gone", "unconfigured"] as const) {
      const { pair, world, pe } = refusing();
      world.run(millis(500));
      expect(alarms(pe)).toContain("eth1: not as configured: admin state down: EPERM.");
      if (end === "gone") pe.arrives({ kind: "link", link: { ...pe.links.get("eth1")!, present: false } });
      else
        world.configure(pe, { ...pe.desired, interfaces: pe.desired.interfaces.filter(({ name }) => name !== "eth1") });
      world.run(millis(1));
      expect(alarms(pe).filter((text) => text.includes("as configured"))).toEqual([]);
      expect(pair.links).toBe(2);
    }
  });
});

describe("members", () => {
  const up = () => {
    const pair = new Pair(2);
    pair.world.startAll();
    pair.world.run(seconds(10));
    pair.pe.heard.splice(0, pair.pe.heard.length - 1);
    return pair;
  };

  test("are heard once their links are there, and it is said again only where they change", () => {
    const pair = up();
    for (const pulled of [true, false]) {
      pair.world.pull(pair.cable(1), pulled);
      pair.world.run(seconds(60));
    }
    expect(pair.pe.heard).toEqual(["eth1#1 eth2#2"]);
    pair.world.configure(pair.pe, { ...pair.pe.desired, interfaces: pair.pe.desired.interfaces.slice(0, 1) });
    expect(pair.pe.heard.at(-1)).toBe("eth1#1");
  });

  test("are heard under a new index, and not under another name", () => {
    const pair = up();
    pair.world.recreate(pair.cable(1), 0);
    pair.world.run(seconds(60));
    expect(pair.pe.heard.slice(1)).toEqual(["eth2#2", "eth2#2 eth1#3"]);
    pair.pe.arrives({ kind: "link", link: { ...pair.pe.links.get("eth2")!, name: "eth8" } });
    pair.world.run(seconds(1));
    expect(pair.pe.heard.at(-1)).toBe("eth1#3");
  });

  test("are said gone and there again when one is made anew under the same index between two turns", () => {
    const { pe, world } = up();
    const link = pe.links.get("eth1")!;
    pe.arrives({ kind: "link", link: { ...link, present: false } });
    pe.arrives({ kind: "link", link });
    world.run(millis(1));
    expect(pe.heard.slice(1)).toEqual(["eth2#2", "eth2#2 eth1#1"]);
  });

  test("that cannot be heard raise an alarm, are tried again, and it is cleared", () => {
    const { pe, world } = up();
    pe.refuse("link", 1, "multicast membership: ENOBUFS");
    world.run(millis(3_500));
    expect(pe.heard.slice(1)).toEqual(["eth1#1 eth2#2", "eth1#1 eth2#2"]);
    expect(alarms(pe)).toEqual(["eth1: LACPDUs cannot be heard: multicast membership: ENOBUFS."]);
    pe.refuse("link", 1);
    world.run(seconds(60));
    expect(alarms(pe)).toEqual([]);
    expect(pe.heard).toHaveLength(3);
  });
});

test("a tap that cannot be opened raises an alarm and is tried again; the alarm is cleared also when its interface is gone", () => {
  const key = { mode: "none", octets: undefined } as const;
  const flushPorts = [{ interface: "eth9", controlVlans: undefined, pvid: 1, key }];
  const { world, node } = host({ ...configured([]), flushPorts });
  expect(node.tapped).toEqual([9]);
  const start = world.now;
  node.tapsAsked.length = 0;
  node.refuse("tap", 9, "packet socket: EMFILE");
  world.run(seconds(8));
  expect(node.tapsAsked.map((at) => Math.round((at - start) / 1e6))).toEqual([1, 3, 7]);
  expect(alarms(node)).toEqual(["eth9: Flush frames cannot be heard: packet socket: EMFILE."]);
  node.arrives({ kind: "link", link: { ...node.links.get("eth9")!, present: false } });
  // The taps take back what they said of an interface that is wanted no more.
  node.refuse("tap", 9);
  world.run(seconds(60));
  expect(alarms(node)).toEqual([]);
});
