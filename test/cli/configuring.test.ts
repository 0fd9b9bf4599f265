import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Daemon as Client } from "../../src/cli/client.js";
import { Shell } from "../../src/cli/shell.js";
import type { Model } from "../../src/config/model.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import type { Daemon } from "../../src/daemon/daemon.js";
import { startInProcess } from "../support/daemon-in-process.js";
import { CTRL, Terminal, UP } from "./terminal.js";

vi.setConfig({ testTimeout: 30_000 });

const TEXT = "sysname DeviceA\ninterface Eth-Trunk1\n mode lacp-static\ninterface eth1\n eth-trunk 1\n";
const QUESTION = "Warning: Uncommitted configurations found, commit them before exiting? [Y(yes)/N(no)/C(cancel)]:";

let folder: string;
let daemon: Daemon;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "etrunkctl-configuring-"));
  daemon = await startInProcess(folder, { model: readConfiguration(TEXT).model });
});
afterEach(async () => {
  daemon.stopForRestart();
  await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
});

const path = (): string => join(folder, "socket");

async function running(): Promise<Model> {
  const client = new Client(path());
  const { model } = await client.ask<"current-configuration">({ ask: "current-configuration" });
  client.close();
  return model as Model;
}

describe("on a terminal", () => {
  let terminal: Terminal;

  beforeEach(async () => {
    terminal = new Terminal(path());
    await terminal.shows("<DeviceA>");
  });
  afterEach(async () => {
    terminal.keys.end();
    await terminal.ended;
  });

  /** Types lines, each followed by the prompt that is expected after it. */
  async function type(...steps: readonly (readonly [line: string, prompt: string])[]): Promise<void> {
    for (const [line, prompt] of steps) {
      terminal.type(`${line}\r`);
      await terminal.shows(prompt);
    }
  }

  test("views, prompts and marks are those of the guides", async () => {
    await type(
      ["sys", "[~DeviceA]"],
      ["sysname DeviceB", "[*DeviceB]"],
      ["commit", "[~DeviceB]"],
      ["e-trunk 1", "[*DeviceB-e-trunk-1]"],
      ["priority 20", "[*DeviceB-e-trunk-1]"],
      ["interface eth-trunk 1", "[*DeviceB-Eth-Trunk1]"],
      ["e-tr 1", "[*DeviceB-Eth-Trunk1]"],
      ["com", "[~DeviceB-Eth-Trunk1]"],
      ["quit", "[~DeviceB]"],
      ["vlan 10", "[*DeviceB-vlan10]"],
      ["bfd", "[*DeviceB-bfd]"],
      ["bfd hello bind peer-ip 10.0.0.2", "[*DeviceB-bfd-session-hello]"],
      ["clear configuration candidate", "[~DeviceB]"],
      ["interface loopback 0", "[*DeviceB-LoopBack0]"],
      ["undo interface LoopBack0", "[*DeviceB-LoopBack0]"],
      ["system-view", "[*DeviceB]"],
      ["undo interface LoopBack0", "[~DeviceB]"],
      ["return", "<DeviceB>"],
    );
    expect(terminal.text).toContain(
      "<DeviceA>sys\nEnter system view, return user view with return command.\n[~DeviceA]",
    );
    expect(await running()).toMatchObject({ sysname: "DeviceB", etrunks: { 1: { priority: 20 } } });
  });

  test("a script that turned paging off sees the new name when it runs", async () => {
    await type(
      ["screen-length 0 temporary", "<DeviceA>"],
      ["system-view", "[~DeviceA]"],
      ["sysname DeviceB", "[*DeviceA]"],
      ["commit", "[~DeviceB]"],
    );
  });

  test("errors stand under the line, with a caret where it stops being one", async () => {
    await type(["system-view", "[~DeviceA]"], ["interface Eth-Trunk1", "[~DeviceA-Eth-Trunk1]"]);
    terminal.type("lacp timeout fastest\r");
    await terminal.showsText(
      `[~DeviceA-Eth-Trunk1]lacp timeout fastest\n${" ".repeat(34)}^\nError: Unrecognized command found at '^' position.\n[~`,
    );
    terminal.type("interface eth-trunk\r");
    await terminal.showsText(
      `[~DeviceA-Eth-Trunk1]interface eth-trunk\n${" ".repeat(40)}^\nError: Incomplete command found at '^' position.\n[~`,
    );
    terminal.type("d\r");
    await terminal.showsText("Error: Ambiguous command found at '^' position.\n[~");
    terminal.type("mode manual backup\r");
    await terminal.showsText("Error: Eth-Trunk1 has member interfaces. Remove them before changing the mode.\n[~");
  });

  test("? and Tab know the lines of the view, the commands of the shell and the names in the candidate", async () => {
    await type(["system-view", "[~DeviceA]"], ["interface eth-trunk 77", "[*DeviceA-Eth-Trunk77]"]);
    terminal.type("?");
    await terminal.showsText("Current view commands:\n");
    for (const word of ["commit", "display", "mode", "trunkport", "undo"])
      expect(terminal.text).toMatch(new RegExp(`\\n {2}${word} +\\S`));
    expect(terminal.text).not.toMatch(/\n {2}marker/);
    terminal.type("mode lacp-");
    terminal.type("\t");
    await terminal.shows("[*DeviceA-Eth-Trunk77]mode lacp-static ");
    terminal.type("\r");
    await terminal.shows("[*DeviceA-Eth-Trunk77]");
    await type(["quit", "[*DeviceA]"]);
    terminal.type("undo interface Eth-Trunk7\t");
    await terminal.shows("[*DeviceA]undo interface Eth-Trunk77 ");
  });

  test("asks before lines are left behind: cancel stays, another word is asked again, no drops them", async () => {
    await type(
      ["system-view", "[~DeviceA]"],
      ["sysname DeviceB", "[*DeviceB]"],
      ["quit", QUESTION],
      ["c", "[*DeviceB]"],
    );
    await type(
      ["return", QUESTION],
      ["maybe", "Error: Please choose 'YES', 'NO' or 'CANCEL' first before pressing 'Enter'. [Y/N/C]:"],
      ["NO", "<DeviceA>"],
    );
    expect(await running()).toMatchObject({ sysname: "DeviceA" });
    terminal.type(UP);
    await terminal.shows("<DeviceA>return");
  });

  test("yes commits and leaves; Ctrl+Z asks too, and Ctrl+C takes the question back", async () => {
    await type(["system-view", "[~DeviceA]"], ["sysname DeviceB", "[*DeviceB]"]);
    terminal.type(CTRL.z);
    await terminal.shows(QUESTION);
    terminal.type(CTRL.c);
    await terminal.shows("[*DeviceB]");
    await type(["quit", QUESTION], ["yes", "<DeviceB>"]);
    expect(await running()).toMatchObject({ sysname: "DeviceB" });
  });

  test("a key is in no history", async () => {
    await type(
      ["system-view", "[~DeviceA]"],
      ["e-trunk 1", "[*DeviceA-e-trunk-1]"],
      ["security-key cipher YsHsjx_202206", "[*DeviceA-e-trunk-1]"],
    );
    const before = terminal.shown.length;
    terminal.type("security-kye cipher YsHsjx_202206\r");
    await terminal.showsText("Unrecognized command");
    await type(["display history-command", "[*DeviceA-e-trunk-1]"]);
    const shown = terminal.shown.slice(before + 60);
    expect(shown).toContain("  security-key cipher ***\n  security-kye cipher ***\n");
    expect(shown.slice(shown.indexOf("display history"))).not.toContain("YsHsjx");
    terminal.type(UP + UP + UP);
    await terminal.shows("[*DeviceA-e-trunk-1]security-key cipher ***");
    terminal.type(CTRL.c);
  });

  test("shows the candidate, what it changes, and what runs of the view", async () => {
    await type(
      ["system-view", "[~DeviceA]"],
      ["interface Eth-Trunk1", "[~DeviceA-Eth-Trunk1]"],
      ["lacp timeout fast", "[*DeviceA-Eth-Trunk1]"],
      ["display this", "[*DeviceA-Eth-Trunk1]"],
      ["display configuration candidate", "[*DeviceA-Eth-Trunk1]"],
      ["display configuration candidate changes", "[*DeviceA-Eth-Trunk1]"],
    );
    expect(terminal.text).toContain("display this\n#\ninterface Eth-Trunk1\n mode lacp-static\n#\nreturn\n[");
    expect(terminal.text).toContain("candidate\ninterface Eth-Trunk1\n lacp timeout fast\n[");
    expect(terminal.text).toContain("changes\nBuilding configuration\n  interface Eth-Trunk1\n+  lacp timeout fast\n[");
  });

  test("after a restart of the daemon the lines are typed again, and a refused commit names its view", async () => {
    await type(
      ["system-view", "[~DeviceA]"],
      ["interface Eth-Trunk2", "[*DeviceA-Eth-Trunk2]"],
      ["description mine", "[*DeviceA-Eth-Trunk2]"],
    );
    daemon.stopForRestart();
    rmSync(join(folder, "state"), { recursive: true });
    await type(["mode lacp-static", "[*DeviceA-Eth-Trunk2]"]);
    expect(terminal.text).toContain("etrunkctl: cannot reach the daemon");
    daemon = await startInProcess(folder, { model: readConfiguration(TEXT).model });
    await type(["mode lacp-static", "[*DeviceA-Eth-Trunk2]"]);
    expect(terminal.text).toContain("Info: The daemon was restarted: 2 lines typed again, 0 refused.\n");
    await type(["commit", "[~DeviceA-Eth-Trunk2]"]);
    expect((await running()).interfaces?.["Eth-Trunk2"]).toEqual({ description: "mine", mode: "lacp-static" });
  });
});

