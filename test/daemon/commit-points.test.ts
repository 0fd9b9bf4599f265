import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Daemon as Client } from "../../src/cli/client.js";
import type { Output } from "../../src/cli/output.js";
import { runReplace } from "../../src/cli/replace.js";
import { Shell } from "../../src/cli/shell.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import type { Daemon } from "../../src/daemon/daemon.js";
import { CommitPoints } from "../../src/daemon/state/commit-points.js";
import { startInProcess } from "../support/daemon-in-process.js";

const TEXT = "sysname PE1\ninterface Eth-Trunk1\n mode lacp-static\n";

let folder: string;
let daemon: Daemon;
let client: Client;
let printed = "";
const output: Output = {
  print: (text) => {
    printed += text;
  },
  complain: (line) => {
    printed += `${line}\n`;
  },
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "etrunkd-commits-"));
  daemon = await startInProcess(folder, { model: readConfiguration(TEXT).model });
  client = new Client(join(folder, "socket"));
});
afterEach(async () => {
  client.close();
  daemon.stopForRestart();
  await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
});

const commits = (): string => join(folder, "state", "commits");

/** Types lines into a shell; returns what it printed. */
async function typed(...lines: readonly string[]): Promise<string> {
  printed = "";
  const shell = new Shell({ daemon: client, output, json: false });
  for (const line of lines) await shell.line(line);
  return printed;
}

const running = () => typed("display current-configuration");

test("each commit is a point, listed with its label, changes and configuration", async () => {
  await typed("system-view", "sysname PE2", "commit label first description why it was", "return");
  await typed("system-view", "sysname PE3", 'commit comment "by a script"', "return");
  const list = await typed("display configuration commit list");
  expect(list).toMatch(/^-{131}\nNo\. {2}CommitId {5}Label {60}User {12}TimeStamp\n-{131}\n/);
  expect(list).toMatch(/\n1 {4}1000000002 {3}- .*VTY \d+ .*\n2 {4}1000000001 {3}first .*VTY \d+/);
  const verbose = await typed("display configuration commit list verbose");
  for (const part of ["Label: first", "Description: why it was", "Description: by a script", "Type: CLI"])
    expect(verbose).toContain(part);
  expect(await typed("display configuration commit changes at 1000000001")).toBe(
    "Building configuration\n- sysname PE1\n+ sysname PE2\n",
  );
  expect(await typed("display configuration commit changes last 1")).toMatch(
    /^Commit changes of commitId 1000000002 .*\nBuilding configuration\n- sysname PE2\n\+ sysname PE3\n$/,
  );
  expect(await typed("display configuration commit at 1000000001")).toContain("sysname PE2");
  await expect(typed("display configuration commit at 1000000009")).rejects.toThrow(
    "The commit 1000000009 does not exist.",
  );
  await typed("system-view", "sysname PE4");
  await expect(client.ask<"commit">({ ask: "commit", label: "first" })).rejects.toThrow(
    "The label first exists already.",
  );
  expect(await running()).toContain("sysname PE3");
});

test("a rollback goes to a commit, a label, a file, or before the last commits, the first one included", async () => {
  await typed("system-view", "sysname PE2", "interface Eth-Trunk2", "commit label two", "return");
  await typed("system-view", "sysname PE3", "undo interface Eth-Trunk1", "commit", "return");
  const before = await running();
  await typed("rollback configuration last 2");
  expect(readConfiguration(await running()).model).toEqual(readConfiguration(TEXT).model);
  await typed("rollback configuration to commit-id 1000000002");
  expect(await running()).toBe(before);
  await typed("rollback configuration to label two");
  expect(await running()).toContain("interface Eth-Trunk2");
  expect(await typed("display configuration commit list verbose")).toContain("Type: ROLLBACK");
  writeFileSync(join(folder, "old.cfg"), TEXT);
  await typed(`rollback configuration to file ${join(folder, "old.cfg")}`);
  expect(readConfiguration(await running()).model).toEqual(readConfiguration(TEXT).model);
  await expect(typed("rollback configuration last 9")).rejects.toThrow("6 commits can be rolled back.");
  await expect(typed("rollback configuration to label none")).rejects.toThrow("The label none does not exist.");
});

test("a rollback that is answered with no changes nothing", async () => {
  await typed("system-view", "sysname PE2", "commit", "return");
  const shell = new Shell({ daemon: client, output, json: false });
  const questions: string[] = [];
  const answers = ["what", "n"];
  await shell.line("rollback configuration last 1", {
    ask: async (question) => {
      questions.push(question);
      return answers.shift();
    },
  });
  expect(questions).toEqual([
    "Warning: This operation will revert configuration changes to the previous status. Continue? [Y/N]:",
    "Error: Please choose 'YES' or 'NO' first before pressing 'Enter'. [Y/N]:",
  ]);
  expect(await running()).toContain("sysname PE2");
});

