import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../src/core/base/time.js";
import { alarmsOf } from "../support/ask.js";
import { macOf } from "../support/desired.js";
import { address as addressOf, EtrunkPair } from "./etrunk/etrunk-pair.js";
import type { SimulatedNode } from "./node.js";
import { FAST, Pair } from "./pair.js";

const TRUNK = { trunk: 1 };
const DEVICE = { index: 77, name: "eth-trunk1", carrier: true, mac: macOf("2-0-1"), mtu: 1500, speed: 0 };
const alarms = (node: SimulatedNode): string[] =>
  alarmsOf(node.engine).flatMap(({ name, text }) => (name === "ethTrunkForwardingFailed" ? [text] : []));

describe("what the kernel refuses of the data plane", () => {
  test("of a trunk is an obstacle of every member, until the kernel does it", () => {
    const pair = new Pair(2, FAST, FAST);
    pair.pe.dataPlane.refuse(TRUNK);
    pair.world.startAll();
    pair.world.run(seconds(10));
    for (const name of ["eth1", "eth2"])
      expect(pair.pe.port(name)).toMatchObject({ status: "Unselect", reason: "data plane: EPERM", linkUp: false });
    expect(pair.ce.trunk().operState).toBe("down");
    expect(alarms(pair.pe)).toEqual(["Eth-Trunk1: EPERM."]);
    pair.pe.dataPlane.refuse(TRUNK, false);
    pair.world.until("all links carry", () => pair.agrees([1, 2]));
    expect(alarms(pair.pe)).toEqual([]);
  });

  test("is asked again after 1, 2, 4 ... 60 s, and at once with a configuration or a link that comes up", () => {
    const pair = new Pair(2, FAST, FAST);
    const { pe, world } = pair;
    pe.dataPlane.refuse({ trunk: 1, member: 1 });
    world.startAll();
    const repairs = () => pe.dataPlane.repairs.get(1) ?? 0;
    const counts = [1, 3, 7, 15, 31, 63, 123].map((second) => {
      world.run(seconds(second + 0.5 - world.now / 1e6));
      return repairs();
    });
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(pair.carrying()).toEqual([2]);
    pair.reconfigure(pe, { ...FAST, leastLinks: 1 });
    expect(repairs()).toBe(8);
    world.pull(pair.cable(1));
    world.run(millis(100));
    pe.dataPlane.refuse({ trunk: 1, member: 1 }, false);
    world.pull(pair.cable(1), false);
    world.until("both links carry", () => pair.agrees([1, 2]), seconds(5));
    expect(repairs()).toBe(9);
  });

  test("is asked again when what it is refused for is gone, at once but no more than once a second", () => {
    const pair = new Pair(2, FAST, FAST);
    const { pe, world } = pair;
    const member = { trunk: 1, member: 1 };
    pe.dataPlane.refuse(member);
    world.startAll();
    world.run(seconds(70));
    const repairs = () => pe.dataPlane.repairs.get(1) ?? 0;
    const before = repairs();
    for (let times = 0; times < 100; times++) {
      pe.dataPlane.unhinder(member);
      world.run(millis(25));
    }
    expect(repairs() - before).toBe(3);
    world.run(seconds(20));
    expect(repairs() - before).toBe(4);
    pe.dataPlane.refuse(member, false);
    pe.dataPlane.unhinder(member);
    world.until("its alarm is gone", () => alarms(pe).length === 0, millis(10));
    world.until("both links carry", () => pair.agrees([1, 2]), seconds(5));
  });

  test("of a manual trunk takes its members down", () => {
    const pair = new Pair(1, { mode: "manual" }, { mode: "manual" });
    pair.pe.dataPlane.refuse(TRUNK);
    pair.world.startAll();
    pair.world.run(seconds(1));
    expect(pair.pe.port("eth1")).toMatchObject({ status: "Down", reason: "data plane: EPERM" });
    expect(pair.pe.trunk().operState).toBe("down");
  });

  test("goes with the trunk, and with the interface", () => {
    const pair = new Pair(2, FAST, FAST);
    pair.pe.dataPlane.refuse({ trunk: 1, member: 1 });
    pair.world.startAll();
    pair.world.run(seconds(5));
    expect(alarms(pair.pe)).toEqual(["Eth-Trunk1 eth1: EPERM."]);
    pair.world.recreate(pair.cable(1), 0);
    pair.world.run(millis(10));
    expect(alarms(pair.pe)).toEqual([]);
    pair.pe.dataPlane.refuse(TRUNK);
    pair.pe.dataPlane.takeAway(TRUNK);
    pair.world.run(seconds(2));
    expect(alarms(pair.pe)).toEqual(["Eth-Trunk1: EPERM."]);
    pair.world.configure(pair.pe, { ...pair.pe.desired, trunks: [], interfaces: [] });
    pair.world.run(millis(10));
    expect(alarms(pair.pe)).toEqual([]);
  });

  test("makes the E-Trunk's other PE carry, and keeps a preferred PE from taking over", () => {
    const pair = new EtrunkPair(1).up();
    pair.pe1.dataPlane.refuse(TRUNK);
    pair.pe1.dataPlane.takeAway(TRUNK);
    pair.world.until("pe2 carries", () => pair.carries("pe2") && pair.ceCarries().length === 1, seconds(5));
    pair.world.run(seconds(60));
    expect(pair.carries("pe2")).toBe(true);
    pair.pe1.dataPlane.refuse(TRUNK, false);
    pair.world.until("pe1 carries again", () => pair.carries("pe1"), seconds(100));
  });
});

