import { describe, expect, test } from "vitest";
import { type Micros, micros, millis, seconds } from "../../../src/core/base/time.js";
import type { DesiredFlushSending } from "../../../src/core/contract/desired/flush.js";
import type { DesiredTrunk } from "../../../src/core/contract/desired/trunk.js";
import { act, flushInterfacesOf } from "../../support/ask.js";
import { desired, type MemberParts } from "../../support/desired.js";
import { readFlush } from "../../support/flush-frames.js";
import type { Cable } from "../cable.js";
import type { SimulatedNode } from "../node.js";
import { World } from "../world.js";

const A_MAC = "02:00:00:00:0a:00";
const X_MAC = "02:00:00:00:0b:00";
const BRIDGE = 99;
const NO_KEY = { mode: "none", octets: new Uint8Array(0) } as const;
const FLUSH: DesiredFlushSending = { controlVlan: 5, isTagged: true, vlans: [5, 10], key: NO_KEY };

interface Parts {
  readonly backup?: DesiredTrunk["backup"];
  readonly flush?: DesiredFlushSending | undefined;
  readonly eth1?: MemberParts;
  readonly eth2?: MemberParts;
  readonly shutdown?: boolean;
}

const endpoint = ({ eth1 = { isMaster: true }, eth2 = {}, backup, ...parts }: Parts) =>
  desired(A_MAC, {
    mode: "backup",
    leastLinks: undefined,
    backup: backup ?? { preemptDelay: undefined, shutsInactive: false },
    flush: FLUSH,
    ...parts,
    members: { eth1, eth2 },
  });

/** An endpoint with a 1:1 trunk, and a device whose bridge has both its links as ports. */
class Scene {
  readonly world: World;
  readonly a: SimulatedNode;
  readonly x: SimulatedNode;
  readonly cables: readonly [Cable, Cable];

  constructor(parts: Parts = {}, seed = 7) {
    this.world = new World({ seed });
    this.a = this.world.addNode("a", endpoint(parts));
    const port = (name: string) => ({ interface: name, controlVlans: [5], pvid: undefined, key: NO_KEY });
    this.x = this.world.addNode("x", {
      ...desired(X_MAC, { members: {} }),
      trunks: [],
      interfaces: ["eth1", "eth2"].map((name) => ({
        name,
        device: name,
        shutdown: false,
        description: undefined,
        speed: 1000,
        member: undefined,
      })),
      flushPorts: [port("eth1"), port("eth2")],
    });
    const cable = (device: string) => this.world.connect({ node: this.a, device }, { node: this.x, device });
    this.cables = [cable("eth1"), cable("eth2")];
    for (const [name, link] of this.x.links) this.x.links.set(name, { ...link, master: BRIDGE });
    this.world.startAll();
    this.world.run(millis(1));
  }

  get working(): string | undefined {
    return this.a.trunk().ports.find(({ distributing }) => distributing)?.name;
  }
  get collecting(): string[] {
    return this.a
      .trunk()
      .ports.filter(({ collecting }) => collecting)
      .map(({ name }) => name);
  }
  role(name: string): string {
    const { role, status } = this.a.port(name);
    return `${role} ${status}`;
  }
  pull(n: 1 | 2, pulled = true): void {
    this.world.pull(this.cables[n - 1] as Cable, pulled);
  }
  configure(parts: Parts): void {
    this.world.configure(this.a, endpoint(parts));
  }
  /** Flush frames that left the endpoint since, and after how many milliseconds. */
  flushesSince(start: Micros): { readonly after: number; readonly device: string; readonly sequence: number }[] {
    return this.world.sent.flatMap(({ time, node, device, bytes }) => {
      const flush = node === "a" && time >= start ? readFlush(bytes) : undefined;
      return flush ? [{ after: (time - start) / 1_000, device, sequence: flush.sequence }] : [];
    });
  }
  events(name: string): unknown[] {
    return this.world.events.flatMap(({ node, event }) => (node === "a" && event.event === name ? [event] : []));
  }
}

