import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PeerPort } from "./peers/lacp-peer.js";
import { BOTH, LINKS, Setting, withPeers } from "./peers/setting.js";

const FAST = "11111100";
const millisecondsSince = (start: number): number => performance.now() - start;

withPeers(BOTH, (kind) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await Setting.create(kind, 2, { active: true, fast: true });
  });
  afterAll(() => setting?.close());

  const agreed = (): Promise<void> => setting.untilAgreed(20, FAST, FAST);
  const carrying = (ports: readonly PeerPort[]): boolean[] => ports.map((port) => port.carrying);

  describe.each(LINKS)("with --link %s and fast timers", (link) => {
    beforeAll(async () => {
      await setting.startDaemon({ trunk: ["lacp timeout fast"], flags: ["--link", link] });
    });
    beforeEach(() => agreed());
    afterEach(async ({ task }) => {
      await setting.reportIfFailed(task);
      await setting.wire.restore();
    });

    /** Until the second port is out on both ends; the first must not move meanwhile. Milliseconds each end took. */
    async function untilSecondPortIsOut(): Promise<{ ours: number; theirs: number }> {
      const start = performance.now();
      const took = { ours: Number.NaN, theirs: Number.NaN };
      const moved: string[] = [];
      await setting.until(10, ({ ports: [first, second] }, theirs) => {
        const out = second?.status === "Unselect" && !second.distributing;
        if (out && Number.isNaN(took.ours)) took.ours = millisecondsSince(start);
        if (theirs[1]?.carrying === false && Number.isNaN(took.theirs)) took.theirs = millisecondsSince(start);
        if (first?.portState !== FAST || !theirs[0]?.carrying) moved.push(`${first?.portState} ${theirs[0]?.carrying}`);
        expect(Object.values(took).some(Number.isNaN)).toBe(false);
      });
      expect(moved).toEqual([]);
      return took;
    }

    test("a silent cut removes only that port, on both ends, when three seconds are over; heal brings it back", async () => {
      await setting.wire.silence("p2");
      const took = await untilSecondPortIsOut();
      // The last PDU came up to a second before the cut.
      for (const milliseconds of Object.values(took)) {
        expect(milliseconds).toBeGreaterThan(1900);
        expect(milliseconds).toBeLessThan(4000);
      }
      await setting.until(10, (trunk) => {
        expect(trunk).toMatchObject({ operState: "up", upPorts: 1 });
        expect(trunk.ports.map((port) => port.status)).toEqual(["Selected", "Unselect"]);
        // Frames may still come from a partner that does not know yet, for a second.
        expect(trunk.ports.map((port) => port.collecting)).toEqual([true, false]);
      });
      await setting.wire.heal("p2");
      await agreed();
    });

    test("carrier loss removes the port at once on every end that sees it", async () => {
      const start = performance.now();
      await Promise.all([setting.wire.carrier("p2", "ours", false), setting.wire.carrier("p2", "theirs", false)]);
      await setting.until(5, (trunk, theirs) => {
        expect(trunk.ports[1]).toMatchObject({ linkUp: false, status: "Unselect", collecting: false });
        if (setting.peer.seesCarrier) expect(carrying(theirs)).toEqual([true, false]);
      });
      expect(millisecondsSince(start)).toBeLessThan(1000);
      await setting.until(10, (trunk, theirs) => {
        expect(trunk).toMatchObject({ operState: "up", upPorts: 1 });
        expect(carrying(theirs)).toEqual([true, false]);
      });
      await Promise.all([setting.wire.carrier("p2", "ours", true), setting.wire.carrier("p2", "theirs", true)]);
      await agreed();
    });

    test("a monitor hears one event at the loss of a port and one at its return", async () => {
      const monitor = await setting.daemon.monitor("port-state", "trunk-state");
      await setting.wire.silence("p2");
      await setting.until(10, (trunk) => expect(trunk.ports[1]?.status).toBe("Unselect"));
      await setting.wire.heal("p2");
      await agreed();
      await monitor.stop();
      const [watching, ...events] = monitor.lines();
      expect(watching?.event).toBe("watching");
      expect(events).toMatchObject([
        { event: "port-state", trunk: 1, port: "p2", from: "Selected", to: "Unselect" },
        { event: "port-state", trunk: 1, port: "p2", from: "Unselect", to: "Selected" },
      ]);
      expect(events).toHaveLength(2);
    });

    test("an interface deleted and made anew under the daemon comes back into the trunk", async () => {
      await setting.wire.unplug("p2", "ours");
      await setting.until(5, (trunk) => {
        expect(trunk).toMatchObject({ operState: "up", upPorts: 1 });
        expect(trunk.ports[1]).toMatchObject({ name: "p2", linkUp: false, status: "Unselect" });
      });
      // What the partner does with the port meanwhile must not matter: it may or may not have timed out.
      await setting.wire.replug("p2", "ours");
      await agreed();
    });
  });
});