describe("from a script", () => {
  /** The lines typed one after the other; the texts that they print, and why one was refused. */
  async function script(
    lines: readonly string[],
    options: { ask?: (question: string) => Promise<string | undefined> } = {},
  ) {
    const client = new Client(path());
    let printed = "";
    const output = {
      print: (text: string) => {
        printed += text;
      },
      complain: (line: string) => {
        printed += `${line}\n`;
      },
    };
    const shell = new Shell({ daemon: client, output, json: false });
    try {
      for (const line of lines) await shell.line(line, options);
      return { printed, refused: undefined };
    } catch (error) {
      return { printed, refused: (error as Error).message };
    } finally {
      client.close();
    }
  }

  test("a commit is refused as a whole, each problem behind its view, and a kept line says so", async () => {
    expect(await script(["system-view", "multicast ipv6 routing-enable", "commit", "commit"])).toEqual({
      printed:
        "Enter system view, return user view with return command.\n" +
        "Info: Kept in the configuration; etrunkd does not act on it.\n" +
        "Info: No configuration changes to commit.\n",
      refused: undefined,
    });
  });

  test("lines that are left without an answer are dropped, and that is a refusal", async () => {
    expect(await script(["system-view", "sysname x", "return"])).toMatchObject({
      refused: "Uncommitted configurations found; they are dropped",
    });
    expect(await script(["system-view", "sysname x", "return"], { ask: async () => "y" })).toMatchObject({
      refused: undefined,
    });
    expect(await running()).toMatchObject({ sysname: "x" });
  });

  test("the lock is seen by others and refuses their commit", async () => {
    const first = new Client(path());
    await first.ask<"configuration-lock">({ ask: "configuration-lock", lock: true });
    const { refused } = await script(["system-view", "sysname x", "commit"]);
    expect(refused).toMatch(/^The configuration is locked by other user. \[Session ID = \d+\]$/);
    const { printed } = await script(["display configuration-occupied user", "display configuration sessions"]);
    expect(printed).toMatch(/^User Index: \d+\n(.*\n)*The time out value .* is: 30 second\(s\)\n-{74}\n {2}Session/);
    expect(printed).toMatch(/\n\* \d+ +VTY \d+ /);
    first.close();
  });
});
