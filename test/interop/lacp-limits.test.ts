import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { BOTH, Setting, withPeers } from "./peers/setting.js";

withPeers(BOTH, (kind) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await Setting.create(kind, 3, { active: true, fast: true });
  });
  afterEach(async ({ task }) => {
    await setting.reportIfFailed(task);
    await setting.wire.restore();
    await setting.stopDaemon();
  });
  afterAll(() => setting?.close());

  /** Our system decides which ports are active: its priority is better than either partner's. */
  const system = ["lacp priority 10"];
  const trunk = ["lacp timeout fast"];

  /** Until exactly these ports carry, on both ends. */
  const untilCarrying = (seconds: number, ports: readonly string[]): Promise<void> =>
    setting.until(seconds, (ours, theirs) => {
      const distributing = ours.ports.filter((port) => port.collecting && port.distributing);
      expect(distributing.map((port) => port.name)).toEqual(ports);
      expect(ours.ports.filter((port) => port.status === "Selected").map((port) => port.name)).toEqual(ports);
      expect(theirs.filter((port) => port.carrying).map((port) => port.name)).toEqual(ports);
    });

  test("of three links with max active-linknumber 1 the one with the best priority carries, on both ends", async () => {
    await setting.startDaemon({
      system,
      trunk: [...trunk, "max active-linknumber 1"],
      ports: { p2: ["lacp priority 100"] },
    });
    await untilCarrying(20, ["p2"]);
    const theirs = await setting.peer.ports();
    // Bit 3 of what they hear of us: only the carrying port is in sync.
    expect(theirs.map((port) => port.partner.state[3])).toEqual(["0", "1", "0"]);
  });

  test("without preemption a better port that comes back waits", async () => {
    const limited = [...trunk, "max active-linknumber 1"];
    await setting.startDaemon({ system, trunk: limited, ports: { p2: ["lacp priority 100"] } });
    await untilCarrying(20, ["p2"]);
    await setting.wire.silence("p2");
    await untilCarrying(15, ["p1"]);
    await setting.wire.heal("p2");
    await setting.until(10, (ours) => expect(ours.ports[1]).toMatchObject({ receiveState: "CURRENT" }));
    // It is heard again and stands by, for longer than it takes a port to be attached.
    await setting.throughout(3, (ours, theirs) => {
      expect(ours.ports.map((port) => port.distributing)).toEqual([true, false, false]);
      expect(theirs.map((port) => port.carrying)).toEqual([true, false, false]);
    });
  });

  test.each([0, 5])("with preemption after %s s a better port that comes back takes over", async (delay) => {
    await setting.startDaemon({
      system,
      trunk: [...trunk, "max active-linknumber 1", "lacp preempt enable", `lacp preempt delay ${delay}`],
      ports: { p2: ["lacp priority 100"] },
    });
    await untilCarrying(20, ["p2"]);
    await setting.wire.silence("p2");
    await untilCarrying(15, ["p1"]);
    const healed = performance.now();
    await setting.wire.heal("p2");
    await untilCarrying(20, ["p2"]);
    const took = (performance.now() - healed) / 1000;
    expect(took).toBeGreaterThan(delay);
    expect(took).toBeLessThan(delay + 4.5);
  });

  test("with least active-linknumber 2 the trunk goes down at one, and the partner sees Sync = 0 there", async () => {
    await setting.startDaemon({ system, trunk: [...trunk, "least active-linknumber 2"] });
    await untilCarrying(20, ["p1", "p2", "p3"]);
    await setting.wire.silence("p3");
    await untilCarrying(15, ["p1", "p2"]);
    expect(await setting.daemon.trunk()).toMatchObject({ operState: "up", upPorts: 2 });
    await setting.wire.silence("p2");
    await setting.until(15, (ours, theirs) => {
      expect(ours.operState).toBe("down");
      expect(ours.ports.map((port) => port.distributing)).toEqual([false, false, false]);
      expect(theirs[0]).toMatchObject({ carrying: false, partner: { state: expect.stringMatching(/^1110/) } });
    });
    await setting.wire.heal("p2");
    await untilCarrying(20, ["p1", "p2"]);
    expect((await setting.daemon.trunk()).operState).toBe("up");
  });
});
