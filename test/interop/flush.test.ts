import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { FlushLab, flushCounters } from "../support/flush-lab.js";
import { isRoot, Lab } from "../support/lab.js";

/** Microseconds of silence. */
const SILENCE = 3_000_000;
/** That much of it counts at least; where the sender did not run it does not. */
const BLACK_HOLE = 2_000_000;
const PATIENCE = { timeout: 20_000, interval: 50 };

describe.runIf(isRoot)("a stream to an endpoint whose master link is cut where its sender cannot see it", () => {
  let lab: Lab;
  let scene: FlushLab | undefined;

  const create = async (flush: boolean): Promise<FlushLab> => {
    lab = new Lab();
    scene = await FlushLab.create(lab, { flush });
    return scene;
  };
  const destroy = async () => {
    await scene?.stop();
    scene = undefined;
    await lab.close();
  };

  describe("with Flush", () => {
    let all: FlushLab;
    beforeAll(async () => {
      all = await create(true);
    });
    afterAll(destroy);

    test("goes on over the other link", async () => {
      const { stream, wire, a, b, bridges } = all;
      const monitor = await a.monitor("working-port", "flush-sent");
      const heard = await bridges[1].monitor("flush-received");
      expect(await all.portOf(1)).toBe("x");
      await stream.mark();
      await wire.disconnect("a1");
      await vi.waitUntil(async () => (await a.trunk()).workingState === "Slave", PATIENCE);
      const moved = await stream.mark();
      console.info(`with Flush: ${moved.longestGap / 1_000} ms without a frame, ${moved.lost} of ${moved.sent} lost`);
      expect(moved.flowing).toBe(true);
      expect(moved.longestGap).toBeLessThan(500_000);
      expect((await b.trunk()).workingState).toBe("Master");
      expect(monitor.lines().slice(1)).toMatchObject([
        { event: "working-port", trunk: 1, from: "a1", to: "a2", reason: "the working port went down" },
        { event: "flush-sent", trunk: 1, interface: "a2", vlan: 5 },
      ]);
      await vi.waitUntil(() => heard.lines().length === 4, PATIENCE);
      expect(heard.lines()[1]).toMatchObject({ event: "flush-received", interface: "a2", vlan: 5 });
      await Promise.all([monitor.stop(), heard.stop()]);
    });

    test("and comes back the same way when the other link is lost too", async () => {
      const { stream, wire, a } = all;
      await wire.connect("a1");
      await vi.waitUntil(async () => (await a.trunk()).ports.every(({ linkUp }) => linkUp), PATIENCE);
      expect((await a.trunk()).workingState).toBe("Slave");
      await stream.mark();
      expect((await a.control("protect-switch", "eth-trunk", "1")).code).toBe(0);
      await vi.waitUntil(async () => (await a.trunk()).workingState === "Master", PATIENCE);
      const moved = await stream.mark();
      console.info(`protect-switch: ${moved.longestGap / 1_000} ms, ${moved.lost} of ${moved.sent} lost`);
      expect(moved).toMatchObject({ flowing: true });
      expect(moved.longestGap).toBeLessThan(500_000);
    });

    test("both bridges count what they heard, the frame itself was passed on", async () => {
      // Three for each switch, and three when the trunk came up.
      await vi.waitUntil(async () => (await flushCounters(all.a))["Eth-Trunk1"]?.sent === 9, PATIENCE);
      await vi.waitUntil(async () => ((await flushCounters(all.bridges[0])).a1?.received ?? 0) >= 3, PATIENCE);
      const [x1, x2] = await Promise.all(all.bridges.map((each) => flushCounters(each)));
      expect(x2?.a2).toMatchObject({ received: 3, dropped: 0, lastInterface: "a2", lastControlVlan: 5 });
      expect(x1?.x).toMatchObject({ received: 3, dropped: 0 });
      const { stdout } = await all.bridges[1].control("display", "smart-link", "flush");
      expect(Number(/^Receive flush packets count: +(\d+)\n/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(6);
      expect((await all.bridges[1].control("reset", "smart-link", "flush")).code).toBe(0);
      expect((await flushCounters(all.bridges[1])).a2?.received).toBe(0);
    });
  });

  describe("without Flush", () => {
    let all: FlushLab;
    beforeAll(async () => {
      all = await create(false);
    });
    afterAll(destroy);

    test("ends in a black hole, until the endpoint speaks itself", async () => {
      const { stream, wire, a } = all;
      expect(await all.portOf(1)).toBe("x");
      await stream.mark();
      await wire.disconnect("a1");
      await vi.waitUntil(async () => (await a.trunk()).workingState === "Slave", PATIENCE);
      await vi.waitUntil(() => stream.sinceMark.longestGap > SILENCE, PATIENCE);
      // The trunk has moved long ago; the bridge still believes its station behind the link to the other bridge.
      expect(await all.portOf(1)).toBe("x");
      expect(stream.sinceMark.flowing).toBe(false);
      await all.speakAtA();
      await vi.waitUntil(() => stream.sinceMark.flowing, PATIENCE);
      const { longestGap, lost, sent } = await stream.mark();
      console.info(`without Flush: ${longestGap / 1_000} ms without a frame, ${lost} of ${sent} lost`);
      expect(longestGap).toBeGreaterThan(BLACK_HOLE);
    });
  });
});