describe("what somebody takes away of the data plane", () => {
  test("is put back before the partner notices", () => {
    const pair = new Pair(2, FAST, FAST).up();
    const { pe, ce, world } = pair;
    const changes = world.events.length;
    for (const subject of [TRUNK, { trunk: 1, member: 2 }]) {
      pe.dataPlane.takeAway(subject);
      world.run(millis(1));
      expect(pe.dataPlane.serves(1, 2)).toBe(true);
    }
    world.run(seconds(5));
    const told = world.events.slice(changes).map(({ event }) => event);
    expect(told).toEqual([
      { event: "forwarding-changed", trunk: 1, port: null, found: "filter removed", action: "put back" },
      { event: "forwarding-changed", trunk: 1, port: "eth2", found: "filter removed", action: "put back" },
    ]);
    expect(ce.trunk().upPorts).toBe(2);
  });

  test("again and again holds the member back, with growing pauses, until it stays", () => {
    const pair = new Pair(2, FAST, FAST).up();
    const { pe, world } = pair;
    const end = world.now + seconds(100);
    const takeAway = () => {
      if (world.now > end) return;
      if (pe.dataPlane.serves(1, 2)) pe.dataPlane.takeAway({ trunk: 1, member: 2 });
      world.after(millis(10), takeAway);
    };
    takeAway();
    world.run(seconds(90));
    expect(pe.port("eth2")).toMatchObject({
      status: "Unselect",
      reason: "data plane: filter removed, somebody keeps changing it",
    });
    expect(alarms(pe)).toEqual(["Eth-Trunk1 eth2: filter removed, somebody keeps changing it."]);
    expect(pair.carrying()).toEqual([1]);
    expect(pe.dataPlane.repairs.get(1)).toBeLessThan(33);
    world.until("it carries again", () => pair.agrees([1, 2]), seconds(200));
    expect(alarms(pe)).toEqual([]);
  });

  test("without the kernel's word is found within a minute", () => {
    const pair = new Pair(2, FAST, FAST).up();
    pair.pe.dataPlane.takeAway({ trunk: 1, member: 2 }, false);
    pair.world.until("it is put back", () => pair.pe.dataPlane.serves(1, 2), seconds(60));
  });
});

test("a trunk whose device somebody sets down counts as shut down", () => {
  const pair = new Pair(1, FAST, FAST).up();
  const set = (up: boolean) => pair.pe.arrives({ kind: "link", link: { ...DEVICE, present: true, up, carrier: up } });
  set(true);
  pair.world.run(seconds(1));
  set(false);
  pair.world.until("the partner knows", () => pair.ce.trunk().operState === "down", millis(60));
  expect(pair.pe.port("eth1").reason).toBe("eth-trunk1 is administratively down");
  expect(alarmsOf(pair.pe.engine).map(({ name }) => name)).toEqual(["ethTrunkDeviceDown"]);
  set(true);
  pair.world.until("it carries again", () => pair.agrees([1]));
});

