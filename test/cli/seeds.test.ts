import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Daemon as Client, Refused } from "../../src/cli/client.js";
import { Shell } from "../../src/cli/shell.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import type { Daemon } from "../../src/daemon/daemon.js";
import { startInProcess } from "../support/daemon-in-process.js";
import { ABSENT, committed, stepOf, TYPINGS } from "../support/seeds.js";

let folder: string;
let daemon: Daemon;
let client: Client;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "etrunkctl-seeds-"));
  daemon = await startInProcess(folder, { model: readConfiguration("sysname HUAWEI\n").model });
  client = new Client(join(folder, "socket"));
});
afterEach(async () => {
  client.close();
  daemon.stopForRestart();
  await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
});

test.for(TYPINGS)("seed $name is typed as it is printed", async ({ lines, result }) => {
  let printed = "";
  const print = (text: string): void => {
    printed += text;
  };
  const shell = new Shell({ daemon: client, output: { print, complain: print }, json: false });
  await shell.configuring.meet({});
  for (const step of lines) {
    const { prompt, line } = stepOf(step);
    if (prompt !== undefined) expect(shell.configuring.prompt, line).toBe(prompt);
    const absent = ABSENT.find(([pattern]) => pattern.test(line));
    if (absent === undefined) await shell.line(line);
    else await expect(shell.line(line), absent[1]).rejects.toThrow(Refused);
  }
  expect(shell.configuring.prompt).toMatch(/^\[~/);
  const { lines: running } = await client.ask<"current-configuration">({ ask: "current-configuration" });
  expect(committed(running)).toEqual(result);
  expect(printed).not.toContain("YsHsjx");
});
