import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Daemon as Client } from "../../src/cli/client.js";
import { printConfiguration } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import type { Daemon } from "../../src/daemon/daemon.js";
import { CommitPoints } from "../../src/daemon/state/commit-points.js";
import { startInProcess } from "../support/daemon-in-process.js";

const TEXT = `
sysname PE1
interface Eth-Trunk1
 mode lacp-static
interface eth1
 eth-trunk 1
`;

describe("a session that edits the configuration", () => {
  let folder: string;
  let daemon: Daemon;
  const clients: Client[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "etrunkd-sessions-"));
    daemon = await startInProcess(folder, { model: readConfiguration(TEXT).model });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    daemon.stopForRestart();
    // A write under way may add a file meanwhile.
    await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
  });

  const open = (): Client => {
    const client = new Client(join(folder, "socket"));
    clients.push(client);
    return client;
  };
  /** A session in system view. */
  const enter = async (...lines: string[]): Promise<Client> => {
    const client = open();
    await client.ask<"enter-configuration">({ ask: "enter-configuration" });
    for (const line of lines) expect(await type(client, line)).toMatchObject({ outcome: "taken" });
    return client;
  };
  const type = (client: Client, line: string) => client.ask<"type">({ ask: "type", line });
  const commit = (client: Client) => client.ask<"commit">({ ask: "commit" });
  const session = (client: Client) => client.ask<"session">({ ask: "session" });
  const running = async (): Promise<string> =>
    (await open().ask<"current-configuration">({ ask: "current-configuration" })).lines.join("\n");
  const candidate = async (client: Client) => (await client.ask<"candidate">({ ask: "candidate" })).lines;

  test("types lines into a candidate of its own, which runs when it is committed", async () => {
    const client = await enter("interface eth-trunk 2");
    expect(await session(client)).toMatchObject({ view: "eth-trunk", suffix: "Eth-Trunk2", changed: true });
    expect(await type(client, "mode lacp-st")).toMatchObject({
      outcome: "taken",
      line: { view: "eth-trunk", name: "Eth-Trunk2", line: "mode lacp-static" },
    });
    expect(await candidate(client)).toEqual(["interface Eth-Trunk2", " mode lacp-static"]);
    expect(await running()).not.toContain("Eth-Trunk2");
    const monitor = open().monitor(["configuration"]);
    await monitor.next();
    expect(await commit(client)).toMatchObject({
      commit: "1000000001",
      changed: ["interfaces.Eth-Trunk2"],
      problems: [],
      session: { view: "eth-trunk", changed: false },
    });
    expect((await monitor.next()).value.line).toMatchObject({ event: "configuration", commit: "1000000001" });
    expect(await running()).toContain("interface Eth-Trunk2\n mode lacp-static");
    expect(await candidate(client)).toEqual([]);
    expect(await commit(client)).toMatchObject({ commit: null, changed: [], problems: [] });
  });

  test("is told where a line stops being a command, and why one is refused", async () => {
    const client = await enter("interface Eth-Trunk1");
    expect(await type(client, "lacp timeout slow fast")).toMatchObject({
      outcome: "no-command",
      error: { kind: "too-many", column: 18 },
    });
    expect(await type(client, "mode manual load-balance")).toEqual({
      outcome: "refused",
      text: "Eth-Trunk1 has member interfaces. Remove them before changing the mode.",
    });
    expect(await session(client)).toMatchObject({ changed: false });
  });

  test("has no change after a view that exists, a repeated line and its own change taken back", async () => {
    const client = await enter("interface Eth-Trunk1", "mode lacp-static");
    expect(await session(client)).toMatchObject({ changed: false });
    await type(client, "lacp timeout fast");
    expect(await session(client)).toMatchObject({ changed: true });
    await type(client, "undo lacp timeout");
    expect(await session(client)).toMatchObject({ changed: false });
    expect(await candidate(client)).toEqual([]);
  });

  test("finds a line in the view above, and goes there", async () => {
    const client = await enter("interface Eth-Trunk1");
    expect(await type(client, "interface eth1")).toMatchObject({ outcome: "taken", session: { suffix: "eth1" } });
    expect(await type(client, "undo interface eth1")).toMatchObject({ outcome: "no-command" });
    expect(await type(client, "bfd")).toMatchObject({ session: { suffix: "bfd" } });
    expect(await type(client, "bfd one bind peer-ip 10.0.0.2")).toMatchObject({
      session: { suffix: "bfd-session-one" },
    });
  });

  test("does not leave lines behind unless it says so", async () => {
    const client = await enter("interface Eth-Trunk9");
    const leave = (to: "upper" | "user", drop?: boolean) =>
      client.ask<"leave">({ ask: "leave", to, ...(drop === undefined ? {} : { drop }) });
    expect(await leave("upper")).toMatchObject({ view: "system" });
    await expect(leave("upper")).rejects.toThrow("Uncommitted configurations found.");
    expect(await leave("user", true)).toMatchObject({ view: null, changed: false });
    await expect(type(client, "sysname x")).rejects.toThrow("Run system-view first.");
  });

  test("keeps every line when its commit is refused, while others commit", async () => {
    const client = await enter("interface Eth-Trunk1", "lacp preempt enable", "lacp preempt delay 5");
    // Another takes away what these lines stand on.
    const other = await enter("interface eth1", "undo eth-trunk", "interface Eth-Trunk1");
    await type(other, "mode manual load-balance");
    expect(await commit(other)).toMatchObject({ problems: [] });
    const refused = await commit(client);
    expect(refused).toMatchObject({ commit: null, session: { changed: true } });
    expect(refused.problems[0]).toMatch(/^interface Eth-Trunk1: The command needs mode lacp-static/);
    const third = await enter("sysname PE9");
    expect(await commit(third)).toMatchObject({ problems: [] });
    expect(await candidate(client)).toHaveLength(3);
    expect(await type(client, "mode lacp-static")).toMatchObject({ outcome: "taken" });
    expect(await type(client, "lacp timeout fast")).toMatchObject({ outcome: "taken" });
  });

  test("is told who changed the same attribute meanwhile, and goes on after a refresh", async () => {
    const client = await enter("sysname PE2", "interface Eth-Trunk1", "description mine");
    const other = await enter("interface Eth-Trunk1", "description theirs", "lacp timeout fast");
    const { session: number } = await session(other);
    await commit(other);
    const { problems } = await commit(client);
    expect(problems).toEqual([
      expect.stringMatching(
        new RegExp(
          `^The running configuration was changed by session ${number} at .*: description theirs. Run refresh configuration candidate.$`,
        ),
      ),
    ]);
    await expect(client.ask<"candidate-changes">({ ask: "candidate-changes" })).rejects.toThrow(
      "was changed by session",
    );
    expect(await client.ask<"refresh-candidate">({ ask: "refresh-candidate" })).toMatchObject({ dropped: [] });
    expect((await client.ask<"candidate-changes">({ ask: "candidate-changes" })).lines).toEqual([
      "- sysname PE1",
      "+ sysname PE2",
      "  #",
      "  interface Eth-Trunk1",
      "-  description theirs",
      "+  description mine",
    ]);
    expect(await commit(client)).toMatchObject({ problems: [] });
    expect(await running()).toContain("description mine\n mode lacp-static\n lacp timeout fast");
  });

  test("merges with what others changed elsewhere, the file included", async () => {
    const client = await enter("interface Eth-Trunk1", "description mine");
    const other = await enter("interface Eth-Trunk2", "description theirs");
    await commit(other);
    await daemon.apply(
      readConfiguration(`${TEXT}\nlacp priority 5\ninterface Eth-Trunk2\n description theirs\n`).model,
    );
    expect(await commit(client)).toMatchObject({ problems: [], changed: ["interfaces.Eth-Trunk1.description"] });
    const text = await running();
    for (const line of ["description mine", "description theirs", "lacp priority 5"]) expect(text).toContain(line);
  });

  test("alone may commit while it holds the lock, until it hangs up", async () => {
    const holder = await enter();
    await holder.ask<"configuration-lock">({ ask: "configuration-lock", lock: true });
    const { session: number } = await session(holder);
    const other = await enter("sysname PE2");
    await expect(commit(other)).rejects.toThrow(`The configuration is locked by other user. [Session ID = ${number}]`);
    expect((await other.ask<"configuration-sessions">({ ask: "configuration-sessions" })).holder).toMatchObject({
      session: number,
      timeout: 30,
    });
    holder.close();
    await vi.waitFor(async () => expect(await commit(other)).toMatchObject({ problems: [] }));
  });

  test("is refused when sixteen have a candidate, and 20 that open and leave disturb nobody", async () => {
    const client = await enter("sysname PE2");
    for (let at = 0; at < 20; at++) (await enter(`interface Eth-Trunk${at + 10}`)).close();
    expect(await candidate(client)).toEqual(["sysname PE2"]);
    await vi.waitFor(async () => {
      const { sessions } = await client.ask<"configuration-sessions">({ ask: "configuration-sessions" });
      expect(sessions).toHaveLength(1);
    });
    for (let at = 0; at < 15; at++) await enter();
    await expect(enter()).rejects.toThrow("16 sessions edit the configuration, which is the maximum: sessions ");
  });

  test("shows what runs of its view, and the running configuration with its candidate", async () => {
    const client = await enter("interface Eth-Trunk1", "description mine");
    expect(await client.ask<"this">({ ask: "this" })).toEqual({
      lines: ["#", "interface Eth-Trunk1", " mode lacp-static", "#", "return"],
    });
    const { lines, model } = await client.ask<"candidate-merge">({ ask: "candidate-merge" });
    expect(`${lines.join("\n")}\n`).toBe(printConfiguration(readConfiguration(lines.join("\n")).model));
    expect(model).toMatchObject({ interfaces: { "Eth-Trunk1": { description: "mine" } } });
    await client.ask<"leave">({ ask: "leave", to: "system" });
    expect(await client.ask<"this">({ ask: "this" })).toEqual({ lines: ["#", "sysname PE1", "#", "return"] });
  });

  test("shows no key, and remembers ciphertext", async () => {
    const client = await enter("e-trunk 1");
    const typed = await type(client, "security-key simple YsHsjx_202206");
    expect(typed).toMatchObject({
      outcome: "taken",
      line: { line: expect.stringMatching(/^security-key cipher %\^%#/) },
    });
    expect(JSON.stringify([typed, await candidate(client)])).not.toContain("YsHsjx");
  });
});