test("a point that is cut, of a newer version or none is told and skipped", async () => {
  await typed("system-view", "sysname PE2", "commit", "return");
  const [name = ""] = readdirSync(commits());
  const whole = readFileSync(join(commits(), name), "utf8");
  writeFileSync(join(commits(), "1000000002.json"), whole.slice(0, 40));
  writeFileSync(join(commits(), "1000000003.json"), '{"format":2}');
  writeFileSync(join(commits(), "1000000004.json"), '{"format":1}');
  writeFileSync(join(commits(), "1000000005.json"), "null");
  const strange = JSON.stringify({ ...JSON.parse(whole), commit: "1000000006", model: { nothing: 1 } });
  writeFileSync(join(commits(), "1000000006.json"), strange);
  mkdirSync(join(commits(), "1000000007.json"));
  const list = await typed("display configuration commit list");
  expect(list).toMatch(/1000000002\.json: it is cut, or no commit point\./);
  expect(list).toMatch(/1000000003\.json: it is of a newer version of etrunkd\./);
  expect(list).toMatch(/1000000004\.json: it is no commit point: /);
  expect(list).toMatch(/1000000005\.json: it is no commit point: /);
  expect(list).toMatch(/1000000007\.json: is a directory \(EISDIR\)\./);
  await expect(typed("rollback configuration to commit-id 1000000002")).rejects.toThrow("it is cut");
  await expect(typed("rollback configuration to commit-id 1000000006")).rejects.toThrow(
    "The configuration of commit 1000000006 is refused: ",
  );
  expect(await running()).toContain("sysname PE2");
});

test("a commit that cannot be written down is refused with the reason, and its lines stay", async () => {
  writeFileSync(commits(), "in the way");
  const shell = new Shell({ daemon: client, output, json: false });
  for (const line of ["system-view", "sysname PE2"]) await shell.line(line);
  await expect(shell.line("commit")).rejects.toThrow(
    "The commit cannot be written to the state directory: not a directory (ENOTDIR).",
  );
  expect(await running()).toContain("sysname PE1");
  rmSync(commits());
  await shell.line("commit");
  expect(await running()).toContain("sysname PE2");
});

test("no key is in a point, its changes or its configuration", async () => {
  await typed("system-view", "e-trunk 1", "security-key simple YsHsjx_202206", "commit", "return");
  await typed("system-view", "e-trunk 1", "undo security-key", "commit", "return");
  for (const name of readdirSync(commits()))
    expect(readFileSync(join(commits(), name), "utf8")).not.toContain("YsHsjx");
  const shown = await typed("display configuration commit changes", "display configuration commit at 1000000001");
  expect(shown).toContain("security-key cipher");
  expect(shown).not.toContain("YsHsjx");
});

test("the newest 80 points are kept, and of large ones as many as fill 16 MiB", () => {
  const points = new CommitPoints(join(folder, "state"));
  const keep = (n: number, line: string): void =>
    points.keep({
      ...{ commit: String(1_000_000_000 + n), time: "2026-11-30T22:34:16.000Z", type: "CLI" },
      ...{ label: null, description: null, session: 1, lines: [line], before: [], model: {} },
    });
  for (let n = 1; n <= 85; n++) keep(n, "");
  expect(points.list().points.map(({ commit }) => commit)).toEqual(
    Array.from({ length: 80 }, (_, n) => String(1_000_000_085 - n)),
  );
  for (let n = 86; n <= 88; n++) keep(n, "x".repeat(7 * 1024 * 1024));
  expect(points.list().points.map(({ commit }) => commit)).toEqual(["1000000088", "1000000087"]);
});

test("--replace lets a file run and prints the differences; --check only prints them", async () => {
  const file = join(folder, "new.cfg");
  const replace = async (check: boolean) => {
    printed = "";
    const { signal } = new AbortController();
    return { code: await runReplace({ daemon: client, file, check, json: false, output, signal }), printed };
  };
  writeFileSync(file, TEXT.replace("PE1", "PE2"));
  const differences = "- sysname PE1\n+ sysname PE2\n";
  expect(await replace(true)).toEqual({ code: 0, printed: differences });
  expect(await running()).toContain("sysname PE1");
  expect(await replace(false)).toEqual({ code: 0, printed: differences });
  expect(await running()).toContain("sysname PE2");
  expect(await replace(false)).toEqual({ code: 0, printed: "" });
  writeFileSync(file, "sysname PE3\nno command\n");
  expect(await replace(false)).toMatchObject({ code: 1, printed: expect.stringMatching(/new\.cfg:2: /) });
  writeFileSync(file, "#\n");
  expect(await replace(false)).toMatchObject({ code: 1, printed: expect.stringContaining("The file is empty") });
  expect(await running()).toContain("sysname PE2");
  // An uncommitted line of another session is not lost.
  const shell = new Shell({ daemon: client, output, json: false });
  for (const line of ["system-view", "interface Eth-Trunk1", "description mine"]) await shell.line(line);
  writeFileSync(file, TEXT.replace("PE1", "PE4"));
  expect(await replace(false)).toMatchObject({ code: 0 });
  printed = "";
  await shell.line("display configuration candidate");
  expect(printed).toContain("description mine");
});
