import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Daemon as Client } from "../../src/cli/client.js";
import { readConfigurationFile } from "../../src/daemon/configuration/configuration-file.js";
import { Reloads } from "../../src/daemon/configuration/reloads.js";
import type { Daemon } from "../../src/daemon/daemon.js";
import { GAUGES } from "../../src/daemon/http/gauges.js";
import type { Measured } from "../../src/daemon/http/measured.js";
import { Log } from "../../src/daemon/log/log.js";
import { startInProcess } from "../support/daemon-in-process.js";

const TRUNK = "interface Eth-Trunk1\n mode lacp-static\n";
const WHOLE = `#\n${TRUNK}#\nreturn\n`;

describe("a configuration file that is read again", () => {
  let folder: string;
  let file: string;
  let daemon: Daemon;
  let reloads: Reloads;
  let client: Client;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "etrunkd-reloads-"));
    file = join(folder, "etrunkd.cfg");
  });
  afterEach(async () => {
    client.close();
    daemon.stopForRestart();
    // A write under way may add a file meanwhile.
    await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
  });

  async function start(text: string): Promise<void> {
    writeFileSync(file, text);
    const read = () => readConfigurationFile(file, {});
    const { model, end } = await read();
    reloads = new Reloads({
      end,
      started: Promise.resolve(),
      log: new Log("silent"),
      now: () => daemon.loop.apply((now) => now),
      read,
      apply: (changed) => daemon.apply(changed),
      refused: (problem) => daemon.configurationRefused(problem),
      reading: () => {},
    });
    daemon = await startInProcess(folder, { model, reloads });
    client = new Client(join(folder, "socket"));
  }

  const reload = (text: string) => {
    writeFileSync(file, text);
    return client.ask<"reload">({ ask: "reload" });
  };
  const alarms = async () => (await client.ask<"alarms">({ ask: "alarms" })).alarms.map(({ text }) => text);
  const trunks = async () => (await client.ask<"names">({ ask: "names" })).trunks;
  const metric = () => {
    const gauge = GAUGES.find(({ name }) => name === "etrunkd_config_last_reload_successful");
    return [...(gauge?.samples({ reload: () => reloads.last } as Measured) ?? [])][0]?.[1];
  };

  test.each([
    ["empty", WHOLE, ""],
    ["empty but for comments", TRUNK, "#\n\n # nothing\n"],
    ["cut before its return", WHOLE, `${TRUNK}interface Eth-Trunk2\n`],
    ["cut within a line that is right all the same", WHOLE, "interface Eth-Trunk1\n mode lacp-st"],
  ])("is refused when it is %s, with an alarm until one is in force", async (_, before, now) => {
    await start(before);
    expect(metric()).toBe(1);
    const refused = await reload(now);
    expect(refused).toMatchObject({ outcome: "refused", changed: [], problems: [expect.stringContaining(`${file}:`)] });
    expect(await client.ask<"reload-result">({ ask: "reload-result" })).toEqual(refused);
    expect(await trunks()).toEqual([1]);
    expect(await alarms()).toEqual([expect.stringContaining("The configuration file is not in force: ")]);
    expect(metric()).toBe(0);
    expect(await reload(before)).toMatchObject({ outcome: "unchanged", changed: [], problems: [] });
    expect(await alarms()).toEqual([]);
    expect(metric()).toBe(1);
  });

  test.each([
    ["has nothing but return", WHOLE, "return\n", []],
    ["never had a return", TRUNK, "interface Eth-Trunk2\n", [2]],
    ["is JSON now", WHOLE, "{}", []],
    ["was empty from the start", "", "", []],
  ])("is taken when it %s", async (_, before, now, left) => {
    await start(before);
    expect(await reload(now)).toMatchObject({ outcome: before === now ? "unchanged" : "applied", problems: [] });
    expect(await trunks()).toEqual(left);
  });

  test("is refused when it cannot be read, and each problem is told", async () => {
    await start(WHOLE);
    expect(await client.ask<"reload-result">({ ask: "reload-result" })).toEqual({
      ...{ time: null, outcome: null },
      ...{ changed: [], problems: [] },
    });
    expect((await reload("nonsense\nmore nonsense\nreturn\n")).problems).toHaveLength(2);
    expect(await alarms()).toEqual([expect.stringMatching(/:1: .*\(and 1 more\)$/)]);
    rmSync(file);
    const { outcome, problems } = await client.ask<"reload">({ ask: "reload" });
    expect([outcome, problems]).toEqual(["refused", [expect.stringContaining("no such file")]]);
    expect(await trunks()).toEqual([1]);
  });
});
