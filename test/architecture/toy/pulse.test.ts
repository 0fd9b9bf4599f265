import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Daemon as Client } from "../../../src/cli/client.js";
import { Shell } from "../../../src/cli/shell.js";
import { readConfiguration } from "../../../src/config/reading/read.js";
import { toDesired } from "../../../src/config/to-desired.js";
import type { Mac } from "../../../src/core/base/address.js";
import { seconds } from "../../../src/core/base/time.js";
import type { Daemon } from "../../../src/daemon/daemon.js";
import { World } from "../../simulation/world.js";
import { startInProcess } from "../../support/daemon-in-process.js";
import { SimulatedMachine } from "../../support/simulated-machine.js";
import { WITH_PULSE } from "./pulse-part.js";
import { commands, grammar, questions } from "./pulse-surface.js";

const CONFIGURATION = "interface Eth-Trunk1\n mode lacp-static\ninterface eth1\n eth-trunk 1\n";
const model = (text = CONFIGURATION) => readConfiguration(text, { grammar }).model;
const facts = (mac: number) => ({ deviceMac: mac as Mac, bindings: new Map() });

describe("a protocol that no file of src knows, plugged in by the public lists", () => {
  describe("in the simulator", () => {
    const world = new World({ protocols: WITH_PULSE });
    const [a, b] = [0x020000000a01, 0x020000000a02].map((mac, n) =>
      world.addNode("ab"[n] as string, toDesired(model(), facts(mac), grammar)),
    ) as [ReturnType<World["addNode"]>, ReturnType<World["addNode"]>];
    const cable = world.connect({ node: a, device: "eth1" }, { node: b, device: "eth1" });
    const pulsesOf = (node: string) =>
      world.events.filter((each) => each.node === node).map(({ event }) => event as { event: string; name?: string });
    const alarms = (node: string) =>
      pulsesOf(node)
        .filter(({ name }) => name === "pulseLost")
        .map(({ event }) => event);

    test("hears its neighbour, and tells of it once", () => {
      world.startAll();
      world.run(seconds(7));
      for (const node of ["a", "b"])
        expect(pulsesOf(node).filter(({ event }) => event === "pulse-heard")).toEqual([
          expect.objectContaining({ interface: "eth1", source: expect.stringMatching(/^02:/) }),
        ]);
      // At 0, 2, 4 and 6 s: the default of the line.
      expect(
        world.sent.filter(({ node, bytes }) => node === "a" && bytes[12] === 0x88 && bytes[13] === 0xb5),
      ).toHaveLength(4);
    });

    test("raises its alarm on silence, and clears it", () => {
      world.cut(cable);
      world.run(seconds(7));
      expect(alarms("a")).toEqual(["alarm"]);
      world.cut(cable, false);
      world.run(seconds(3));
      expect(alarms("a")).toEqual(["alarm", "alarm-cleared"]);
    });
  });

  describe("in a daemon", () => {
    const folder = mkdtempSync(join(tmpdir(), "etrunkd-toy-"));
    const machine = new SimulatedMachine();
    let daemon: Daemon;
    let client: Client;

    beforeAll(async () => {
      machine.setLink({ index: 1, name: "eth1" });
      const plugged = { grammar, protocols: WITH_PULSE, questions };
      daemon = await startInProcess(folder, {
        machine,
        model: model(`pulse interval 1\n${CONFIGURATION}`),
        ...plugged,
      });
      client = new Client(join(folder, "socket"));
    });
    afterAll(async () => {
      client.close();
      daemon.stopForRestart();
      await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
    });

    const typed = async (line: string, json = false): Promise<string> => {
      let text = "";
      const print = (more: string) => {
        text += more;
      };
      const output = { print, complain: () => {} };
      await new Shell({ daemon: client, output, json, commands }).line(line);
      return text;
    };

    test("answers on the control socket and through etrunkctl, as text and as JSON", async () => {
      const pulse = machine.sent.find(({ frame }) => frame.readUInt16BE(12) === 0x88b5)?.frame;
      expect(pulse).toBeDefined();
      machine.receive(1, pulse as Buffer);
      await vi.waitFor(async () => expect(await typed("display pulse")).toBe("eth1: 1 pulses\n"));
      expect(JSON.parse(await typed("display pulse", true))).toEqual({
        interfaces: [{ name: "eth1", received: 1, source: "02:00:00:00:00:01" }],
      });
      expect(await typed("display pul?")).toContain("pulse");
    });

    test("prints its line with the configuration, and no default", async () => {
      expect(await typed("display current-configuration")).toContain("\npulse interval 1\n");
    });
  });
});
