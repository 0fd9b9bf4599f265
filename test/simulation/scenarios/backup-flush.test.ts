import { describe, expect, test } from "vitest";
import { type Micros, micros, millis, seconds } from "../../../src/core/base/time.js";
import { flushInterfacesOf } from "../../support/ask.js";
import { readFlush } from "../../support/flush-frames.js";

import { A_MAC, BRIDGE, FLUSH, Scene } from "./backup-scene.js";

describe("Flush", () => {
  test("leaves the new working member 0, 100 and 300 ms after a switch, tagged, for the trunk's VLANs", () => {
    const scene = new Scene();
    scene.world.run(seconds(2));
    const start = scene.world.now;
    scene.pull(1);
    scene.world.run(seconds(2));
    const first = scene.flushesSince(start);
    expect(first.map(({ device }) => device)).toEqual(["eth2", "eth2", "eth2"]);
    for (const [n, after] of [0, 100, 300].entries()) expect(first[n]?.after).toBeCloseTo(after, 0);
    const frame = scene.world.sent.findLast(({ bytes }) => readFlush(bytes) !== undefined);
    expect(readFlush(frame?.bytes ?? new Uint8Array(0))).toMatchObject({
      tag: 5,
      controlVlan: 5,
      vlans: [5, 10],
      device: A_MAC,
      mode: "none",
    });
    expect(scene.events("flush-sent").at(-1)).toEqual({
      event: "flush-sent",
      trunk: 1,
      interface: "eth2",
      vlan: 5,
      reason: "the working port went down",
    });
  });

  test("is heard by the next device, which empties both ports of its bridge", () => {
    const scene = new Scene();
    scene.world.run(seconds(2));
    expect(scene.x.tapped).toEqual([1, 2]);
    scene.x.flushes.length = 0;
    scene.pull(1);
    scene.world.run(seconds(2));
    expect(scene.x.flushes.map(({ scope }) => scope)).toEqual(
      Array.from({ length: 3 }, () => ({ bridge: BRIDGE, ports: [1, 2], vlans: [5, 10], above: [] })),
    );
    expect(flushInterfacesOf(scene.x.engine)).toMatchObject([
      { name: "eth1", received: 3 },
      { name: "eth2", received: 3, dropped: 0, lastInterface: "eth2", lastControlVlan: 5 },
    ]);
    expect(flushInterfacesOf(scene.a.engine)).toMatchObject([{ name: "Eth-Trunk1", sent: 6, received: 0 }]);
  });

  test("leaves the working member when a port beside the trunk is lost, and not when it comes back", () => {
    const scene = new Scene({ flush: { ...FLUSH, alsoAfter: ["eth9"] } });
    const beside = scene.world.connect({ node: scene.a, device: "eth9" }, { node: scene.x, device: "eth9" });
    scene.world.recreate(beside, 0);
    scene.world.run(seconds(2));
    const start = scene.world.now;
    scene.world.pull(beside);
    scene.world.run(seconds(2));
    expect(scene.flushesSince(start).map(({ device }) => device)).toEqual(["eth1", "eth1", "eth1"]);
    expect(scene.events("flush-sent").at(-1)).toMatchObject({ interface: "eth1", reason: "eth9 went down" });
    scene.world.pull(beside, false);
    scene.world.run(seconds(2));
    expect(scene.flushesSince(start)).toHaveLength(3);
  });

  test("is not sent where it is not configured", () => {
    const scene = new Scene({ flush: undefined });
    scene.pull(1);
    scene.world.run(seconds(2));
    expect(scene.flushesSince(micros(0))).toEqual([]);
    expect(flushInterfacesOf(scene.a.engine)).toEqual([]);
  });

  test("is not sent into a trunk that is down", () => {
    const scene = new Scene();
    scene.world.run(seconds(2));
    const start = scene.world.now;
    scene.pull(1);
    scene.world.run(millis(50));
    scene.pull(2);
    scene.world.run(seconds(2));
    expect(scene.flushesSince(start)).toHaveLength(1);
  });

  test("empties again what the kernel refused to empty, and an alarm stands until it is done", () => {
    const scene = new Scene();
    scene.pull(1);
    scene.world.run(seconds(2));
    const { length } = scene.x.flushes;
    const subject = { table: "forwarding database", interface: 1 } as const;
    scene.x.refuse("table", subject, "forwarding database: EBUSY");
    scene.world.run(millis(3_500));
    const again = scene.x.flushes.slice(length).map(({ scope }) => scope);
    expect(again).toEqual([scene.x.flushes[length - 1]?.scope, scene.x.flushes[length - 1]?.scope]);
    const alarms = () => scene.world.events.flatMap(({ event }) => ("text" in event ? [event] : []));
    expect(alarms().at(-1)).toMatchObject({ event: "alarm", name: "smartLinkFlushRefused" });
    scene.x.refuse("table", subject);
    scene.world.run(seconds(60));
    expect(alarms().at(-1)).toMatchObject({
      event: "alarm-cleared",
      text: "eth1: the kernel does not do what a Flush asks of its forwarding database: forwarding database: EBUSY.",
    });
    expect(scene.x.flushes).toHaveLength(length + 2);
  });

  test("taps follow the interfaces: one that is made anew is heard under its new index", () => {
    const scene = new Scene();
    const cable = scene.cables[1];
    scene.world.recreate(cable, 1);
    scene.world.run(millis(10));
    const [, remade] = scene.x.tapped;
    expect(remade).toBe(scene.x.links.get("eth2")?.index);
    expect(remade).not.toBe(2);
  });
});

test("both members flap every 50 ms for a minute: Flush keeps its rate, and the end is right", () => {
  const scene = new Scene();
  const start = scene.world.now;
  for (let n = 0; n < 600; n++) {
    const flap = (cable: 1 | 2, at: Micros, pulled: boolean) =>
      scene.world.after(micros(at), () => scene.pull(cable, pulled));
    // Both are down for a part of the time, and which one is first up changes.
    flap(1, micros(n * 100_000), true);
    flap(1, micros(n * 100_000 + 50_000), false);
    flap(2, micros(n * 100_000 + 25_000 + (n % 7) * 5_000), true);
    flap(2, micros(n * 100_000 + 75_000 + (n % 7) * 5_000), false);
  }
  scene.world.run(seconds(60));
  scene.world.run(seconds(5));
  const flushes = scene.flushesSince(start);
  expect(scene.events("working-port").length).toBeGreaterThan(600);
  expect(flushes.length).toBeGreaterThan(100);
  for (const { after } of flushes) {
    const second = flushes.filter((other) => other.after >= after && other.after < after + 1_000);
    expect(second.length).toBeLessThanOrEqual(10);
  }
  expect(scene.a.trunk()).toMatchObject({ operState: "up", upPorts: 1 });
  expect(scene.collecting).toEqual([scene.working]);
  expect(flushes.at(-1)?.device).toBe(scene.working);
  // What the network was told last came after the last switch.
  const last = scene.world.events.findLast(({ event }) => event.event === "working-port");
  expect((flushes.at(-1)?.after ?? 0) * 1_000).toBeGreaterThan((last?.time ?? 0) - start);
  expect(scene.x.flushes.length).toBeLessThanOrEqual(10 * 66);
});
