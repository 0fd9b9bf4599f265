import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { PortCheckpoint } from "../../src/core/device/checkpoint.js";
import type { Daemon } from "../support/daemon.js";
import { stateText } from "../support/frames.js";
import { OpenVswitch } from "./peers/open-vswitch.js";
import { Capture, type CapturedLacpdu } from "./peers/raw-frames.js";
import { BOTH, OUR_SYSTEM, ourPorts, Setting, withPeers } from "./peers/setting.js";

const stops = [
  { how: "SIGUSR2 and a start", signal: "SIGUSR2", code: 0 },
  { how: "kill -9 and a start within a second", signal: "SIGKILL", code: null },
] as const;
const rows = stops.flatMap((stop) => [
  { ...stop, timers: "fast", link: "ring" } as const,
  { ...stop, timers: "slow", link: "ring" } as const,
  { ...stop, timers: "fast", link: "pcap" } as const,
]);

/** The boxes of our ports' mux machines and the states of their partners, as a next process would find them. */
function storedStates(daemon: Daemon): string[][] {
  const stored = JSON.parse(readFileSync(join(daemon.stateDirectory, "checkpoint"), "utf8"));
  const ports: readonly PortCheckpoint[] = stored.checkpoint.ports;
  return ports.map(({ saved }) => [saved?.muxState ?? "", stateText(saved?.partner?.state ?? 0)]);
}

withPeers(BOTH, (kind) => {
  let setting: Setting;
  let captures: Capture[];
  beforeAll(async () => {
    setting = await Setting.create(kind, 2, { active: true, fast: true });
  });
  beforeEach(async () => {
    captures = await Promise.all(setting.wire.ports.map((port) => Capture.start(setting.lab, setting.wire.ours, port)));
  });
  afterEach(async ({ task }) => {
    await setting.reportIfFailed(task);
    for (const capture of captures) await capture.stop();
    await setting.stopDaemon();
  });
  afterAll(() => setting?.close());

  const losses = async (): Promise<number> => (setting.peer instanceof OpenVswitch ? setting.peer.losses() : 0);
  const after = (time: number, pdus: CapturedLacpdu[]): CapturedLacpdu[] => pdus.filter((pdu) => pdu.time > time);

  test.each(rows)(
    "$how leave the partner's ports as they were, with $timers timers and --link $link",
    async ({ signal, code, timers, link }) => {
      const fast = timers === "fast";
      const state = fast ? "11111100" : "10111100";
      await setting.peer.configure({ active: true, fast });
      const daemon = await setting.startDaemon({
        trunk: fast ? ["lacp timeout fast"] : [],
        flags: ["--link", link],
      });
      await setting.untilAgreed(20, state, state);
      const ends = ourPorts(await daemon.trunk());
      // A kill before the last change is on disk is seen: the checkpoint is written behind.
      await vi.waitFor(
        () => expect(storedStates(daemon)).toEqual(ends.map((end) => ["COLLECTING_DISTRIBUTING", end.partner.state])),
        5000,
      );
      const partner = ends[0]?.partner.system ?? "";
      const lossesBefore = await losses();

      const stopped = Date.now() * 1000;
      daemon.signal(signal);
      expect(await daemon.ended()).toBe(code);
      await daemon.start();
      const ready = Date.now() * 1000;

      // With fast timers until the partner has been heard for longer than its timeout, were it to count from our last PDU.
      const enough = fast ? 5 : 0;
      await vi.waitFor(
        async () => {
          for (const capture of captures) {
            expect(after(stopped, capture.lacpdusOf(OUR_SYSTEM))).not.toEqual([]);
            expect(after(stopped, capture.lacpdusOf(partner)).length).toBeGreaterThanOrEqual(enough);
          }
        },
        { timeout: 20_000, interval: 200 },
      );
      await setting.untilAgreed(5, state, state);
      expect(ourPorts(await daemon.trunk())).toEqual(ends);

      for (const capture of captures) {
        const told = after(stopped, capture.lacpdusOf(partner));
        expect(told.map((pdu) => [pdu.actor.state, pdu.partner.state])).toEqual(told.map(() => [state, state]));
        const [first] = after(stopped, capture.lacpdusOf(OUR_SYSTEM));
        // It leaves at once: up to a second of the partner's three had passed before the stop.
        expect((first?.time ?? Number.NaN) - ready).toBeLessThan(500_000);
        expect(first?.actor.state).toBe(state);
      }
      expect(await losses()).toBe(lossesBefore);
    },
  );
});