describe("a 1:1 trunk", () => {
  test("works on its master, and the other member neither collects nor distributes", () => {
    const scene = new Scene();
    expect([scene.working, scene.collecting]).toEqual(["eth1", ["eth1"]]);
    expect([scene.role("eth1"), scene.role("eth2")]).toEqual(["master Up", "slave Up"]);
    expect(scene.a.trunk()).toMatchObject({ mode: "backup", operState: "up", workingState: "Master", upPorts: 1 });
    expect(scene.a.dataPlane.planes.get(1)?.carrier).toBe(true);
  });

  test("begins on its master whichever link it hears of first", () => {
    for (let seed = 1; seed <= 4; seed++) {
      const scene = new Scene({ eth1: {}, eth2: { isMaster: true } }, seed);
      expect([scene.working, scene.events("working-port").length]).toEqual(["eth2", 1]);
    }
  });

  test("moves in the same turn in which it hears of the loss, and stays when the link is back", () => {
    const scene = new Scene();
    scene.pull(1);
    scene.world.run(micros(1));
    expect([scene.working, scene.collecting]).toEqual(["eth2", ["eth2"]]);
    expect(scene.a.trunk().workingState).toBe("Slave");
    scene.pull(1, false);
    scene.world.run(seconds(100));
    expect(scene.working).toBe("eth2");
    expect(scene.events("working-port")).toEqual([
      { event: "working-port", trunk: 1, from: null, to: "eth1", reason: "a port came up" },
      { event: "working-port", trunk: 1, from: "eth1", to: "eth2", reason: "the working port went down" },
    ]);
  });

  test("is down while both links are, and comes back with the first", () => {
    const scene = new Scene();
    scene.pull(1);
    scene.pull(2);
    scene.world.run(millis(1));
    expect(scene.a.trunk()).toMatchObject({ operState: "down", workingState: "None" });
    expect(scene.a.dataPlane.planes.get(1)).toMatchObject({ carrier: false, distributing: [] });
    scene.pull(2, false);
    scene.world.run(millis(1));
    expect(scene.working).toBe("eth2");
  });

  test("returns after the delay where preemption is on, without loss: the old member collects for a second", () => {
    const scene = new Scene({ backup: { preemptDelay: seconds(10), shutsInactive: false } });
    scene.pull(1);
    scene.world.run(seconds(1));
    scene.pull(1, false);
    scene.world.run(millis(9_999));
    expect(scene.working).toBe("eth2");
    scene.world.run(millis(1));
    expect([scene.working, scene.collecting]).toEqual(["eth1", ["eth1", "eth2"]]);
    scene.world.run(seconds(1));
    expect(scene.collecting).toEqual(["eth1"]);
    expect(scene.a.trunk().preemptDelay).toBe(10);
  });

  test("swaps by hand, hitless, and says why it cannot", () => {
    const scene = new Scene();
    const swap = (id = 1) => {
      const answer = act(scene.a.engine!, "protect-switch", { id }, scene.a.localNow);
      scene.a.turn();
      return answer;
    };
    expect(swap()).toBeNull();
    expect([scene.working, scene.collecting]).toEqual(["eth2", ["eth1", "eth2"]]);
    scene.world.run(seconds(2));
    expect(scene.collecting).toEqual(["eth2"]);
    expect(swap()).toBeNull();
    expect(scene.working).toBe("eth1");
    scene.pull(2);
    scene.world.run(millis(1));
    expect(swap()).toEqual({ text: "eth2 is down." });
    expect(swap(7)).toEqual({ text: "Eth-Trunk7 does not exist." });
  });

  test("loses the working member by configuration and goes on with the other", () => {
    const scene = new Scene();
    const { interfaces, ...rest } = scene.a.desired;
    scene.world.configure(scene.a, {
      ...rest,
      interfaces: interfaces.map((each) => (each.name === "eth1" ? { ...each, member: undefined } : each)),
    });
    expect(scene.working).toBe("eth2");
    expect(scene.role("eth2")).toBe("master Up");
  });

  test("carries nothing while it is shut down, and knows afterwards who worked", () => {
    const scene = new Scene();
    scene.pull(1);
    scene.world.run(millis(10));
    scene.pull(1, false);
    scene.configure({ shutdown: true });
    expect([scene.a.trunk().operState, scene.collecting]).toEqual(["down", []]);
    scene.configure({});
    expect(scene.working).toBe("eth2");
  });

  test.for(["checkpoint", "nothing"] as const)("a restart from %s", (from) => {
    const scene = new Scene();
    scene.pull(1);
    scene.world.run(millis(10));
    scene.pull(1, false);
    scene.world.run(seconds(5));
    scene.a.crash();
    scene.world.start(scene.a, from);
    scene.world.run(seconds(1));
    expect(scene.working).toBe(from === "checkpoint" ? "eth2" : "eth1");
    expect(scene.events("working-port")).toHaveLength(from === "checkpoint" ? 2 : 3);
  });
});

describe("inactive-port shutdown", () => {
  const shutting: Parts = { backup: { preemptDelay: undefined, shutsInactive: true } };
  const isUp = (scene: Scene, name: string) => scene.a.links.get(name)?.up;

  test("the inactive member's link is down, and says so", () => {
    const scene = new Scene(shutting);
    scene.world.run(millis(10));
    expect([isUp(scene, "eth1"), isUp(scene, "eth2")]).toEqual([true, false]);
    expect(scene.a.port("eth2")).toMatchObject({ status: "Down", reason: "inactive port shut down" });
    expect(scene.x.links.get("eth2")?.carrier).toBe(false);
  });

  test("it is lifted when the working member fails, and the failed one is down when it is back", () => {
    const scene = new Scene(shutting);
    scene.world.run(millis(10));
    scene.pull(1);
    scene.world.run(millis(10));
    expect([scene.working, isUp(scene, "eth1"), isUp(scene, "eth2")]).toEqual(["eth2", false, true]);
    scene.pull(1, false);
    scene.world.run(seconds(10));
    expect([scene.working, isUp(scene, "eth1")]).toEqual(["eth2", false]);
  });

  test("undone, the link comes up and traffic stays", () => {
    const scene = new Scene(shutting);
    scene.world.run(millis(10));
    scene.configure({});
    scene.world.run(millis(10));
    expect([scene.working, isUp(scene, "eth2")]).toEqual(["eth1", true]);
  });

  test("a member that leaves the trunk gets its link back", () => {
    const scene = new Scene(shutting);
    scene.world.run(millis(10));
    const { interfaces, ...rest } = scene.a.desired;
    scene.world.configure(scene.a, { ...rest, interfaces: interfaces.filter(({ name }) => name === "eth1") });
    scene.world.run(millis(10));
    expect(isUp(scene, "eth2")).toBe(true);
  });

  test("leaving for good gives it back", () => {
    const scene = new Scene(shutting);
    scene.world.run(millis(10));
    scene.a.engine?.take({ kind: "leave" }, scene.a.localNow);
    scene.a.turn();
    scene.world.run(millis(10));
    expect(isUp(scene, "eth2")).toBe(true);
  });

  test("an interface that is shut down by configuration stays down", () => {
    const scene = new Scene({ ...shutting, eth2: { shutdown: true } });
    scene.world.run(millis(10));
    scene.pull(1);
    scene.world.run(seconds(1));
    expect([scene.working, isUp(scene, "eth2")]).toEqual([undefined, false]);
  });
});

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
