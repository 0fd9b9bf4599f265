import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Daemon } from "../support/daemon.js";
import { collect, ended, isRoot, Lab, stop } from "../support/lab.js";
import { committed, scriptOf, TYPINGS } from "../support/seeds.js";

const ETRUNKCTL = fileURLToPath(new URL("../../dist/etrunkctl.js", import.meta.url));

describe.runIf(isRoot)("etrunkctl types into a daemon", () => {
  let lab: Lab;
  let namespace: string;
  let daemon: Daemon;
  let sessions: ChildProcess[];
  let tests = 0;

  beforeAll(async () => {
    lab = new Lab();
    namespace = await lab.namespace("s");
  });
  afterAll(() => lab.close());
  beforeEach(async () => {
    sessions = [];
    const folder = join(lab.folder, `test-${++tests}`);
    daemon = await Daemon.start({ namespace, folder, configuration: "sysname HUAWEI\n" });
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(daemon.log);
    for (const session of sessions) await stop(session);
    await daemon.stop();
  });

  const running = async (): Promise<string[]> => {
    const { stdout } = await daemon.control("display", "current-configuration");
    return committed(stdout.trimEnd().split("\n"));
  };

  /** A session whose lines the test writes one by one. */
  function session() {
    const child = spawn(process.execPath, [ETRUNKCTL, "--socket", daemon.socket], { stdio: "pipe" });
    sessions.push(child);
    return { child, type: (line: string) => void child.stdin.write(`${line}\n`), printed: collect(child.stdout) };
  }

  const file = (name: string, text: string): string => {
    const path = join(lab.folder, name);
    writeFileSync(path, text);
    return path;
  };

  test.for(TYPINGS)("with -f, seed $name", async (typing) => {
    const done = await daemon.control("-f", file("seed.txt", scriptOf(typing)));
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(await running()).toEqual(typing.result);
  });

  test("from ten scripts at once, each of which commits", async () => {
    const monitor = await daemon.monitor("configuration");
    const scripts = Array.from({ length: 10 }, (_, at) =>
      file(`ten-${at}.txt`, `system-view\ninterface eth-trunk ${at + 1}\ndescription ${at}\ncommit\n`),
    );
    const all = await Promise.all(scripts.map((path) => daemon.control("-f", path)));
    expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(scripts.map(() => ({ code: 0, stderr: "" })));
    const ids = () => new Set(monitor.lines().flatMap((line) => ("commit" in line ? [line.commit] : [])));
    await vi.waitFor(() => expect(ids().size).toBe(10));
    await monitor.stop();
    expect((await running()).filter((line) => line.startsWith("interface Eth-Trunk"))).toHaveLength(10);
  });

  test("from a session that holds the lock and is killed, after which others commit", async () => {
    const { child, type, printed } = session();
    for (const line of ["system-view", "configuration exclusive", "sysname x", "display configuration candidate"])
      type(line);
    await vi.waitFor(() => expect(printed()).toContain("\nsysname x\n"), { timeout: 20_000 });
    const other = file("other.txt", "system-view\nsysname y\ncommit\n");
    expect((await daemon.control("-f", other)).stderr).toContain(":3: The configuration is locked by other user.");
    child.kill("SIGKILL");
    await ended(child);
    expect(await daemon.control("-f", other)).toMatchObject({ code: 0 });
    expect(await running()).toContain("sysname y");
  });

  test("through a restart, after which the lines are typed again", async () => {
    const { child, type, printed } = session();
    for (const line of [
      "system-view",
      "e-trunk 1",
      "security-key cipher YsHsjx_202206",
      "display configuration candidate",
    ])
      type(line);
    await vi.waitFor(() => expect(printed()).toContain(" security-key cipher %^%#1:"), { timeout: 20_000 });
    daemon.signal("SIGUSR2");
    expect(await daemon.ended()).toBe(0);
    await daemon.start();
    for (const line of ["priority 20", "commit"]) type(line);
    child.stdin.end();
    await ended(child);
    expect(child.exitCode).toBe(0);
    expect(printed()).toContain("Info: The daemon was restarted: 2 lines typed again, 0 refused.\n");
    expect(await running()).toContain(" priority 20");
    expect(printed()).not.toContain("YsHsjx");
  });
});