test("what the kernel cannot do is refused at commit, not while lines are typed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "etrunkd-sessions-"));
  const kernel = { vlanFiltering: false, vlanDevices: true, pushesTags: true };
  const daemon = await startInProcess(folder, { kernel });
  const client = new Client(join(folder, "socket"));
  await client.ask<"enter-configuration">({ ask: "enter-configuration" });
  const port = (name: string) => [`interface ${name}`, "portswitch", "port trunk allow-pass vlan 5"];
  for (const line of ["vlan batch 5", ...port("eth1"), "interface eth2", "portswitch"])
    expect(await client.ask<"type">({ ask: "type", line })).toMatchObject({ outcome: "taken" });
  expect((await client.ask<"commit">({ ask: "commit" })).problems).toEqual([
    expect.stringMatching(/^interface eth\d: The bridges of this kernel do not filter by VLAN: /),
  ]);
  await client.ask<"type">({ ask: "type", line: "port trunk allow-pass vlan 5" });
  expect(await client.ask<"commit">({ ask: "commit" })).toMatchObject({ problems: [], commit: "1000000001" });
  client.close();
  daemon.stopForRestart();
  await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
});

test("an editor that ends is told to its sessions, and the next begins anew", async () => {
  const folder = mkdtempSync(join(tmpdir(), "etrunkd-sessions-"));
  let end = (_: Error): void => {};
  let isBroken = false;
  const { editorHere } = await import("../../src/daemon/editing/port.js");
  const daemon = await startInProcess(folder, {
    editor: (running, facts, ended) => {
      const port = editorHere({}, new CommitPoints(folder))(running, facts, ended);
      end = ended;
      return { ...port, order: (order) => (isBroken ? Promise.reject(new Error("gone")) : port.order(order)) };
    },
  });
  const client = new Client(join(folder, "socket"));
  await client.ask<"enter-configuration">({ ask: "enter-configuration" });
  isBroken = true;
  await expect(client.ask<"type">({ ask: "type", line: "sysname x" })).rejects.toThrow(
    "The editor of the configuration ended",
  );
  isBroken = false;
  end(new Error("gone"));
  await expect(client.ask<"type">({ ask: "type", line: "sysname x" })).rejects.toThrow("Run system-view first.");
  expect(await client.ask<"version">({ ask: "version" })).toMatchObject({ forwarding: expect.any(String) });
  client.close();
  daemon.stopForRestart();
  await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
});
