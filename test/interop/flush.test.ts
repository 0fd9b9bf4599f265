import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { flushFrame, readFlush } from "../support/flush-frames.js";
import { endpointA, FLUSH_KEY, FlushLab, flushCounters } from "../support/flush-lab.js";
import { toHex } from "../support/frames.js";
import { isRoot, Lab } from "../support/lab.js";
import { ipIn } from "../support/namespace.js";
import { COMPLAINTS, DISSECTOR, tshark } from "../support/tshark.js";
import { Capture } from "./peers/raw-frames.js";

/** Microseconds of silence that no switch-over lasts. */
const SILENCE = 3_000_000;
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
    let capture: Capture;
    beforeAll(async () => {
      all = await create(true);
      capture = await Capture.start(lab, all.namespaces.x2, "a2", ["ether", "dst", "01:0f:e2:00:00:04"]);
    });
    afterAll(async () => {
      await capture?.stop();
      await destroy();
    });

    test("goes on over the other link, though nobody spoke there", async () => {
      const { stream, wire, a, b, bridges } = all;
      const monitor = await a.monitor("working-port", "flush-sent");
      const heard = await bridges[1].monitor("flush-received");
      expect((await b.control("reset", "smart-link", "flush")).code).toBe(0);
      expect(await all.portOf(1)).toBe("x");
      await stream.mark();
      await wire.disconnect("a1");
      await vi.waitUntil(async () => (await a.trunk()).workingState === "Slave", PATIENCE);
      await vi.waitUntil(() => heard.lines().length === 4, PATIENCE);
      expect(heard.lines()[1]).toMatchObject({ event: "flush-received", interface: "a2", vlan: 5 });
      const moved = await stream.mark();
      console.info(`with Flush: ${moved.longestGap / 1_000} ms without a frame, ${moved.lost} of ${moved.sent} lost`);
      expect(moved.flowing).toBe(true);
      expect((await b.trunk()).workingState).toBe("Master");
      await vi.waitUntil(() => monitor.lines().length === 3, PATIENCE);
      expect(monitor.lines().slice(1)).toMatchObject([
        { event: "working-port", trunk: 1, from: "a1", to: "a2", reason: "the working port went down" },
        { event: "flush-sent", trunk: 1, interface: "a2", vlan: 5 },
      ]);
      await Promise.all([monitor.stop(), heard.stop()]);
    });

    test("what told the bridges is in the capture, octet by octet and by every reader", async () => {
      await vi.waitUntil(() => capture.frames().length === 3, PATIENCE);
      const frames = capture.frames().map(({ bytes }) => bytes);
      const [{ address } = {}] = JSON.parse(await ipIn(all.namespaces.a, "-j", "link", "show", "dev", "a2"));
      const { systemMac } = JSON.parse((await all.a.control("--json", "display", "version")).stdout);
      const { epoch } = readFlush(frames[0]!)!;
      // The interface has the MAC address of its trunk while it is a member; what it says itself has its own.
      const source = [...frames[0]!.subarray(6, 12)].map((octet) => octet.toString(16).padStart(2, "0")).join(":");
      expect(source).not.toBe(address);
      // Three went out when the trunk came up.
      const expected = [4, 5, 6].map((sequence) =>
        flushFrame({
          source,
          device: systemMac,
          mode: "hmac",
          password: FLUSH_KEY,
          epoch,
          sequence,
          vlans: [1, 5],
        }),
      );
      expect(frames.map(toHex)).toEqual(expected.map(toHex));
      const headers = ["eth.dst", "vlan.id", "vlan.len", "llc.dsap", "llc.ssap", "llc.control", "llc.oui", "llc.type"];
      for (const frame of tshark(capture.file, [...headers, "data.len", ...COMPLAINTS]))
        expect(Object.values(frame)).toEqual(
          ["01:0f:e2:00:00:04", "5", "576", "0xaa", "0xaa", "0x0003", "0", "0x88b5", "568"].concat(["", ""]),
        );
      const own = ["device_id", "control_vlan", "auth_mode", "epoch", "sequence", "vlans"];
      const fields = own.map((name) => `etrunkd.flush.${name}`);
      expect(tshark(capture.file, [...fields, ...COMPLAINTS], DISSECTOR).map((frame) => Object.values(frame))).toEqual(
        ["4", "5", "6"].map((sequence) => [systemMac, "5", "3", `${epoch}`, sequence, "1,5", "", ""]),
      );
      const decoded = await all.a.control("--decode", capture.file);
      expect(decoded).toMatchObject({ code: 0, stderr: "" });
      const told = [...decoded.stdout.matchAll(/Epoch (\d+), Sequence (\d)\n.*hmac .*\n +VLANs (.*)\n/g)];
      expect(told.map(([, ...values]) => values)).toEqual(["4", "5", "6"].map((n) => [`${epoch}`, n, "1 5"]));
    });

    test("a 1:1 trunk that heeds Flush hears it on the member that waits as well", async () => {
      const { b } = all;
      expect((await b.trunk()).ports.map(({ collecting }) => collecting)).toEqual([true, false]);
      // Of each frame a copy comes over either bridge; the one that comes second is no news.
      const heard = async () => (await flushCounters(b))["Eth-Trunk1"];
      await vi.waitFor(async () => expect(await heard()).toMatchObject({ received: 3, dropped: 3 }), PATIENCE);
      expect(await heard()).toMatchObject({ lastControlVlan: 5, lastReason: "replay" });
    });

    test("and comes back the same way when traffic is switched by hand", async () => {
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

    test("with inactive-port shutdown the link that waits is down, and comes up when it is needed", async () => {
      const { stream, wire, a, namespaces } = all;
      const carrierAtBridge = async (): Promise<boolean> =>
        (await ipIn(namespaces.x2, "link", "show", "dev", "a2")).includes("LOWER_UP");
      expect(await carrierAtBridge()).toBe(true);
      a.configure(endpointA(true, " inactive-port shutdown enable"));
      await vi.waitUntil(async () => !(await carrierAtBridge()), PATIENCE);
      expect((await a.trunk()).ports[1]).toMatchObject({ status: "Down", role: "slave" });
      await stream.mark();
      await wire.disconnect("a1");
      await vi.waitUntil(async () => (await a.trunk()).workingState === "Slave", PATIENCE);
      expect(await carrierAtBridge()).toBe(true);
      await vi.waitUntil(() => stream.sinceMark.flowing, PATIENCE);
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
    });
  });
});
