import { describe, expect, test } from "vitest";
import { type IpAddress, parseIpAddress } from "../../../src/core/base/ip-address.js";
import { micros, millis, seconds } from "../../../src/core/base/time.js";
import { act } from "../../support/ask.js";
import { macOf } from "../../support/desired.js";

import { type Parts, Scene } from "./backup-scene.js";

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

  test("announces its own addresses after a switch, by the new member", () => {
    const scene = new Scene();
    const link = {
      index: 901,
      name: "eth-trunk1",
      present: true,
      up: true,
      carrier: true,
      mac: macOf("0200-0001-00ee"),
    };
    scene.a.arrives({ kind: "link", link: { ...link, mtu: 1500, speed: 0 } });
    const address = {
      index: 901,
      address: parseIpAddress("198.51.100.1") as IpAddress,
      prefixLength: 24,
      present: true,
    };
    scene.a.arrives({ kind: "address", address });
    scene.world.run(millis(1));
    scene.pull(1);
    scene.world.run(seconds(1));
    expect(scene.events("announced")).toEqual([
      { event: "announced", trunk: 1, reason: "the working port went down", count: 1 },
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

  test("returns after the delay where preemption is on; the old member stops at once, for both open were a loop", () => {
    const scene = new Scene({ backup: { preemptDelay: seconds(10), shutsInactive: false } });
    scene.pull(1);
    scene.world.run(seconds(1));
    scene.pull(1, false);
    scene.world.run(millis(9_999));
    expect(scene.working).toBe("eth2");
    scene.world.run(millis(1));
    expect([scene.working, scene.collecting]).toEqual(["eth1", ["eth1"]]);
    expect(scene.a.trunk().preemptDelay).toBe(10);
  });

  test("swaps by hand, never with both members open, and says why it cannot", () => {
    const scene = new Scene();
    const swap = (id = 1) => {
      const answer = act(scene.a.engine!, "protect-switch", { id }, scene.a.localNow);
      scene.a.turn();
      return answer;
    };
    expect(swap()).toBeNull();
    expect([scene.working, scene.collecting]).toEqual(["eth2", ["eth2"]]);
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