test("a device of a trunk that is made, and is down until it is set up, is no wish; one that stays down is", () => {
  const pair = new Pair(1, FAST, FAST).up();
  const tell = (up: boolean, present = true) => pair.pe.arrives({ kind: "link", link: { ...DEVICE, up, present } });
  tell(false);
  pair.world.run(millis(900));
  expect(pair.agrees([1])).toBe(true);
  tell(true);
  pair.world.run(seconds(5));
  expect(pair.agrees([1])).toBe(true);
  tell(true, false);
  tell(false);
  pair.world.until("the partner knows", () => pair.ce.trunk().operState === "down", seconds(2));
});

test("a device of somebody else under the trunk's name is told as that, not as set down", () => {
  const pair = new Pair(1, FAST, FAST);
  pair.pe.dataPlane.refuse(TRUNK);
  pair.world.startAll();
  pair.pe.arrives({ kind: "link", link: { ...DEVICE, present: true, up: false, carrier: false } });
  pair.world.run(seconds(5));
  expect(alarmsOf(pair.pe.engine).map(({ name }) => name)).toEqual(["ethTrunkForwardingFailed"]);
});

test("a sub-interface that is taken away again and again takes nothing from its trunk; one nobody wants is not missed", () => {
  const pair = new Pair(1, FAST, FAST).up();
  const { pe, world } = pair;
  const tell = (index: number, name: string, present: boolean) =>
    pe.arrives({ kind: "link", link: { ...DEVICE, index, name, present, up: true } });
  const actions = () =>
    world.events.flatMap(({ event }) => (event.event === "forwarding-changed" ? [event.action as string] : []));
  const takeAway = (name: string) => {
    for (let index = 80; index < 110; index++) {
      tell(index, name, true);
      tell(index, name, false);
      world.run(millis(1));
    }
  };
  takeAway("eth-trunk1.20");
  expect(actions()).toEqual([]);
  const [trunk] = pe.desired.trunks;
  const subInterfaces = [{ vlan: 20, device: "eth-trunk1.20" }];
  world.configure(pe, { ...pe.desired, trunks: [{ ...trunk!, subInterfaces }] });
  takeAway("eth-trunk1.20");
  expect(actions().slice(23, 25)).toEqual(["put back", "put back later"]);
  expect(pair.agrees([1])).toBe(true);
});

test("a member that is something else besides is told, while it lasts", () => {
  const { pe, world } = new Pair(2, FAST, FAST).up();
  const texts = () =>
    alarmsOf(pe.engine).flatMap(({ name, text }) => (name === "ethTrunkMemberUsedElsewhere" ? [text] : []));
  const member = pe.links.get("eth2");
  if (member === undefined) throw new Error("no eth2");
  const other = { ...member, carrier: false, up: false };
  const address = { index: member.index, address: addressOf("10.1.1.1"), prefixLength: 24 };
  pe.arrives({ kind: "link", link: { ...other, index: 55, name: "br9" } });
  pe.arrives({ kind: "link", link: { ...other, index: 56, name: "eth2.7", parent: member.index } });
  pe.arrives({ kind: "link", link: { ...member, master: 55 } });
  pe.arrives({ kind: "address", address: { ...address, present: true } });
  world.run(millis(1));
  const uses = "a port of br9, the interface of 10.1.1.1, under eth2.7";
  expect(texts()).toEqual([`Eth-Trunk1 eth2 is also ${uses}: frames pass beside the trunk.`]);
  pe.arrives({ kind: "link", link: member });
  pe.arrives({ kind: "address", address: { ...address, present: false } });
  pe.arrives({ kind: "link", link: { ...other, index: 56, name: "eth2.7", present: false } });
  world.run(millis(1));
  expect(texts()).toEqual([]);
});
