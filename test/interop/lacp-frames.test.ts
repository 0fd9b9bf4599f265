import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { markerFrame, readLacpdu, readMarker, toHex } from "../support/frames.js";
import { type CapturedFrame, writePcap } from "../support/pcap.js";
import { COMPLAINTS, tshark } from "../support/tshark.js";
import { Capture, sendFrame } from "./peers/raw-frames.js";
import { BOTH, LINKS, Setting, withPeers } from "./peers/setting.js";

withPeers(BOTH, (kind) => {
  let setting: Setting;
  /** What the port was found with: a member has the address of its trunk. */
  let ownAddress: string;
  beforeAll(async () => {
    setting = await Setting.create(kind, 2, { active: true, fast: false });
    ownAddress = await setting.wire.macAddress("p1", "ours");
  });
  afterEach(({ task }) => setting.reportIfFailed(task));
  afterAll(() => setting?.close());

  describe.each(LINKS)("with --link %s", (link) => {
    let capture: Capture;
    beforeAll(async () => {
      capture = await Capture.start(setting.lab, setting.wire.ours, "p1");
      await setting.startDaemon({ flags: ["--link", link] });
      await setting.untilAgreed(20, "10111100", "10111100");
    });

    test("a Marker from a raw socket is answered, octet for octet", async () => {
      const asked = { requesterPort: 0x1234, requesterSystem: "02:00:00:00:0c:01", transaction: 0xcafe0042 };
      await sendFrame(setting.wire.theirs, "p1", markerFrame({ ...asked, source: "02:00:00:00:0c:02" }));
      const ofOurs = (): CapturedFrame[] =>
        capture.frames().filter(({ bytes }) => readMarker(bytes)?.transaction === asked.transaction);
      await vi.waitFor(() => expect(ofOurs()).toHaveLength(2), { timeout: 5000, interval: 100 });
      const [request, response] = ofOurs();
      expect(await setting.wire.macAddress("p1", "ours")).not.toBe(ownAddress);
      const answer = markerFrame({ ...asked, type: "response", source: ownAddress });
      expect(toHex(response!.bytes)).toBe(toHex(answer));
      expect(response!.time - request!.time).toBeLessThan(50_000);
    });

    test(`etrunkctl marker ${kind === "Linux bonding" ? "measures the round trip" : "gets no answer"}`, async () => {
      const { code, stdout } = await setting.daemon.control("--json", "marker", "eth-trunk", "1");
      expect(code).toBe(0);
      const { ports } = JSON.parse(stdout) as { ports: { name: string; roundTripMs: number | null }[] };
      expect(ports.map((port) => port.name)).toEqual(["p1", "p2"]);
      const text = await setting.daemon.control("marker", "eth-trunk", "1");
      if (kind === "Linux bonding") {
        for (const port of ports) expect(port.roundTripMs).toBeLessThan(1000);
        expect(text.stdout).not.toContain("no answer");
      } else {
        for (const port of ports) expect(port.roundTripMs).toBeNull();
        expect(text.stdout).toContain("no answer");
      }
    });

    test("tshark has nothing to say against any frame sent, the farewell included", async () => {
      await setting.stopDaemon();
      expect(await setting.wire.macAddress("p1", "ours")).toBe(ownAddress);
      const sent = (): CapturedFrame[] =>
        capture.frames().filter(({ bytes }) => toHex(bytes.slice(6, 12)) === ownAddress.replaceAll(":", ""));
      await vi.waitFor(() => expect(readLacpdu(sent().at(-1)!.bytes)?.actor.state).toBe("10000000"), { timeout: 5000 });
      await capture.stop();
      const ours = sent();
      expect(ours.length).toBeGreaterThan(2);
      const file = `${capture.file}.ours`;
      writePcap(file, ours);
      const rows = tshark(file, ["frame.len", "eth.dst", "slow.subtype", ...COMPLAINTS]);
      for (const row of rows)
        expect(row).toEqual({
          "frame.len": "124",
          "eth.dst": "01:80:c2:00:00:02",
          "slow.subtype": expect.stringMatching(/^0x0[12]$/),
          "_ws.malformed": "",
          "_ws.expert.message": "",
        });
    });
  });
});
