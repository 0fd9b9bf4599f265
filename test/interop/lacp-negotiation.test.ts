import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Capture } from "./peers/raw-frames.js";
import { BOTH, LINKS, OUR_SYSTEM, Setting, withPeers } from "./peers/setting.js";

const ACTIVE_SLOW = { active: true, fast: false };
const ACTIVE_FAST = { active: true, fast: true };
const PASSIVE_SLOW = { active: false, fast: false };

const PATIENCE_SECONDS = 20;
/**
 * A passive port only listens. One that began too late for the first LACPDUs hears the next of a slow partner 30 s later,
 * of one in a guest on a loaded machine more than 36 s.
 */
const PASSIVE_PATIENCE_SECONDS = 60;

const pairs = [
  { name: "active with active", ours: ACTIVE_SLOW, theirs: ACTIVE_SLOW, ourState: "10111100", theirState: "10111100" },
  {
    name: "passive with active",
    ours: PASSIVE_SLOW,
    theirs: ACTIVE_SLOW,
    ourState: "00111100",
    theirState: "10111100",
  },
  {
    name: "active with passive",
    ours: ACTIVE_SLOW,
    theirs: PASSIVE_SLOW,
    ourState: "10111100",
    theirState: "00111100",
  },
  { name: "fast with slow", ours: ACTIVE_FAST, theirs: ACTIVE_SLOW, ourState: "11111100", theirState: "10111100" },
  { name: "slow with fast", ours: ACTIVE_SLOW, theirs: ACTIVE_FAST, ourState: "10111100", theirState: "11111100" },
  { name: "fast with fast", ours: ACTIVE_FAST, theirs: ACTIVE_FAST, ourState: "11111100", theirState: "11111100" },
];

/** All of them once; with teamd and over pcap the four that differ most. */
const pairsWith = (kind: string, link: string): typeof pairs =>
  kind === "teamd" || link === "pcap" ? pairs.slice(0, 4) : pairs;

withPeers([...BOTH, "teamd"], (kind) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await Setting.create(kind, 2, ACTIVE_SLOW);
  });
  afterEach(async ({ task }) => {
    await setting.reportIfFailed(task);
    await setting.stopDaemon();
  });
  afterAll(() => setting?.close());

  describe.each(kind === "teamd" ? (["ring"] as const) : LINKS)("with --link %s", (link) => {
    const name = "$name: every port is selected and both ends tell the same";
    test.each(pairsWith(kind, link))(name, { timeout: 120_000 }, async (pair) => {
      await setting.peer.configure(pair.theirs);
      await setting.startDaemon({
        trunk: pair.ours.fast ? ["lacp timeout fast"] : [],
        passive: !pair.ours.active,
        flags: ["--link", link],
      });
      const patience = pair.ours.active ? PATIENCE_SECONDS : PASSIVE_PATIENCE_SECONDS;
      await setting.untilAgreed(patience, pair.ourState, pair.theirState);
    });
  });

  test("etrunkctl shows the same as the control socket answers", async () => {
    await setting.peer.configure(ACTIVE_SLOW);
    await setting.startDaemon();
    await setting.untilAgreed(PATIENCE_SECONDS, "10111100", "10111100");
    const { code, stdout } = await setting.daemon.control("--json", "display", "eth-trunk", "1");
    expect(code).toBe(0);
    const shown = JSON.parse(stdout);
    expect(shown.ports.map((port: { partner: unknown }) => port.partner)).toEqual(
      (await setting.daemon.trunk()).ports.map((port) => port.partner),
    );
    const text = await setting.daemon.control("display", "eth-trunk", "1");
    expect(text.stdout).toMatch(/p1 .*Selected .*10111100/);
  });

  // The others speak when a port of theirs begins, passive or not.
  if (kind !== "Open vSwitch") return;
  test("passive with passive: no LACPDU passes and no port is selected", async () => {
    await setting.peer.configure(PASSIVE_SLOW);
    const capture = await Capture.start(setting.lab, setting.wire.ours, "p1");
    await setting.startDaemon({ passive: true });
    // The receive machine has given up: it waited three seconds for a partner.
    await setting.until(PATIENCE_SECONDS, (trunk) => {
      for (const port of trunk.ports) expect(port).toMatchObject({ linkUp: true, receiveState: "DEFAULTED" });
    });
    await capture.stop();
    expect(capture.lacpdusOf(OUR_SYSTEM)).toEqual([]);
    const trunk = await setting.daemon.trunk();
    expect(trunk.operState).toBe("down");
    expect(trunk.ports.map((port) => port.status)).toEqual(["Unselect", "Unselect"]);
  });
});
